//! `guards`: what the scenarios guard against, and `guards --check`, which runs each
//! of them on the version that has the bug and on the one that has it no longer.

use serde_json::Value;

use crate::bisect::history::History;
use crate::common::{Place, Ran, assert_says, last_event, main_of};

fn guards(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    command.arg("guards");
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    let output = command.args(arguments).output().unwrap();
    place.ran(output)
}

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let check = ["--check", "--json", "events.jsonl"];
    guards(place, &[&check[..], arguments].concat())
}

/// A scenario that traps on Vera 0.1.13, where what a match bound stayed on the shadow
/// stack until the function returned, and passes from 0.2.0 on; its guard says this.
fn traps_on_0_1_13(place: &Place, name: &str, guard: &str) {
    let program = "private data Entry { Blank, Text(String) }\n\n\
        private fn deep(@Entry, @Nat -> @Nat)\n  requires(true) ensures(true) decreases(@Nat.0) effects(pure)\n{\n  \
        if @Nat.0 == 0 then { 0 } else {\n    \
        let @Nat = match @Entry.0 { Blank -> 0, Text(@String) -> string_length(@String.0) };\n    \
        deep(@Entry.0, @Nat.1 - 1) + (@Nat.0 - 3)\n  }\n}\n\n";
    let main = main_of("@Nat", "pure", "deep(Text(\"four\"), @Nat.0)");
    place
        .scenario(name)
        .n(2_500)
        .program(&format!("{program}{main}"))
        .expect("value = \"n\"\ngrowth = { roots = 1.0, stack = 1.0 }")
        .guard(guard)
        .write();
}

/// A scenario that returns 2 where 1 is wanted, on every version.
fn always_wrong(place: &Place, name: &str, guard: &str) {
    let scenario = place.scenario(name).n(5);
    let scenario = scenario.program(&main_of("@Int", "pure", "2"));
    scenario.expect("value = \"1\"").guard(guard).write();
}

/// What was found of each scenario, in the order of their names.
fn found(ran: &Ran) -> Vec<String> {
    let looks = ran
        .events
        .iter()
        .filter(|it| it["event"] == "guard-looked-at");
    let word = |it: &Value, key: &str| it[key].as_str().unwrap_or("-").to_owned();
    let mut found: Vec<String> = looks
        .map(|it| {
            format!(
                "{} [{}]: {}",
                word(it, "scenario"),
                word(it, "lane"),
                word(it, "found")
            )
        })
        .collect();
    found.sort();
    found
}

/// The last event's numbers that are not 0, in words.
fn numbers(ran: &Ran) -> String {
    let summary = last_event(ran, "guards-finished");
    let words = [
        "guards",
        "proven",
        "false",
        "unproven",
        "unchecked",
        "not_set_up",
    ];
    let numbers = words.map(|word| (summary[word].as_u64().unwrap(), word));
    let some = numbers.iter().filter(|(number, _)| *number > 0);
    let some: Vec<String> = some
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    some.join(", ")
}

#[test]
fn guards_are_listed_with_what_proves_them() {
    let place = Place::new();
    always_wrong(&place, "open", "fails_on = \"0.2.5\"");
    always_wrong(&place, "said", "unproven = \"no version has it\"");
    always_wrong(&place, "silent", "");
    let ran = guards(&place, &["open", "said", "silent"]).exits(0);
    assert_eq!(
        ran.stdout,
        "open\n  tests of the harness: fails on 0.2.5, still open\n\
         said\n  tests of the harness: unproven: no version has it\n\
         silent\n  tests of the harness: unproven: its scenario does not say on which version it fails\n\
         3 guards of 3 scenarios: 1 on a version that has the bug\n"
    );
}

#[test]
fn a_guard_is_proven_where_it_fails_and_where_it_passes() {
    let place = Place::new();
    let versions = "fails_on = \"0.1.13\"\nfixed_in = \"0.2.0\"\n";
    traps_on_0_1_13(
        &place,
        "real",
        &format!("{versions}fails_as = [\"trap: unreachable\"]"),
    );
    always_wrong(&place, "said", "unproven = \"no version has it\"");
    let ran = check(&place, &["real", "said"]).exits(0);
    assert_eq!(found(&ran), ["real [native]: proven", "said [-]: unproven"]);
    assert_eq!(numbers(&ran), "2 guards, 1 proven, 1 unproven");
    assert_says(&ran, "\n2 guards: 1 proven, 0 false, 1 unproven in ");
    assert_says(&ran, "\nproven on 0.1.13: 1\n");
}

