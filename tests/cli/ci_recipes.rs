//! The recipes of docs/ci.md are run as they stand there, on a small catalogue:
//! the same cases, and the same end, as one run of all of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::{Place, RELEASE, fresh_modules, three_scenarios};
use serde_json::Value;

/// The cases that a recipe runs here, instead of the whole catalogue.
const CASES: [&str; 6] = [
    "one",
    "two",
    "bad",
    "--lane",
    "reference,native",
    "--no-shrink",
];

/// What stands in for Slurm: an array runs at once, task by task, and so does
/// what depends on it.
const SBATCH: &str = r#"#!/bin/bash
echo "$*" >> sbatch-calls
for word; do
    case $word in
        --array=*) array=${word#*=} ;;
        *.sbatch) script=$word ;;
    esac
done
if [ -n "${array:-}" ]; then
    export SLURM_ARRAY_JOB_ID=77 SLURM_CPUS_PER_TASK=2
    for task in $(seq "${array%-*}" "${array#*-}"); do
        SLURM_ARRAY_TASK_ID=$task bash "$script" > "stress-77-$task.txt" 2>&1
        echo $? >> array-codes
    done
    echo 77
else
    bash "$script" > merge.txt 2>&1
    echo $? > merge-code
    echo 'Submitted batch job 78'
fi
"#;

/// What stands in for Kubernetes: a Job runs when it is applied, pod by pod.
const KUBECTL: &str = r#"#!/bin/bash
echo "$*" >> kubectl-calls
case "$1 $3" in
    'apply stress.yaml')
        for index in 0 1 2; do
            JOB_COMPLETION_INDEX=$index bash part.sh > /dev/null 2>&1 || exit 9
        done
        echo 'SuccessCriteriaMet Complete' > stress-status ;;
    'apply merge.yaml')
        bash merge.sh > log 2>&1 && ended=Complete || ended=Failed
        echo "FailureTarget $ended" > stress-merge-status ;;
    'get stress' | 'get stress-merge') cat "$3-status" ;;
    logs*) cat log ;;
    wait*) grep -w Complete stress-merge-status ;;
    delete*) ;;
    *) exit 9 ;;
esac
"#;

