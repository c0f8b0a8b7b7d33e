//! The folder of a failure: everything that is needed to see it again.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::CaseRecord;
use super::again::quoted;
use super::failure_files;
use super::home;
use crate::case::{Case, Ending, Engine, Lane, Sources, Value};
use crate::instrument::text::Text;
use crate::judge::Verdict;
use crate::runner::Examined;
use crate::scenario::{Expectation, FailureKind, Scenario};
use crate::toolchain::Toolchain;
use crate::toolchain::compile::MODULE;
use crate::toolchain::install::DISTRIBUTION;

/// The module's text form, whose lines a finding of the sanitizer names.
const TEXT: &str = "module.wat";

/// What the sanitizer saw.
const LOG: &str = "sanitizer.log";

/// What the compiler said, where it did not bring the program to run.
const COMPILER: &str = "compiler.txt";

/// The program's twin that tells something of it.
const TWIN: &str = "twin";

/// The smallest program that fails so, where it was searched for.
pub const REDUCED: &str = "reduced";

/// What the program was given to read, where it was given something.
const STDIN: &str = "stdin.txt";

/// How many characters of it a report has.
const LONGEST_INPUT: usize = 2_000;

/// How many characters of a source, or of what the compiler said, a report has.
const LONGEST_SOURCE: usize = 20_000;

const REPRO_SH: &str = include_str!("repro.sh");
const REPRO_NATIVE_SH: &str = include_str!("repro-native.sh");
const REPRO_PY: &str = include_str!("repro.py");

/// A failing case with all that is known of it.
pub struct Failure<'a> {
    /// Its scenario.
    pub scenario: &'a Scenario,
    /// The case, at the smallest failing n that was found.
    pub case: &'a Case,
    /// What happened at that n.
    pub examined: &'a Examined,
    /// What is reported of it.
    pub record: &'a CaseRecord,
    /// Which Vera.
    pub toolchain: &'a Toolchain,
    /// The folder of the compiled program, where it compiled.
    pub compiled: Option<&'a Path>,
}

/// One folder is written at a time: cases at several n, which are completed side by
/// side, come to one where their smallest n is the same.
static WRITING: Mutex<()> = Mutex::new(());