#[test]
fn a_guard_that_says_what_is_not_so_fails_the_check() {
    let place = Place::new();
    let versions = "fails_on = \"0.2.4\"\nfixed_in = \"0.2.5\"\n";
    // It fails where it is said to, and not as it is said to.
    always_wrong(
        &place,
        "otherwise",
        &format!("{versions}fails_as = [\"trap\"]"),
    );
    // It fails on both.
    always_wrong(&place, "still", versions);
    // It passes on both.
    traps_on_0_1_13(&place, "passes", versions);
    let ran = check(&place, &["otherwise", "still", "passes"]).exits(1);
    assert_eq!(
        found(&ran),
        [
            "otherwise [native]: fails-otherwise",
            "passes [native]: passes",
            "still [native]: still-fails"
        ]
    );
    assert_eq!(numbers(&ran), "3 guards, 3 false");
    let file = |name: &str| format!("catalogue/axis/{name}/scenario.toml");
    assert_says(
        &ran,
        &format!(
            "\nFALSE passes: tests of the harness\n     \
             [native] n=2500 on Vera 0.2.4: it passes\n     \
             again: vera-stress run passes --lane native --scale 2500 --ignore-known --vera 0.2.4 --catalogue catalogue\n     \
             next: raise n, mend the program, correct `fails_on`, or write `unproven` and why in {}\n",
            file("passes")
        ),
    );
    assert_says(
        &ran,
        "[native] n=5 on Vera 0.2.4: wrong: expected 1, got 2\n",
    );
    assert_says(
        &ran,
        "[native] n=5 on Vera 0.2.5: wrong: expected 1, got 2\n",
    );
}

#[test]
fn a_tag_is_looked_at_in_a_clone_and_nowhere_else() {
    let place = Place::new();
    let vera = History::new(&place, "vera");
    vera.put("0.1.13");
    vera.commit("with the bug");
    vera.git(&["tag", "v0.1.13"]);
    vera.put("0.2.0");
    vera.commit("without it");
    vera.git(&["tag", "v0.2.0"]);
    let before = vera.state();
    let tags = "fails_on = \"v0.1.13\"\nfixed_in = \"v0.2.0\"\nrepo = true\n";
    traps_on_0_1_13(
        &place,
        "tagged",
        &format!("{tags}fails_as = [\"trap: unreachable\"]"),
    );
    let ran = check(&place, &["tagged"]).exits(1);
    assert_eq!(found(&ran), ["tagged [-]: unchecked"]);
    assert_says(
        &ran,
        "\nunchecked tagged: what proves it is a tag of Vera's repository\n     next: name a clone of it with --repo DIR\n",
    );
    let repo = vera.path().to_str().unwrap();
    let ran = check(&place, &["tagged", "--repo", repo]).exits(0);
    assert_eq!(found(&ran), ["tagged [reference]: proven"]);
    let look = ran
        .events
        .iter()
        .find(|it| it["event"] == "guard-looked-at");
    let again = look.unwrap()["again"].as_array().unwrap();
    let first = again[0].as_str().unwrap();
    assert!(
        first.starts_with("git -C ") && again.len() == 2,
        "{again:?}"
    );
    assert_eq!(vera.state(), before);
    // A repository without the tag.
    vera.git(&["tag", "-d", "v0.1.13"]);
    let ran = check(&place, &["tagged", "--repo", repo]).exits(3);
    assert_says(&ran, "has no tag v0.1.13");
    assert_eq!(numbers(&ran), "1 guards, 1 unchecked, 1 not_set_up");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let place = Place::new();
    let ran = guards(&place, &["--vera", "0.2.5"]).exits(2);
    ran.says(&["guards takes no --vera"]);
    let ran = guards(&place, &["--check", "--repo", "nowhere"]).exits(2);
    ran.says(&["nowhere is no directory"]);
    guards(&place, &["no-such-scenario"]).exits(4);
}

#[test]
#[ignore = "nightly: every guard on the versions that it names"]
fn nightly_every_guard_on_a_release_is_proven() {
    let ran = check(&Place::new(), &[]);
    let summary = last_event(&ran, "guards-finished");
    assert_eq!(summary["false"], 0, "{ran}");
}
