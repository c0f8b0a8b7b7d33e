//! Every command of the guides is run as it stands there, and prints what the
//! guide shows.
//!
//! A fenced block of kind `console` holds commands, each a line that begins with
//! `$ `, and below each what it prints. `...` stands for any text, on a line of its
//! own for any lines; durations, times and seeds may be others. A command below which
//! nothing stands must be one that does something: it does not end with bad usage
//! or without a Vera. The commands of a page are run in their order, in one folder.
//!
//! A block of kind `console long` takes longer than a test should. Above a block may
//! stand, for nobody who reads the page, `<!-- before: COMMAND -->` with what it takes
//! for granted, and `<!-- not run: WHY -->`: that the options of its commands are
//! there is seen to all the same.

mod console;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::Place;
use console::{Block, Step, blocks, differs};

/// Which blocks of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Short,
    All,
}

/// A page, by its name.
struct Page {
    name: &'static str,
    text: String,
}

impl Page {
    fn of(name: &'static str) -> Page {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(file).unwrap();
        Page { name, text }
    }

    /// Runs its commands, and fails the test with each that does not do what the
    /// page shows.
    #[track_caller]
    fn holds(name: &'static str, length: Length) {
        let page = Page::of(name);
        let site = Site::new();
        let blocks = blocks(&page.text);
        assert!(!blocks.is_empty(), "{name} has no block of kind `console`");
        let wanted = |it: &&Block| length == Length::All || !it.long;
        let wrong: Vec<String> = blocks
            .iter()
            .filter(wanted)
            .flat_map(|it| page.wrong(&site, it))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    /// What is wrong with a block.
    fn wrong(&self, site: &Site, block: &Block) -> Vec<String> {
        let name = self.name;
        for command in &block.before {
            let ready = site.bash(command);
            assert!(ready.status.success(), "{name}: {command}: {ready:?}");
        }
        let wrong = |Step {
                         line,
                         command,
                         shown,
                     }: &Step| {
            let why = match &block.not_run {
                Some(_) => site.refuses(command),
                None => site.does_otherwise(command, shown),
            }?;
            Some(format!("{name}:{line}: $ {command}\n{why}"))
        };
        block.steps.iter().filter_map(wrong).collect()
    }
}

/// A folder to work in, with the binary on the PATH.
struct Site(Place);

impl Site {
    fn new() -> Site {
        let place = Place::new();
        for folder in ["bin", "work", "home"] {
            fs::create_dir_all(place.path(folder)).unwrap();
        }
        let binary = env!("CARGO_BIN_EXE_vera-stress");
        symlink(binary, place.path("bin/vera-stress")).unwrap();
        Site(place)
    }

    /// Runs a script; what it says is in what it prints.
    fn bash(&self, script: &str) -> Output {
        let path = std::env::var("PATH").unwrap();
        let bin = self.0.path("bin").display().to_string();
        // As a process of this place is: nothing in the environment changes it.
        let clean = self.0.process();
        let removed = clean.get_envs().filter(|(_, value)| value.is_none());
        let mut command = Command::new("bash");
        for (name, _) in removed {
            command.env_remove(name);
        }
        let user = std::env::var("HOME").unwrap();
        let cache = std::env::var("XDG_CACHE_HOME").unwrap_or(format!("{user}/.cache"));
        command
            .env("HOME", self.0.path("home"))
            .env("XDG_CACHE_HOME", cache)
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.0.path("work"))
            .env("PATH", format!("{bin}:{path}"))
            .env("ROOT", env!("CARGO_MANIFEST_DIR"));
        command.output().unwrap()
    }

    /// How what a command does differs from what is shown.
    fn does_otherwise(&self, command: &str, shown: &[String]) -> Option<String> {
        let output = self.bash(command);
        let printed = String::from_utf8_lossy(&output.stdout);
        let why = match (shown.is_empty(), output.status.code()) {
            (true, Some(0 | 1)) => None,
            (true, code) => Some(format!("it ended with {code:?}")),
            (false, _) => differs(shown, &printed),
        }?;
        Some(format!("{why}\n--- it printed:\n{printed}"))
    }

    /// Why a command of ours is bad usage: an option that is not there, or a value
    /// that it does not take. Nothing is run.
    fn refuses(&self, command: &str) -> Option<String> {
        let plain = console::without_comment(command);
        if !plain.starts_with("vera-stress") || plain.contains(['|', '>', ';', '&']) {
            return None;
        }
        let output = self.bash(&format!("{plain} --help"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (!output.status.success()).then_some(said)
    }
}

/// Tests of a page: of its short blocks, and where it has long ones, of all.
macro_rules! page {
    ($test:ident, $page:literal) => {
        #[test]
        fn $test() {
            Page::holds($page, Length::Short);
        }
    };
    ($test:ident, $page:literal, long $all:ident) => {
        page!($test, $page);

        #[test]
        #[ignore = "nightly: runs the commands of a guide that take minutes"]
        fn $all() {
            Page::holds($page, Length::All);
        }
    };
}

page!(the_readme, "README.md", long nightly_all_of_the_readme);
page!(bisecting, "docs/bisect.md", long nightly_all_of_bisecting);
page!(in_ci, "docs/ci.md");
page!(climbing, "docs/climb.md");
page!(comparing, "docs/compare.md", long nightly_all_of_comparing);
page!(guards, "docs/guards.md");
page!(the_history, "docs/history.md");
page!(installing, "docs/install.md");
page!(known_limits, "docs/known.md");
page!(programs, "docs/programs.md");
page!(with_pytest, "docs/pytest.md");
page!(recordings, "docs/recordings.md");
page!(reducing, "docs/reduce.md");
page!(the_page, "docs/report.md");
page!(running, "docs/run.md");
page!(scenarios, "docs/scenarios.md");
page!(serving, "docs/serve.md");

#[test]
fn every_command_of_ours_in_a_block_is_one_that_is_run() {
    let mut loose = Vec::new();
    for name in documents() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&name)).unwrap();
        loose.extend(
            console::loose(&text)
                .into_iter()
                .map(|(line, command)| format!("{name}:{line}: {command}")),
        );
    }
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn every_command_in_the_text_has_options_that_are_there() {
    let site = Site::new();
    let mut wrong = Vec::new();
    for name in documents() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&name)).unwrap();
        for command in console::spans(&text) {
            wrong.extend(
                site.refuses(&command)
                    .map(|why| format!("{name}: `{command}`: {why}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The guides, by their paths.
fn documents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
    let guides = names.filter(|it| it.ends_with(".md"));
    let guides = guides.map(|it| format!("docs/{it}"));
    ["README.md".to_owned()].into_iter().chain(guides).collect()
}