impl Failure<'_> {
    /// Writes the folder below `root` and gives its path.
    ///
    /// Its name says scenario, lane, n, Vera and, where Vera is no release, its
    /// fingerprint: the same failure writes the same folder again.
    pub fn write(&self, root: &Path) -> io::Result<PathBuf> {
        let Failure {
            case,
            examined,
            toolchain,
            ..
        } = self;
        let mut name = format!("{}-n{}-vera-{}", case.lane, case.scale, toolchain.version);
        if !toolchain.owned {
            let _ = write!(name, "-{}", toolchain.fingerprint.short());
        }
        let folder = root.join(folder_name(&case.scenario)).join(name);
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        home::make(&folder)?;
        // What an earlier form of the failure left would pass for evidence of
        // this one.
        for old in [
            "program",
            TWIN,
            REDUCED,
            "vera-package",
            MODULE,
            TEXT,
            LOG,
            COMPILER,
            STDIN,
            failure_files::GIVEN,
            failure_files::WRITTEN,
            failure_files::EXPECTED,
        ] {
            let old = folder.join(old);
            let gone = if old.is_dir() {
                fs::remove_dir_all(old)
            } else {
                fs::remove_file(old)
            };
            match gone {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
                _ => {}
            }
        }
        let sources = self.scenario.program.sources(case.scale).ok();
        for (file, text) in sources.iter().flat_map(|it| &it.files) {
            write(&folder.join("program").join(file), text)?;
        }
        let twin = examined.twin.iter().flat_map(|it| &it.sources.files);
        for (file, text) in twin {
            write(&folder.join(TWIN).join(file), text)?;
        }
        if let Some(compiled) = self.compiled {
            fs::copy(compiled.join(MODULE), folder.join(MODULE))?;
        }
        if let Ending::Corrupt { finding } = &examined.outcome.ending {
            write(&folder.join(LOG), finding.log_text())?;
            if let Some(compiled) = self.compiled {
                let text = Text::of(&fs::read(compiled.join(MODULE))?);
                write(
                    &folder.join(TEXT),
                    text.map(|it| it.text).unwrap_or_default(),
                )?;
            }
        }
        let said = examined.outcome.ending.said();
        if !said.is_empty() {
            write(&folder.join(COMPILER), format!("{}\n", said.trim_end()))?;
        }
        if let Some(stdin) = self.stdin() {
            write(&folder.join(stdin), &*examined.input)?;
        }
        failure_files::write(&folder, self.scenario, examined, self.compiled)?;
        write(&folder.join("stdout.txt"), &examined.outcome.live_stdout)?;
        write(
            &folder.join("captured-stdout.txt"),
            &examined.outcome.stdout,
        )?;
        write(&folder.join("stderr.txt"), &examined.outcome.stderr)?;
        if let Some(stdout) = examined.expected.stdout() {
            write(&folder.join("expected-stdout.txt"), stdout)?;
        }
        write(&folder.join("case.json"), pretty(&self.case_json()))?;
        write(&folder.join("record.json"), pretty(&json!(self.record)))?;
        write(&folder.join("requirements.txt"), self.requirements())?;
        if !toolchain.owned {
            let copy = folder.join("vera-package").join("vera");
            copy_sources(&toolchain.package_files, &copy)?;
        }
        write(&folder.join("report.md"), self.report())?;
        let script = folder.join("repro.sh");
        if self.is_plain() {
            write(&folder.join("repro.py"), REPRO_PY)?;
            write(&script, REPRO_SH)?;
        } else {
            write(&script, self.native_script()?)?;
        }
        make_executable(&script)?;
        Ok(folder)
    }

    /// Whether Vera alone shows the failure: it takes no engine of ours, and no other
    /// lane to compare with.
    fn is_plain(&self) -> bool {
        let expected = &self.examined.expected;
        self.case.lane.engine == Engine::Reference
            && expected.value().is_some()
            && !expected.asks_others()
            && self.kind() != Some(FailureKind::TwinDiffers)
    }

    /// What `repro.py` needs to run the case and to tell whether it fails.
    fn case_json(&self) -> serde_json::Value {
        let expected = &self.examined.expected;
        let Expectation { stdout, stderr, .. } = &**expected;
        json!({
            "title": self.case.to_string(),
            "message": self.examined.judgement.message,
            "verdict": self.kind(),
            "arguments": self.examined.outcome.arguments,
            "stdin": self.stdin(),
            "files": self.files(),
            "env": self.scenario.surroundings.env,
            "expected_files": expected.files,
            "eager": self.case.lane == Lane::REFERENCE_EAGER,
            "value": expected.value().map(shown_by_vera),
            "stdout": stdout,
            "stderr": stderr,
            "time": self.record.budget.time.as_secs_f64(),
            "wall": self.record.budget.wall.as_secs_f64(),
            "memory": self.record.budget.memory.0,
            "output": self.record.budget.output.0,
        })
    }

    /// The script that runs the command of a native case again.
    fn native_script(&self) -> io::Result<String> {
        let here = std::env::current_dir()?;
        let verdict = self.examined.judgement.verdict.to_string();
        Ok(REPRO_NATIVE_SH
            .replace("@DIRECTORY@", &quoted(&here.display().to_string()))
            .replace("@VERDICT@", &verdict)
            .replace("@AGAIN@", &self.record.again))
    }

    /// The file with what the program was given to read.
    fn stdin(&self) -> Option<&'static str> {
        (!self.examined.input.is_empty()).then_some(STDIN)
    }

    /// The folder with the files that it was given.
    fn files(&self) -> Option<&'static str> {
        // What cannot be read now is told where it is copied.
        let given = failure_files::are_given(self.scenario, self.compiled).unwrap_or(false);
        given.then_some(failure_files::GIVEN)
    }

    /// In which of the ways it failed.
    fn kind(&self) -> Option<FailureKind> {
        match self.examined.judgement.verdict {
            Verdict::Failed(kind) => Some(kind),
            _ => None,
        }
    }

    fn requirements(&self) -> String {
        let mut lines: Vec<String> = self
            .toolchain
            .dependencies
            .iter()
            .filter(|line| self.toolchain.owned || !line.starts_with(DISTRIBUTION))
            .cloned()
            .collect();
        lines.push(String::new());
        lines.join("\n")
    }

    /// A report that can be pasted into an issue as it is.
    fn report(&self) -> String {
        let Failure {
            scenario,
            case,
            examined,
            record,
            toolchain,
            ..
        } = self;
        let mut text = String::new();
        let mut line = |words: &str| {
            text.push_str(words);
            text.push('\n');
        };
        line(&format!(
            "# {} [{}] n={}: {}",
            case.scenario, case.lane, case.scale, examined.judgement.message
        ));
        line("");
        line(&format!("{}.", scenario.title.trim_end_matches('.')));
        line("");
        line("| what | |");
        line("| --- | --- |");
        line(&format!("| verdict | {} |", examined.judgement.verdict));
        if case.scale != record.n {
            let (n, message) = (record.n, in_cell(&record.message));
            line(&format!("| first seen at | n={n}: {message} |"));
        }
        if let Some(smallest) = &record.smallest {
            line(&format!("| smallest failing n | {} |", smallest.text));
            if let Some(other) = &smallest.otherwise {
                let (sentence, again) = (in_cell(&other.sentence()), &other.again);
                line(&format!("| also | {sentence} (`{again}`) |"));
            }
        }
        line(&format!("| Vera | {} |", toolchain.describe()));
        line(&format!("| lane | {} |", case.lane));
        if !record.guards_told().is_empty() {
            line(&format!("| guards | {} |", record.guards_line()));
        }
        line(&format!(
            "| installed | {} |",
            toolchain.dependencies.join(", ")
        ));
        if let Some(other) = &record.same_cause_as {
            line(&format!("| same cause as | {other} |"));
        }
        line("");
        line(&scenario.why);
        line("");
        if let Ending::Trapped(trap) = &examined.outcome.ending
            && !trap.frames.is_empty()
        {
            line("Frames, innermost first:");
            line("");
            line("```");
            for frame in &trap.frames {
                let file = frame.file.as_deref().unwrap_or("?");
                let at = frame
                    .line
                    .map(|line| format!(":{line}"))
                    .unwrap_or_default();
                line(&format!("{} ({file}{at})", frame.function));
            }
            line("```");
            line("");
        }
        if let Ending::Corrupt { finding } = &examined.outcome.ending {
            line(&format!(
                "What the sanitizer saw (`{TEXT}` and `{LOG}`, the heap's last collections and allocations, stand in the folder of this report):"
            ));
            line("");
            line("```");
            line(finding.to_string().trim_end());
            line("```");
            line("");
        }
        let said = examined.outcome.ending.said();
        if !said.is_empty() {
            line("What the compiler said:");
            line("");
            line("```");
            let (start, cut) = beginning(said, LONGEST_SOURCE);
            line(start.trim_end());
            if cut {
                line(&format!(
                    "(cut here; all of it stands in `{COMPILER}` beside this report)"
                ));
            }
            line("```");
            line("");
        }
        line("To see it again:");
        line("");
        line("```sh");
        match case.lane.engine {
            Engine::Reference => line(&self.vera_run()),
            Engine::Native => line(&record.again),
        }
        line("```");
        line("");
        if let Some(twin) = &examined.twin {
            let (rewrite, place) = (twin.rewrite, &twin.place);
            line(&format!(
                "The twin, made of the program by {rewrite} at {place}, stands in the folder `{TWIN}` and is run as the program is."
            ));
            line("");
        }
        if case.lane == Lane::NATIVE {
            line("The same on Vera's own runtime, to compare with:");
            line("");
            line("```sh");
            line(&self.vera_run());
            line("```");
            line("");
        }
        if let Some(stdin) = self.stdin() {
            let input = &*examined.input;
            // As Rust writes text: an invisible character must be seen.
            let (start, is_cut) = beginning(input, LONGEST_INPUT);
            let cut = match is_cut {
                true => ", cut here; the whole file stands in the folder of this report",
                false => "",
            };
            let size = input.len();
            line(&format!("`{stdin}`, {size} bytes, with escapes{cut}:"));
            line("");
            line("```");
            line(&format!("{start:?}"));
            line("```");
            line("");
        }
        if let Ok(Sources { files, .. }) = scenario.program.sources(case.scale) {
            let twin = examined.twin.as_ref().map(|it| &it.sources);
            let twin = twin.and_then(|it| it.files.get_key_value(&it.main));
            let twin = twin.map(|(name, text)| (format!("{TWIN}/{name}"), text.clone()));
            for (name, source) in files.into_iter().chain(twin) {
                let (start, is_cut) = beginning(&source, LONGEST_SOURCE);
                line(&format!("`{name}`:"));
                line("");
                line("```vera");
                line(start.trim_end());
                if is_cut {
                    line("-- (cut here; the whole file stands in the folder of this report)");
                }
                line("```");
                line("");
            }
        }
        text
    }

    /// The commands that run the program with nothing but Vera.
    fn vera_run(&self) -> String {
        let install = if self.toolchain.owned {
            format!("pip install {DISTRIBUTION}=={}\n", self.toolchain.version)
        } else {
            String::new()
        };
        let eager = if self.case.lane == Lane::REFERENCE_EAGER {
            "VERA_EAGER_GC=1 "
        } else {
            ""
        };
        let argument = match self.examined.outcome.arguments.as_slice() {
            [] => String::new(),
            given => format!(" -- {}", given.join(" ")),
        };
        // It runs in a copy, which it may write to.
        let (enter, up) = match self.files() {
            Some(given) => (format!("cp -R {given} folder && cd folder && "), "../"),
            None => (String::new(), ""),
        };
        let input = self.stdin().map(|file| format!(" < {up}{file}"));
        let input = input.unwrap_or_default();
        let env = self.scenario.surroundings.env.iter();
        let env: String = env
            .map(|(name, text)| format!("{name}={} ", quoted(text)))
            .collect();
        let sources = self.scenario.program.sources(self.case.scale);
        let main = sources.map_or_else(|_| Sources::MAIN.to_owned(), |it| quoted(&it.main));
        format!("{install}{enter}{env}{eager}vera run {up}program/{main}{argument}{input}")
    }
}

