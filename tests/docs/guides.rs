//! What the documents say is what the program does.
//!
//! `BLESS=1 cargo test --test docs` writes the generated parts anew.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use vera_stress::case::Lane;
use vera_stress::judge::Verdict;
use vera_stress::scenario::catalogue::Catalogue;
use vera_stress::scenario::{Cost, FailureKind};

const START: &str = "<!-- the next lines are generated: BLESS=1 cargo test --test docs -->\n";
const END: &str = "\n<!-- generated until here -->";

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn output(args: &[&str]) -> String {
    let output = Command::cargo_bin("vera-stress")
        .unwrap()
        .current_dir(std::env::temp_dir())
        .env("COLUMNS", "100")
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

/// The text between the marks in a document, after writing it anew if asked to.
pub fn generated(document: &str, wanted: &str) -> String {
    let path = root().join(document);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text
        .split_once(START)
        .expect("the document has a generated part");
    let (inside, after) = rest.split_once(END).expect("the generated part has an end");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{START}{wanted}{END}{after}")).unwrap();
        return wanted.to_owned();
    }
    inside.to_owned()
}

#[test]
fn the_table_in_the_docs_is_the_catalogue() {
    let wanted = output(&["list", "--markdown"]);
    assert_eq!(generated("docs/catalogue.md", &wanted), wanted);
}

#[test]
fn every_axis_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let scenarios = Catalogue::load(&[] as &[&str]).scenarios;
    for scenario in &scenarios {
        assert!(
            readme.contains(&format!("`{}`", scenario.axis)),
            "{}",
            scenario.axis
        );
    }
    assert!(readme.contains(&format!("{} programs", scenarios.len())));
}

#[test]
fn as_many_scenarios_are_a_first_look_as_the_guides_say() {
    let scenarios = Catalogue::load(&[] as &[&str]).scenarios;
    let is_seed = |tag: &String| tag == "seed";
    let seeds = scenarios.iter().filter(|it| it.tags.iter().any(is_seed));
    assert_eq!(seeds.count(), 13);
    for guide in ["docs/compare.md", "docs/ci.md"] {
        let guide = fs::read_to_string(root().join(guide)).unwrap();
        assert!(guide.contains("13 scenarios"));
    }
}

#[test]
fn the_options_in_the_docs_are_those_of_the_help() {
    for (command, document) in [
        ("run", "docs/run.md"),
        ("climb", "docs/climb.md"),
        ("bisect", "docs/bisect.md"),
        ("compare", "docs/compare.md"),
        ("known", "docs/known.md"),
        ("guards", "docs/guards.md"),
        ("coverage", "docs/coverage.md"),
        ("fuzz", "docs/fuzz.md"),
        ("merge", "docs/ci.md"),
        ("report", "docs/report.md"),
        ("history", "docs/history.md"),
        ("serve", "docs/serve.md"),
    ] {
        let help = output(&[command, "--help"]);
        let wanted = format!("```\n{help}\n```");
        assert_eq!(generated(document, &wanted), wanted);
    }
}

#[test]
fn every_cost_is_in_the_guide() {
    let guide = fs::read_to_string(root().join("docs/climb.md")).unwrap();
    for cost in Cost::ALL {
        assert!(guide.contains(&format!("\n| `{cost}` |")), "{cost}");
    }
}

#[test]
fn every_lane_is_in_the_help_and_in_the_guide() {
    // As wide as it takes for no form to be broken over two lines.
    let mut help = Command::cargo_bin("vera-stress").unwrap();
    let help = help.env("COLUMNS", "1000").args(["run", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let guide = fs::read_to_string(root().join("docs/lanes.md")).unwrap();
    for form in Lane::FORMS {
        assert!(
            help.contains(&format!("{form},")) || help.contains(&format!("{form} [")),
            "{form}"
        );
        assert!(guide.contains(&format!("\n| `{form}` |")), "{form}");
    }
}

#[test]
fn every_verdict_is_in_the_guide() {
    let guide = fs::read_to_string(root().join("docs/run.md")).unwrap();
    let known = fs::read_to_string(root().join("docs/scenarios.md")).unwrap();
    for kind in [
        FailureKind::Wrong,
        FailureKind::Trap,
        FailureKind::Rejected,
        FailureKind::InvalidModule,
        FailureKind::OverTime,
        FailureKind::OverMemory,
        FailureKind::OverOutput,
        FailureKind::OverInstructions,
        FailureKind::Corrupt,
        FailureKind::Crashed,
        FailureKind::Growth,
        FailureKind::EnginesDiffer,
    ] {
        let name = format!("`{}`", Verdict::Failed(kind));
        assert!(guide.contains(&name) && known.contains(&name), "{name}");
    }
    for verdict in [
        Verdict::Pass,
        Verdict::Known,
        Verdict::Fixed,
        Verdict::Unsupported,
        Verdict::NotRun,
    ] {
        assert!(guide.contains(&format!("| `{verdict}` |")), "{verdict}");
    }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let mut documents = vec![
        "README.md".to_owned(),
        "ARCHITECTURE.md".into(),
        "CONTRIBUTING.md".into(),
    ];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            documents.push(format!("docs/{name}"));
        }
    }
    assert!(documents.len() > 5);
    for document in documents {
        let path = root().join(&document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            if target.starts_with("http") || target.starts_with('#') {
                continue;
            }
            let file = path
                .parent()
                .unwrap()
                .join(target.split('#').next().unwrap());
            assert!(file.exists(), "{document} links to {target}");
        }
    }
}
