//! `--github`: annotations on standard output, and the summary of a step.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::{Place, main_of, three_scenarios};

/// The file of the step's summary in a place.
const SUMMARY: &str = "summary.md";

/// What a step sets, and nothing of the machine's own.
fn in_a_step(place: &Place, summary: Option<&Path>) -> Command {
    let mut command = place.process();
    command
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("GITHUB_WORKSPACE", place.path(""));
    if let Some(summary) = summary {
        command.env("GITHUB_STEP_SUMMARY", summary);
    }
    command
}

fn run(place: &Place, arguments: &[&str]) -> Output {
    let words = ["run", "--catalogue", "catalogue", "--github"];
    in_a_step(place, Some(&place.path(SUMMARY)))
        .args(words)
        .args(arguments)
        .output()
        .unwrap()
}

/// The workflow commands among what was printed, as the runner finds them.
fn commands(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("::"));
    lines.map(str::to_owned).collect()
}

fn summary(place: &Place) -> String {
    fs::read_to_string(place.path(SUMMARY)).unwrap()
}

#[test]
fn what_passes_is_annotated_with_nothing() {
    let place = three_scenarios();
    let output = run(&place, &["one", "two", "--lane", "reference,native"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(commands(&output), [] as [&str; 0]);
    let page = summary(&place);
    assert!(
        page.starts_with("### vera-stress run on Vera 0.2.5 (the default, as no other is here): all as expected\n"),
        "{page}"
    );
    assert!(page.contains("\n4 cases: 4 passed, 0 failed in "), "{page}");
    assert!(
        !page.contains("\n| "),
        "a table of what is as expected: {page}"
    );
}

#[test]
fn a_failure_in_several_lanes_is_one_annotation_at_its_program() {
    let place = three_scenarios();
    let output = run(&place, &["one", "two", "bad", "--lane", "reference,native"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    let start = "::error file=catalogue/left/bad/main.vera,line=1,title=bad%3A wrong on Vera 0.2.5::\
                 FAIL bad [reference] n=1000: expected 1, got 2%0A\
                 smallest failing n: 7 (6 passes)   guards tests of the harness%0A\
                 again: vera-stress run bad --lane reference --scale 7 --vera 0.2.5 --catalogue catalogue%0A";
    assert!(commands[0].starts_with(start), "{commands:?}");
    assert!(
        commands[0].ends_with("%0Aalso bad [native] n=1000: expected 1, got 2"),
        "{commands:?}"
    );
    let page = summary(&place);
    assert!(
        page.starts_with("### vera-stress run on Vera 0.2.5 (the default, as no other is here): not as expected\n"),
        "{page}"
    );
    let row = "| <code>bad</code> | <code>reference</code> | 1000 | wrong | expected 1, got 2 | 7 (6 passes) | tests of the harness | <code>vera-stress run bad --lane reference --scale 7 --vera 0.2.5 --catalogue catalogue</code> | <code>bad &#91;native&#93; n=1000</code> |\n";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("6 cases: 4 passed, 2 failed"), "{page}");
    assert_eq!(page.matches("<code>bad</code>").count(), 1, "{page}");
}

#[test]
fn a_real_failure_names_its_guards_with_links() {
    let place = Place::new();
    let output = in_a_step(&place, Some(&place.path(SUMMARY)))
        .args(["run", "linked-list", "--lane", "native", "--github"])
        .args(["--vera", "0.1.5"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    // The built-in catalogue is no part of the user's checkout.
    assert!(
        commands[0].starts_with("::error title=linked-list%3A wrong on Vera 0.1.5::FAIL linked-list [native] n=100000: expected 5000050000, got "),
        "{commands:?}"
    );
    assert!(
        commands[0].contains("%0Asmallest failing n: "),
        "{commands:?}"
    );
    let page = summary(&place);
    let link = "[&#35;1382](https://github.com/aallan/vera/issues/1382) collector writes through a guessed pointer<br>";
    assert!(page.contains(link), "{page}");
}

#[test]
fn a_known_limit_is_folded_and_one_that_is_fixed_is_an_error_at_its_line() {
    let place = Place::new();
    let limit = |from| {
        format!(
            "[[known]]\nvera = \">=0.0.1\"\nlanes = [\"*\"]\nfrom_n = {from}\nverdict = \"wrong\"\nbecause = \"a | b\"\n"
        )
    };
    let scenario = |name: &str, result: &str| {
        place
            .scenario(name)
            .program(&main_of("@Int", "pure", result))
            .expect("value = \"1\"")
            .tables(&limit(1))
            .write();
    };
    scenario("still", "2");
    scenario("gone", "1");
    let output = run(&place, &["still", "gone", "--lane", "reference"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    let toml = fs::read_to_string(place.path("catalogue/axis/gone/scenario.toml")).unwrap();
    let line = 1 + toml.lines().position(|it| it == "[[known]]").unwrap();
    let start = format!(
        "::error file=catalogue/axis/gone/scenario.toml,line={line},title=gone%3A fixed on Vera 0.2.5::FIXED gone "
    );
    assert!(commands[0].starts_with(&start), "{commands:?}");
    let page = summary(&place);
    assert!(
        page.contains("<details><summary>1 known limit</summary>\n\n| scenario "),
        "{page}"
    );
    assert!(page.contains("a &#124; b"), "{page}");
}

#[test]
fn what_is_not_run_is_one_error_for_each_reason() {
    let place = three_scenarios();
    let names = ["one", "two", "bad"];
    let budget = ["--lane", "reference", "--budget", "1ms"];
    let output = run(&place, &[&names[..], &budget].concat());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(
        commands[0].starts_with("::error title=3 cases not run::"),
        "{commands:?}"
    );
    for case in names {
        assert!(
            commands[0].contains(&format!("%0A{case} [reference] n=")),
            "{commands:?}"
        );
    }
    let page = summary(&place);
    assert!(
        page.contains("<details><summary>3 cases not run</summary>"),
        "{page}"
    );
}

#[test]
fn ten_errors_are_shown_and_the_tenth_names_the_others() {
    let place = Place::new();
    for number in 1..=12 {
        place
            .scenario(&format!("bad-{number:02}"))
            .program(&main_of("@Int", "pure", "2"))
            .expect("value = \"1\"")
            .write();
    }
    let output = run(&place, &["bad-*", "--lane", "native", "--no-shrink"]);
    let commands = commands(&output);
    assert_eq!(commands.len(), 10, "{commands:?}");
    let last = &commands[9];
    assert!(
        last.starts_with("::error title=3 more%2C which GitHub would not show::"),
        "{last}"
    );
    assert!(
        last.contains("%0Abad-10: wrong on Vera 0.2.5%0Abad-11"),
        "{last}"
    );
    assert_eq!(summary(&place).matches("<code>bad-").count(), 12);
}

#[test]
fn a_scenario_that_cannot_be_used_is_an_error_that_names_it() {
    let place = three_scenarios();
    place.write("catalogue/left/broken/scenario.toml", "title = 1\n");
    let output = run(&place, &["one", "--lane", "native"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(
        commands[0].starts_with("::error ")
            && commands[0].contains("broken/scenario.toml%3A1 cannot be used::"),
        "{commands:?}"
    );
}

#[test]
fn text_of_a_program_is_neither_a_command_nor_markup() {
    let place = Place::new();
    place
        .scenario("loud")
        .program(&main_of(
            "@Unit",
            "<IO>",
            "IO.print(\"::error::x | <b>100%</b>\\n::warning::y\\n\")",
        ))
        .expect("stdout = \"\\\"fine\\\"\"")
        .write();
    let output = run(&place, &["loud", "--lane", "reference", "--no-shrink"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(commands[0].contains("100%25"), "{commands:?}");
    let page = summary(&place);
    assert!(page.contains("x &#124; &#60;b&#62;100%"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
}

#[test]
fn without_a_summary_there_are_the_annotations() {
    let place = three_scenarios();
    let run = |summary: Option<&Path>| {
        in_a_step(&place, summary)
            .args(["run", "bad", "--catalogue", "catalogue", "--github"])
            .args(["--lane", "native", "--no-shrink"])
            .output()
            .unwrap()
    };
    for summary in [None, Some(Path::new(""))] {
        let output = run(summary);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(commands(&output).len(), 1, "{output:?}");
    }
    // What was asked for and cannot be is said before anything is run.
    for place in [place.path("nowhere/summary.md"), place.path("catalogue")] {
        let output = run(Some(&place));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let sentence = format!("the job summary {} cannot be written: ", place.display());
        assert!(
            said.contains(&sentence) && said.contains("next: "),
            "{said}"
        );
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.starts_with("::error title=nothing was run::the job summary ")
                && said.lines().count() == 1,
            "{said}"
        );
    }
}

#[test]
fn a_summary_keeps_what_is_in_it_and_stays_below_one_mebibyte() {
    let place = three_scenarios();
    let before = "earlier\n".repeat(130_000);
    place.write(SUMMARY, &before);
    let output = run(&place, &["bad", "--lane", "native", "--no-shrink"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let page = summary(&place);
    assert!(page.starts_with(&before) && page.len() > before.len());
    assert!(page.len() <= 1024 * 1024, "{}", page.len());
    assert_eq!(commands(&output).len(), 1);
    // A full one gets nothing, which an annotation says.
    let full = "x".repeat(1024 * 1024);
    place.write(SUMMARY, &full);
    let output = run(&place, &["bad", "--lane", "native", "--no-shrink"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(summary(&place), full);
    let commands = commands(&output);
    assert!(
        commands[1].starts_with("::warning title=the job summary is full::"),
        "{commands:?}"
    );
}

#[test]
fn a_drift_is_an_error_with_the_command_that_compares_again() {
    let place = Place::new();
    place
        .scenario("grows")
        .n(100)
        .program(&main_of(
            "@Int",
            "pure",
            "array_fold(array_range(0, nat_to_int(@Nat.0)), 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })",
        ))
        .expect("value = \"n * (n - 1) / 2\"")
        .write();
    let first = run(&place, &["grows", "--lane", "native"]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    // The same scenario with more to do at the same n.
    let file = place.path("catalogue/axis/grows/main.vera");
    let text = fs::read_to_string(&file).unwrap();
    let more = text.replace(
        "array_range(0, nat_to_int(@Nat.0))",
        "array_map(array_map(array_range(0, nat_to_int(@Nat.0)), fn(@Int -> @Int) effects(pure) { @Int.0 + 1 }), fn(@Int -> @Int) effects(pure) { @Int.0 - 1 })",
    );
    assert_ne!(text, more);
    fs::write(&file, more).unwrap();
    let output = run(&place, &["grows", "--lane", "native", "--against", "last"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(
        commands[0].contains("title=grows%3A drift on Vera 0.2.5::DRIFT grows [native] n=100: ")
            && commands[0].contains("%0Aagain: vera-stress run grows "),
        "{commands:?}"
    );
    assert!(summary(&place).contains("| drift |"), "{}", summary(&place));
}

#[test]
fn climbs_have_their_ceilings_and_exponents_in_a_table() {
    let place = three_scenarios();
    let output = in_a_step(&place, Some(&place.path(SUMMARY)))
        .args(["climb", "one", "bad", "--catalogue", "catalogue"])
        .args(["--to", "64", "--github"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(
        commands[0].starts_with("::error file=catalogue/left/bad/main.vera,line=1,title=climb of bad%3A wrong on Vera 0.2.5::FAIL bad [native]: "),
        "{commands:?}"
    );
    let page = summary(&place);
    assert!(
        page.contains("| scenario | lane | verdict | ceiling | instructions n^ | heap n^ |"),
        "{page}"
    );
    assert!(
        page.contains(
            "| <code>bad</code> | <code>native</code> | wrong | ceiling 6, wrong at n=7 |"
        ),
        "{page}"
    );
    assert!(
        page.contains("| <code>one</code> | <code>native</code> | pass | ceiling at least 64, "),
        "{page}"
    );
}

#[test]
fn a_merged_run_is_told_once() {
    let place = three_scenarios();
    for part in ["1", "2"] {
        let output = place
            .process()
            .args(["run", "--catalogue", "catalogue", "--seed", "7"])
            .args(["--lane", "native", "one", "two", "bad"])
            .args(["--partition", &format!("{part}/2")])
            .args(["--json", &format!("part-{part}.jsonl")])
            .output()
            .unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    }
    let output = in_a_step(&place, Some(&place.path(SUMMARY)))
        .args(["merge", "part-1.jsonl", "part-2.jsonl", "--github"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(commands(&output).len(), 1, "{output:?}");
    assert!(summary(&place).contains("3 cases: 2 passed, 1 failed"));
}

#[test]
fn a_regression_between_versions_is_an_error() {
    let place = Place::new();
    let output = in_a_step(&place, Some(&place.path(SUMMARY)))
        .args(["compare", "linked-list", "--lane", "native"])
        .args(["--vera", "0.1.8", "--vera", "0.1.9", "--github"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let commands = commands(&output);
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(
        commands[0].starts_with("::error title=linked-list is worse on 0.1.9 since 0.1.8::"),
        "{commands:?}"
    );
    let page = summary(&place);
    assert!(
        page.contains("| regression | 0.1.9 since 0.1.8 |"),
        "{page}"
    );
}

#[test]
fn a_command_that_ends_without_results_says_why() {
    let place = three_scenarios();
    place.write("empty.jsonl", "");
    for (arguments, code, why) in [
        (&["run", "nosuch"][..], 4, "nosuch"),
        (&["nosuch"], 4, "nosuch"),
        (&["climb", "nosuch"], 4, "nosuch"),
        (&["compare", "nosuch"], 4, "nosuch"),
        (&["run", "life", "--vera", "catalogue"], 3, "holds no Vera"),
        (&["run", "life", "--profile", "nosuch"], 2, "nosuch"),
        (&["run", "life", "--json", "-"], 2, "`-` is no file"),
        (&["run", "life", "--scale", "much"], 2, "much"),
        (&["merge", "empty.jsonl", "gone.jsonl"], 2, "gone.jsonl"),
        (
            &[
                "compare",
                "life",
                "--vera",
                "catalogue",
                "--vera",
                "catalogue/left",
            ],
            3,
            "there are not two versions",
        ),
    ] {
        place.write(SUMMARY, "");
        let output = in_a_step(&place, Some(&place.path(SUMMARY)))
            .args(arguments)
            .arg("--github")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        let commands = commands(&output);
        assert_eq!(commands.len(), 1, "{arguments:?} {commands:?}");
        let start = "::error title=nothing was run::";
        assert!(
            commands[0].starts_with(start) && commands[0].contains(why),
            "{arguments:?} {commands:?}"
        );
        let page = summary(&place);
        assert!(
            page.starts_with("### vera-stress: nothing was run\n\n"),
            "{page}"
        );
        // Nobody else is told.
        let output = in_a_step(&place, None).args(arguments).output().unwrap();
        assert_eq!(commands_of(&output), 0, "{output:?}");
    }
    assert!(!place.path("-").exists());
    let help = in_a_step(&place, None)
        .args(["run", "--github", "--help"])
        .output()
        .unwrap();
    assert_eq!(commands_of(&help), 0, "what was asked for is no error");
}

fn commands_of(output: &Output) -> usize {
    commands(output).len()
}