/// A recipe by the name of its file.
fn recipe(name: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/recipe");
    let output = Command::new(script).arg(name).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of the block that follows `key: |` (or `- |`) after `start`.
fn block_in(yaml: &str, start: &str, key: &str) -> String {
    let rest = yaml.split_once(start).expect("the recipe has this step").1;
    let mut lines = rest
        .lines()
        .skip_while(|line| line.trim() != key)
        .skip(1)
        .peekable();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth = indent(lines.peek().expect("the block has lines"));
    let inside = lines.take_while(|line| line.trim().is_empty() || indent(line) >= depth);
    inside
        .map(|line| format!("{}\n", line.get(depth..).unwrap_or_default()))
        .collect()
}

/// A place with a small catalogue, a cache, and the commands of the recipes on
/// the PATH: `vera-stress` runs the small catalogue whatever else it is told.
struct Site {
    place: Place,
}

impl Site {
    fn new() -> Site {
        let place = three_scenarios();
        fresh_modules(&place);
        let stress = format!(
            "#!/bin/bash\nwords=()\nfor word; do\n    [ \"$word\" = . ] && word={RELEASE}\n    words+=(\"$word\")\ndone\n\
             [ \"$1\" = run ] && words+=(--catalogue \"{}\" {})\nexec \"{}\" \"${{words[@]}}\"\n",
            place.path("catalogue").display(),
            CASES.join(" "),
            env!("CARGO_BIN_EXE_vera-stress"),
        );
        for (name, text) in [
            ("vera-stress", &*stress),
            ("sbatch", SBATCH),
            ("kubectl", KUBECTL),
        ] {
            let file = place.write(&format!("bin/{name}"), text);
            fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Site { place }
    }

    /// Runs a script with variables in its environment.
    fn bash(&self, script: &str, environment: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(self.place.path(""))
            .env(
                "PATH",
                format!("{}:{path}", self.place.path("bin").display()),
            )
            .envs(environment.iter().copied());
        command.output().unwrap()
    }

    /// The file where a recipe has left it.
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.place.path(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
    }

    /// The last event of a JSON file without the time.
    fn summary(&self, file: &str) -> Value {
        let text = self.read(file);
        let mut summary: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(summary["event"], "run-finished", "{text}");
        // A run of which parts are joined is in no history that could list its cases.
        for key in ["seconds", "listed"] {
            summary.as_object_mut().unwrap().remove(key);
        }
        summary
    }

    /// Fails the test unless a recipe has left in this folder what one run of all
    /// cases leaves.
    #[track_caller]
    fn is_whole(&self, folder: &str) {
        let whole = self.bash("vera-stress run --vera . --seed 7 --json whole.jsonl", &[]);
        assert_eq!(whole.status.code(), Some(1), "{whole:?}");
        let merged = self.summary(&format!("{folder}stress.jsonl"));
        assert_eq!(merged, self.summary("whole.jsonl"));
        assert_eq!(
            (&merged["passed"], &merged["failed"]),
            (&4.into(), &2.into())
        );
        let junit = self.read(&format!("{folder}stress.xml"));
        assert_eq!(junit.matches("<testcase ").count(), 6, "{junit}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_four_lines_that_explain_it_work() {
    let site = Site::new();
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md"));
    let guide = guide.unwrap();
    let lines = guide
        .split("```console\n")
        .find(|block| block.starts_with("$ vera-stress run --seed 7"));
    let (lines, _) = lines.unwrap().split_once("```").unwrap();
    // Some of the cases fail, and the last line is the one that counts.
    let output = site.bash(&lines.replace("$ vera-stress", "vera-stress"), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    site.is_whole("");
}

#[test]
fn the_matrix_for_github_is_the_run() {
    let site = Site::new();
    let workflow = recipe(".github/workflows/stress-in-parts.yml");
    assert!(workflow.contains("part: [1, 2, 3, 4]"));
    // As GitHub runs it: `bash -e`.
    let step = |name| format!("set -e\n{}", block_in(&workflow, name, "run: |"));
    let part = step("- name: Run a part");
    for number in ["1", "2", "3", "4"] {
        let output = site.bash(&part, &[("PART", number), ("PARTS", "4"), ("SEED", "7")]);
        assert!(
            output.status.success(),
            "a failing case ends no part: {output:?}"
        );
    }
    let merge = step("- name: Merge the parts");
    let output = site.bash(&merge, &[]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "the last job fails: {output:?}"
    );
    site.is_whole("");
    assert!(
        site.read("stress.txt")
            .contains("6 cases: 4 passed, 2 failed")
    );
    // A part that cannot run is no success.
    fs::remove_file(site.place.path("part-1.jsonl")).unwrap();
    let broken = part.replace("--vera .", "--vera ./nowhere");
    let output = site.bash(&broken, &[("PART", "1"), ("PARTS", "4"), ("SEED", "7")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = site.bash(&merge, &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stdout).contains("part 1/4 is missing"),
        "{output:?}"
    );
}

#[test]
fn the_indexed_job_for_kubernetes_is_the_run() {
    let site = Site::new();
    let job = recipe("stress.yaml");
    // Each index is told how many there are.
    let value = |key: &str| {
        let rest = job.split_once(key).unwrap().1;
        rest.lines()
            .next()
            .unwrap()
            .trim()
            .trim_matches('"')
            .to_owned()
    };
    assert_eq!(
        value("completions:"),
        value("name: PARTS\n              value:")
    );
    assert_eq!(value("completionMode:"), "Indexed");
    let merge = recipe("merge.yaml");
    let seed = "name: SEED\n              value: \"20261121\"";
    assert!(
        job.contains(seed) && merge.contains(seed),
        "one seed in both"
    );
    let stress = site.place.path("").display().to_string();
    let stress = stress.trim_end_matches('/');
    let environment = [("STRESS", stress), ("SEED", "7"), ("PARTS", "3")];
    let script = |yaml: &str| block_in(yaml, "command: [bash, -c]", "- |");
    let part = script(&job);
    site.place.write("part.sh", &part);
    site.place.write("merge.sh", &script(&merge));
    let output = site.bash(&recipe("stress-on-kubernetes.sh"), &environment);
    assert_eq!(
        output.status.code(),
        Some(1),
        "the second Job fails: {output:?}"
    );
    let said = text(&output.stdout);
    assert!(said.contains("6 cases: 4 passed, 2 failed"), "{said}");
    site.is_whole("run-7/");
    // What failed has its folder beside the parts.
    assert!(site.place.path("run-7/.vera-stress/failures/bad").is_dir());
    // A pod that cannot run is tried again.
    let broken = part.replace("--vera 0.2.5", "--vera ./nowhere");
    let second = [&environment[..], &[("JOB_COMPLETION_INDEX", "1")]].concat();
    let output = site.bash(&broken, &second);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn the_array_for_slurm_is_the_run() {
    let site = Site::new();
    for name in ["stress.sbatch", "merge.sbatch", "submit.sh"] {
        let text = recipe(name);
        assert_eq!(
            name == "submit.sh",
            !text.starts_with("#!/bin/bash\n"),
            "{name}"
        );
        site.place.write(name, &text);
    }
    let environment = [("PARTS", "3"), ("SEED", "7")];
    let output = site.bash("bash submit.sh", &environment);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        site.read("sbatch-calls"),
        "--parsable --array=1-3 stress.sbatch\n--dependency=afterany:77 merge.sbatch\n"
    );
    assert_eq!(
        site.read("array-codes"),
        "0\n0\n0\n",
        "{}",
        site.read("stress-77-1.txt")
    );
    assert_eq!(site.read("merge-code"), "1\n", "{}", site.read("merge.txt"));
    site.is_whole("run-7/");
    // A part that was killed before its first case leaves the others whole.
    let part = site.read("run-7/part-2.jsonl");
    site.place.write("run-7/part-2.jsonl", &part[..100]);
    let output = site.bash("sbatch merge.sbatch", &environment);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(site.read("merge-code"), "1\n");
    let said = site.read("merge.txt");
    assert!(said.contains("]: part 2/3 is missing\n"), "{said}");
    // The guide says how to run it again.
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md"));
    let again = "PARTS=8 sbatch --array=3 stress.sbatch";
    assert!(guide.unwrap().contains(again));
    site.bash(
        "PARTS=3 sbatch --array=2 stress.sbatch; sbatch merge.sbatch",
        &environment,
    );
    site.is_whole("run-7/");
}

#[test]
fn every_script_of_the_guide_is_one() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md"));
    let guide = guide.unwrap();
    let mut scripts: Vec<String> = guide
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect();
    assert_eq!(scripts.len(), 4);
    for name in ["stress.yaml", "merge.yaml"] {
        scripts.push(block_in(&recipe(name), "command:", "- |"));
    }
    let check = |script: &str| {
        let output = Command::new("bash").args(["-n", "-c", script]).output();
        output.unwrap().status.success()
    };
    for script in scripts {
        assert!(check(&script), "{script}");
        assert!(!check(&format!("{script}\nif")), "a check that can fail");
    }
}