/// The name of the folder of a scenario: its own, and of a program, whose name is a
/// path, one that is as good as that.
fn folder_name(scenario: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_+.".contains(it);
    if scenario.chars().all(plain) && !scenario.starts_with('.') {
        return scenario.to_owned();
    }
    let (_, file) = scenario.rsplit_once('/').unwrap_or(("", scenario));
    let file = file.replace(|it| !plain(it), "-");
    let digest = blake3::hash(scenario.as_bytes()).to_hex();
    format!("{}-{}", file.trim_start_matches('.'), &digest[..8])
}

/// The first characters of a text, and whether there are more.
fn beginning(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// A text in a cell of a table of Markdown.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A value as `vera run --json` gives it. Floats go as text, for JSON has no
/// way to write all of them.
fn shown_by_vera(value: &Value) -> serde_json::Value {
    match value {
        Value::Unit => json!(null),
        Value::Int(n) => json!(n),
        Value::Float(x) => json!({ "float": format!("{x:?}") }),
        Value::Text(text) => json!(text),
    }
}

fn pretty(value: &serde_json::Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("JSON of plain data can be written");
    text.push('\n');
    text
}

fn write(file: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    fs::create_dir_all(file.parent().expect("a file has a folder above it"))?;
    fs::write(file, content)
}

fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

/// Copies a package without its bytecode.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        if entry.path().is_dir() {
            if name != "__pycache__" {
                copy_sources(&entry.path(), &target)?;
            }
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
