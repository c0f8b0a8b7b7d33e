//! `climb`: where each scenario ends, how its costs grow on the way, and what
//! that comes to.
//!
//! Each climb here is ended by an n, by a verdict or by its work, so that it is
//! the same on any machine; none by the clock.

use crate::common::{Place, Ran, identity, main_of};
use serde_json::Value;

/// Counts to n in a loop that allocates nothing.
const COUNT: &str = "
private fn count(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { count(@Nat.0 - 1, @Int.0 + 1) }
}

";

/// Counts to n, n times.
const ROUNDS: &str = "
private fn rounds(@Nat, @Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { rounds(@Nat.1, @Nat.0 - 1, count(@Nat.1, @Int.0)) }
}

";

/// Makes an array in each of n rounds, each a little longer than the one before,
/// and keeps none of them: no freed block is large enough for the next.
const LONGER: &str = "
private fn longer(@Nat, @Nat, @Int -> @Int)
  requires(@Nat.0 <= @Nat.1) ensures(true) decreases(@Nat.1 - @Nat.0) effects(pure)
{
  if @Nat.0 == @Nat.1 then { @Int.0 } else {
    longer(@Nat.1, @Nat.0 + 1, @Int.0 + nat_to_int(array_length(array_range(0, 32769 + nat_to_int(@Nat.0)))))
  }
}

";

/// How long they all are together.
const WASTEFUL: &str = "32768 * n + n * (n + 1) / 2";

fn linear() -> String {
    format!("{COUNT}{}", main_of("@Int", "pure", "count(@Nat.0, 0)"))
}

fn quadratic() -> String {
    let main = main_of("@Int", "pure", "rounds(@Nat.0, @Nat.0, 0)");
    format!("{COUNT}{ROUNDS}{main}")
}

fn wasteful() -> String {
    format!(
        "{LONGER}{}",
        main_of("@Int", "pure", "longer(@Nat.0, 0, 0)")
    )
}

/// Divides by zero from n = 1,237 on.
fn trapped() -> String {
    let body = "let @Int = count(@Nat.0, 0);
  if @Nat.0 < 1237 then { @Int.0 } else { @Int.0 / (@Int.0 - nat_to_int(@Nat.0)) }";
    format!("{COUNT}{}", main_of("@Int", "pure", body))
}

fn known(from_n: u64, verdict: &str, more: &str) -> String {
    format!(
        "[[known]]\nvera = \"*\"\nlanes = [\"*\"]\nfrom_n = {from_n}\nverdict = \"{verdict}\"\n{more}\nbecause = \"It is what it is.\"\n"
    )
}

/// Climbs with scenarios of this place, as long as it takes.
fn climb(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = place.process();
    command.args(["climb", "--json", "events.jsonl"]);
    if !arguments.contains(&"--budget") {
        command.args(["--budget", "10m"]);
    }
    if place.path("catalogue").is_dir() {
        command.args(["--catalogue", "catalogue"]);
    }
    let output = command.args(arguments).output().unwrap();
    place.ran(output)
}

/// What the only climb with a scenario left behind.
fn climbed<'a>(ran: &'a Ran, scenario: &str) -> &'a Value {
    let is_it = |it: &&Value| it["event"] == "climb-finished" && it["scenario"] == scenario;
    let found = ran.events.iter().find(is_it);
    found.unwrap_or_else(|| panic!("no climb with {scenario} in {ran}"))
}

#[track_caller]
fn assert_says(ran: &Ran, words: &str) {
    assert!(ran.stdout.contains(words), "no `{words}` in {ran}");
}

/// The n of each point.
fn scales(climb: &Value) -> Vec<u64> {
    let points = climb["points"].as_array().unwrap().iter();
    points.map(|point| point["n"].as_u64().unwrap()).collect()
}

/// What is said of one cost.
fn cost<'a>(climb: &'a Value, name: &str) -> &'a Value {
    let costs = climb["growth"].as_array().unwrap();
    let found = costs.iter().find(|it| it["cost"] == name);
    found.unwrap_or_else(|| panic!("nothing of {name} in {climb}"))
}

// --- Ceilings ----------------------------------------------------------------

#[test]
fn a_trap_is_found_to_the_n_and_known_where_it_is_declared() {
    let place = Place::new();
    place.scenario("trapped").program(&trapped()).write();
    for (name, from_n, verdict) in [
        ("declared", 1237, "trap"),
        ("other", 1237, "wrong"),
        ("slightly", 1250, "trap"),
        ("later", 1300, "trap"),
        ("early", 600, "trap"),
    ] {
        let scenario = place.scenario(name).program(&trapped());
        scenario.tables(&known(from_n, verdict, "")).write();
    }
    let ran = climb(&place, &["trapped"]).exits(1);
    assert_says(
        &ran,
        "FAIL trapped [native]: trap divide_by_zero in main (main.vera:8): ",
    );
    assert_says(&ran, "\n     ceiling 1236, trap at n=1237\n");
    assert_says(
        &ran,
        "again: vera-stress run trapped --lane native --scale 1237 --vera 0.2.5 --catalogue catalogue",
    );
    assert_says(&ran, "1 climb: 0 passed, 1 failed in");
    let found = climbed(&ran, "trapped");
    assert_eq!(found["verdict"], "trap");
    assert_eq!(found["ceiling"], 1236);
    let end = &found["end"];
    assert_eq!(
        (&end["by"], &end["at"], &end["exact"]),
        (&"trap".into(), &1237.into(), &true.into())
    );
    let doubled: Vec<u64> = (0..=10).map(|k| 1 << k).collect();
    assert_eq!(scales(found), doubled, "the search adds no points");

    let ran = climb(&place, &["declared"]).exits(0);
    assert_says(&ran, "known declared [native]: trap divide_by_zero in main");
    assert_says(&ran, "\n     ceiling 1236, trap at n=1237\n");
    assert_says(&ran, "(known: It is what it is.)");
    assert_says(&ran, "1 known limit");
    let found = climbed(&ran, "declared");
    assert_eq!(found["verdict"], "known");
    assert_eq!(found["ceiling"], 1236);
    // What fails higher up than declared is not gone.
    climb(&place, &["early"]).exits(0);
    // A little below what is declared is the same limit.
    let ran = climb(&place, &["slightly"]).exits(0);
    assert_says(&ran, "(known from n=1250: It is what it is.)");
    let ran = climb(&place, &["declared", "--ignore-known"]).exits(1);
    assert_eq!(climbed(&ran, "declared")["verdict"], "trap");

    // A limit that says something else, or says it of other scales.
    for (name, verdict, words) in [
        ("other", "trap", "the known limit is another: wrong"),
        ("later", "trap", "trap divide_by_zero"),
    ] {
        let ran = climb(&place, &[name]).exits(1);
        assert_eq!(climbed(&ran, name)["verdict"], verdict, "{ran}");
        assert_eq!(climbed(&ran, name)["ceiling"], 1236, "{ran}");
        assert_says(&ran, words);
    }
}

#[test]
fn a_known_limit_that_no_n_shows_is_fixed() {
    let place = Place::new();
    let scenario = place.scenario("linear").program(&linear());
    scenario.tables(&known(600, "trap", "")).write();
    let ran = climb(&place, &["linear", "--to", "2048"]).exits(1);
    assert_eq!(climbed(&ran, "linear")["verdict"], "fixed");
    assert_says(
        &ran,
        "FIXED linear [native]: n=1024 passes, and is declared as a known limit (trap from n=600: ",
    );
    climb(&place, &["linear", "--to", "599"]).exits(0);
}

#[test]
fn the_command_of_a_climb_that_failed_shows_it() {
    let place = Place::new();
    place.scenario("trapped").program(&trapped()).write();
    let ran = climb(&place, &["trapped"]).exits(1);
    let again = climbed(&ran, "trapped")["again"].as_str().unwrap();
    let words: Vec<&str> = again.split_whitespace().skip(1).collect();
    let output = place.process().args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("FAIL trapped [native] n=1237: trap divide_by_zero"),
        "{text}"
    );
}

#[test]
fn the_smallest_n_may_fail_already() {
    let place = Place::new();
    let scenario = place.scenario("wrong").program(&identity());
    scenario.expect("value = \"n + 1\"").write();
    let ran = climb(&place, &["wrong"]).exits(1);
    assert_says(
        &ran,
        "FAIL wrong [native]: wrong: expected 2, got 1\n     wrong at n=1\n",
    );
    let found = climbed(&ran, "wrong");
    assert_eq!(found["ceiling"], Value::Null);
    assert_eq!(
        (&found["end"]["at"], &found["end"]["exact"]),
        (&1.into(), &true.into())
    );
    assert!(scales(found).is_empty());
}

// --- Budgets -----------------------------------------------------------------

#[test]
fn a_climb_ends_at_the_largest_n_to_try() {
    let place = Place::new();
    place.scenario("linear").program(&linear()).write();
    let ran = climb(&place, &["linear", "--to", "1_000"]).exits(0);
    assert_says(
        &ran,
        "pass linear [native]: ceiling at least 1000, the largest n to try\n",
    );
    let found = climbed(&ran, "linear");
    assert_eq!(
        (&found["verdict"], &found["ceiling"], &found["end"]["by"]),
        (&"pass".into(), &1000.into(), &"largest".into())
    );
    assert_eq!(scales(found), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]);
    let ran = climb(&place, &["linear", "--to", "1"]).exits(0);
    assert_eq!(scales(climbed(&ran, "linear")), [1]);
}

#[test]
fn a_budget_of_instructions_ends_a_climb_where_it_is_spent() {
    let place = Place::new();
    place.scenario("linear").program(&linear()).write();
    let ran = climb(&place, &["linear", "--instructions", "1_000_000"]).exits(0);
    let found = climbed(&ran, "linear");
    let last = &found["points"].as_array().unwrap().last().unwrap()["measures"]["instructions"];
    let last = last.as_u64().unwrap();
    assert!(
        last <= 1_000_000 && 2 * last > 1_000_000,
        "twice the n is twice the instructions: {last}"
    );
    let ceiling = found["ceiling"].as_u64().unwrap();
    assert_eq!(
        (&found["end"]["by"], &found["end"]["at"]),
        (&"budget".into(), &(2 * ceiling).into())
    );
    let spent = format!("n={} spent its 1,000,000 instructions", 2 * ceiling);
    assert_eq!(found["end"]["text"], spent);
    assert_says(&ran, &format!("ceiling at least {ceiling}, {spent}\n"));
    // With exactly that much, the same n is the last one; with less, it is not.
    let with = |count: u64| {
        let ran = climb(&place, &["linear", "--instructions", &count.to_string()]).exits(0);
        climbed(&ran, "linear")["ceiling"].as_u64()
    };
    assert_eq!(with(last), Some(ceiling));
    assert_eq!(with(last - 1), Some(ceiling / 2));
    // The scenario may say it itself, and whoever asks for another gets that.
    let own = format!("[climb]\nwork = {}\n", last - 1);
    place
        .scenario("own")
        .program(&linear())
        .tables(&own)
        .write();
    let ceiling_of = |more: &[&str]| {
        let ran = climb(&place, &[&["own"], more].concat()).exits(0);
        climbed(&ran, "own")["ceiling"].as_u64()
    };
    assert_eq!(ceiling_of(&[]), Some(ceiling / 2));
    assert_eq!(
        ceiling_of(&["--instructions", &last.to_string()]),
        Some(ceiling)
    );
}

#[test]
fn a_budget_of_memory_ends_a_climb_where_it_is_spent() {
    let place = Place::new();
    let body = "nat_to_int(array_length(array_range(0, nat_to_int(@Nat.0))))";
    let program = main_of("@Int", "pure", body);
    place.scenario("array").program(&program).write();
    let ran = climb(&place, &["array", "--memory", "96MiB"]).exits(0);
    // Each number takes eight bytes.
    let found = climbed(&ran, "array");
    assert_eq!(
        (&found["end"]["by"], &found["end"]["at"], &found["ceiling"]),
        (&"budget".into(), &(1 << 24).into(), &(1 << 23).into())
    );
    assert_eq!(
        found["end"]["text"],
        "n=16777216 spent its 96.0 MiB of memory while running"
    );
    // Compiling has the same.
    let ran = climb(&place, &["array", "--memory", "1MiB"]).exits(1);
    assert_says(&ran, "n=1 spent its 1.0 MiB of memory while compiling");
}

#[test]
fn the_scenario_s_own_time_counts_unless_another_is_asked_for() {
    let place = Place::new();
    let scenario = place.scenario("hasty").program(&identity());
    scenario.tables("[climb]\nbudget = \"1ns\"\n").write();
    let run = |more: &[&str]| {
        let mut command = place.process();
        command.args(["climb", "hasty", "--catalogue", "catalogue", "--to", "4"]);
        command.args(["--json", "events.jsonl"]).args(more);
        let output = command.output().unwrap();
        place.ran(output)
    };
    // Nothing was seen to pass: that is no pass.
    let ran = run(&[]).exits(1);
    assert_says(&ran, "NOT RUN hasty [native]: ");
    assert_says(&ran, "n=1 spent its time while compiling");
    assert_eq!(climbed(&ran, "hasty")["verdict"], "not-run");
    let ran = run(&["--budget", "10m"]).exits(0);
    assert_eq!(climbed(&ran, "hasty")["ceiling"], 4);
}

#[test]
fn a_climb_of_which_nothing_passed_is_no_pass() {
    let place = Place::new();
    place.scenario("linear").program(&linear()).write();
    let ran = climb(&place, &["linear", "--instructions", "1"]).exits(1);
    assert_says(&ran, "NOT RUN linear [native]: ");
    assert_eq!(climbed(&ran, "linear")["verdict"], "not-run");
    assert_says(&ran, "1 climb: 0 passed, 0 failed, 1 not run");
}

// --- Where a budget ends it before anything can be said ----------------------

/// A program that is as small as n up to n = 7, and takes the compiler for ever
/// from there on.
const EXPLODES: &str = "fn program(n) {
  let functions = if n < 8 { n } else { 8000 };
  let text = \"\";
  for i in 0..functions {
    text += `private fn f${i}(@Int -> @Int) requires(true) ensures(true) effects(pure) { @Int.0 + ${i} } `;
  }
  text + `public fn main(-> @Int) requires(true) ensures(true) effects(pure) { f0(1) }`
}
";

#[test]
fn a_climb_that_its_budget_ended_while_a_cost_exploded_is_undecided() {
    let place = Place::new();
    let explodes = |tables: &str| {
        let scenario = place.scenario("explodes").expect("value = \"1\"");
        let scenario = scenario.file("program.rhai", EXPLODES);
        scenario.tables(tables).write();
    };
    // A limit of growth that names another cost explains nothing.
    explodes(&known(1, "growth", "bound = { heap = 9.0 }"));
    let ran = climb(&place, &["explodes", "--budget", "8s"]).exits(1);
    let found = climbed(&ran, "explodes");
    assert_eq!(found["verdict"], "undecided", "{ran}");
    assert_eq!(found["end"]["by"], "budget", "{ran}");
    assert_says(
        &ran,
        "UNDECIDED explodes [native]: the time of compiling went from 0.",
    );
    assert_says(
        &ran,
        "s at n=8, and the budget ended before it could be seen how that goes on; allow it more\n",
    );
    assert_says(&ran, "1 climb: 0 passed, 0 failed, 1 undecided in ");
    // What was left of its time went to n between.
    assert_eq!(scales(found), [1, 2, 4, 6, 7], "{ran}");
    assert_eq!(
        (&found["ceiling"], &found["end"]["at"]),
        (&7.into(), &8.into())
    );
    // One that names it does.
    explodes(&known(1, "growth", "bound = { compile = 9.0 }"));
    let ran = climb(&place, &["explodes", "--budget", "8s"]).exits(0);
    assert_eq!(climbed(&ran, "explodes")["verdict"], "known", "{ran}");
}

#[test]
fn a_climb_whose_cost_is_constant_comes_to_the_largest_n() {
    let place = Place::new();
    place
        .scenario("constant")
        .program(&main_of("@Nat", "pure", "@Nat.0 % 7"))
        .expect("value = \"n % 7\"")
        .write();
    let ran = climb(&place, &["constant", "--budget", "10m"]).exits(0);
    let found = climbed(&ran, "constant");
    assert_eq!(found["ceiling"], i64::MAX);
    assert_eq!(found["end"]["by"], "largest");
    assert_eq!(found["probes"], 64);
}

// --- Growth ------------------------------------------------------------------

#[test]
fn costs_that_grow_as_declared_pass_with_their_exponents() {
    let place = Place::new();
    let scenario = place.scenario("linear").program(&linear());
    let growth = "value = \"n\"\ngrowth = { instructions = 1.0, heap = 0.0 }";
    scenario.expect(growth).write();
    let ran = climb(&place, &["linear", "--to", "4096"]).exits(0);
    assert_says(&ran, "pass linear [native]");
    assert_says(&ran, "points from n=64 to 4096), declared n");
    let fit = &cost(climbed(&ran, "linear"), "instructions")["fit"];
    let exponent = fit["exponent"].as_f64().unwrap();
    assert!((0.99..=1.0).contains(&exponent), "{fit}");
    assert_eq!(fit["shapes"][0], 1.0, "{fit}");
    assert_eq!(fit["points"], 7);
}

#[test]
fn instructions_that_grow_faster_than_declared_is_growth() {
    let place = Place::new();
    let declared = "value = \"n * n\"\ngrowth = { instructions = 1.0, heap = 0.0 }";
    let limits = [
        ("unknown", String::new()),
        (
            "its-instructions",
            known(64, "growth", "bound = { instructions = 2.0 }"),
        ),
        (
            "beyond",
            known(64, "growth", "bound = { instructions = 1.5 }"),
        ),
        (
            "its-heap",
            known(64, "growth", "bound = { heap = 3.0, stack = 1.0 }"),
        ),
    ];
    for (name, limit) in &limits {
        let scenario = place.scenario(name).program(&quadratic());
        scenario.expect(declared).tables(limit).write();
    }
    let names: Vec<&str> = limits.iter().map(|(name, _)| *name).collect();
    let ran = climb(&place, &[&names[..], &["--to", "256"]].concat()).exits(1);
    for (name, verdict) in [
        ("unknown", "growth"),
        ("its-instructions", "known"),
        ("beyond", "growth"),
        ("its-heap", "growth"),
    ] {
        let found = climbed(&ran, name);
        assert_eq!(found["verdict"], verdict, "{name}: {ran}");
        assert_eq!(found["ceiling"], 256);
        let excesses = found["excesses"].as_array().unwrap();
        assert_eq!(excesses.len(), 1, "{found}");
        assert_eq!(excesses[0]["cost"], "instructions");
        let exponent = cost(found, "instructions")["fit"]["exponent"]
            .as_f64()
            .unwrap();
        assert!((1.9..=2.0).contains(&exponent), "{exponent}");
        // The command climbs again: no single case shows it.
        let again = found["again"].as_str().unwrap();
        assert!(
            again.starts_with(&format!("vera-stress climb {name} ")),
            "{again}"
        );
        assert_eq!(again.contains("--ignore-known"), verdict == "known");
    }
    assert_says(&ran, "4 climbs: 0 passed, 3 failed, 1 known limit");
    assert_says(&ran, "instructions grow as n^1.9");
    assert_says(&ran, ", and n is declared");
    let ignoring = ["its-instructions", "--to", "256", "--ignore-known"];
    let ran = climb(&place, &ignoring).exits(1);
    assert_eq!(climbed(&ran, "its-instructions")["verdict"], "growth");
    // What is declared as a square, in words, is as it should be.
    place
        .scenario("declared")
        .program(&quadratic())
        .expect("value = \"n * n\"\ngrowth = { instructions = \"n^2\", heap = \"constant\" }")
        .write();
    climb(&place, &["declared", "--to", "256"]).exits(0);
}

#[test]
fn a_known_growth_that_is_none_is_fixed() {
    let place = Place::new();
    let scenario = place.scenario("linear").program(&linear());
    scenario
        .expect("value = \"n\"\ngrowth = { instructions = 1.0, heap = 0.0 }")
        .tables(&known(200, "growth", "bound = { instructions = 1.5 }"))
        .write();
    let ran = climb(&place, &["linear", "--to", "256"]).exits(1);
    assert_eq!(climbed(&ran, "linear")["verdict"], "fixed");
    assert_says(&ran, "FIXED linear [native]: ");
    assert_says(
        &ran,
        "declared as a known limit from n=200 (It is what it is.)",
    );
    // Below its n it says nothing, and where nothing is counted, nothing is
    // known of it.
    climb(&place, &["linear", "--to", "199"]).exits(0);
    let ran = climb(&place, &["linear", "--to", "256", "--lane", "reference"]).exits(0);
    assert_eq!(climbed(&ran, "linear")["verdict"], "pass");
}

#[test]
fn a_heap_that_grows_while_nothing_is_alive_is_growth() {
    let place = Place::new();
    let declares = |name: &str, growth: &str| {
        place
            .scenario(name)
            .program(&wasteful())
            .expect(&format!("value = \"{WASTEFUL}\"\n{growth}"))
            .write();
    };
    declares("silent", "");
    declares("constant", "growth = { heap = 0.0 }");
    declares("linear", "growth = { heap = 1.0 }");
    let names = ["silent", "constant", "linear"];
    let ran = climb(&place, &[&names[..], &["--to", "64"]].concat()).exits(1);
    for name in names {
        let found = climbed(&ran, name);
        assert_eq!(found["verdict"], "growth", "{ran}");
        // However it is declared to grow: nothing of it is of any use.
        let excesses = found["excesses"].as_array().unwrap();
        assert_eq!(excesses.len(), if name == "constant" { 2 } else { 1 });
        let wasted = excesses.last().unwrap();
        assert_eq!(wasted["cost"], "heap");
        let message = wasted["message"].as_str().unwrap();
        assert!(
            message.starts_with("the heap takes 16.0 MiB at n=64, and no more than "),
            "{message}"
        );
    }
    // With a part of it, it is no more than programs take.
    climb(&place, &["linear", "--to", "32"]).exits(0);
}

#[test]
fn a_heap_that_holds_what_is_in_use_is_no_growth() {
    let place = Place::new();
    // All of it is made after the only collection, or before the last one.
    let array = "nat_to_int(array_length(array_range(0, nat_to_int(@Nat.0))))";
    let again = format!("let @Int = {array};\n  {array} + 0 * @Int.0");
    for (name, body) in [("once", array), ("again", &again)] {
        place
            .scenario(name)
            .program(&main_of("@Int", "pure", body))
            .expect("value = \"n\"\ngrowth = { heap = 1.0, instructions = 1.0 }")
            .write();
    }
    let ran = climb(&place, &["once", "again", "--to", "3_000_000"]).exits(0);
    for name in ["once", "again"] {
        let last = climbed(&ran, name)["points"]
            .as_array()
            .unwrap()
            .last()
            .unwrap();
        assert!(last["measures"]["heap"].as_u64().unwrap() > 20_000_000);
        let used = last["probed"]["used"].as_u64().unwrap();
        assert!(used >= 24_000_000, "{last}");
        assert!(last["probed"]["live"].as_u64().unwrap() < used, "{last}");
    }
}

#[test]
fn a_shadow_stack_that_leaks_is_foretold_from_a_few_hundred_calls() {
    let place = Place::new();
    let arguments = ["cross-module-strings", "--vera", "0.1.13", "--to", "500"];
    let ran = climb(&place, &arguments).exits(1);
    let found = climbed(&ran, "cross-module-strings");
    assert_eq!(found["verdict"], "growth");
    assert_eq!(
        (&found["ceiling"], &found["end"]["by"]),
        (&500.into(), &"largest".into())
    );
    let excess = &found["excesses"][0];
    assert_eq!(excess["cost"], "roots");
    // The first n that traps.
    let real = 4_093.0;
    let foretold = excess["runs_out"].as_f64().unwrap();
    assert!((foretold / real - 1.0).abs() < 0.1, "{foretold}");
    let overflow = &cost(found, "roots")["overflow"];
    assert_eq!(overflow["at"], excess["runs_out"]);
    assert_eq!(
        (&overflow["exponent"], &overflow["seen"]),
        (&1.0.into(), &500.into())
    );
    assert!(overflow["since"].as_u64().unwrap() < 200, "{overflow}");
    assert_says(&ran, "the shadow stack overflows at about n=40");
    assert_says(&ran, ": it fills by 4 bytes for each n, ");
    // The release that mended it has none of that.
    let arguments = ["cross-module-strings", "--vera", "0.2.5", "--to", "500"];
    let ran = climb(&place, &arguments).exits(0);
    let found = climbed(&ran, "cross-module-strings");
    assert_eq!(cost(found, "roots")["overflow"], Value::Null);
}

#[test]
fn the_stack_of_a_recursion_is_foretold() {
    let place = Place::new();
    let down = "
private fn down(@Nat -> @Nat)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { 0 } else { down(@Nat.0 - 1) + 1 }
}

";
    let program = format!("{down}{}", main_of("@Nat", "pure", "down(@Nat.0)"));
    place.scenario("undeclared").program(&program).write();
    place
        .scenario("declared")
        .program(&program)
        .expect("value = \"n\"\ngrowth = { stack = 1.0 }")
        .write();
    let names = ["undeclared", "declared"];
    let ran = climb(&place, &[&names[..], &["--to", "1000"]].concat()).exits(1);
    for (name, verdict) in [("undeclared", "growth"), ("declared", "pass")] {
        assert_eq!(climbed(&ran, name)["verdict"], verdict, "{ran}");
    }
    let foretold = |name: &str| {
        let overflow = &cost(climbed(&ran, name), "stack")["overflow"];
        overflow["at"].as_f64().unwrap()
    };
    assert_eq!(foretold("undeclared"), foretold("declared"));
    // Where it really ends, which is no growth of any other kind.
    let ran = climb(&place, &["declared"]).exits(1);
    let found = climbed(&ran, "declared");
    assert_eq!(found["verdict"], "trap");
    let ceiling = found["ceiling"].as_f64().unwrap();
    assert!((foretold_of(found) / ceiling - 1.0).abs() < 0.02, "{ran}");
}

fn foretold_of(climb: &Value) -> f64 {
    cost(climb, "stack")["overflow"]["at"].as_f64().unwrap()
}

// --- What is left behind -----------------------------------------------------

#[test]
fn the_events_tell_all_points_and_two_climbs_tell_the_same() {
    let place = Place::new();
    place.scenario("trapped").program(&trapped()).write();
    place
        .scenario("wasteful")
        .program(&wasteful())
        .expect(&format!(
            "value = \"{WASTEFUL}\"\ngrowth = {{ heap = 0.0 }}"
        ))
        .write();
    place.scenario("linear").program(&linear()).write();
    let names = ["trapped", "wasteful", "linear"];
    let arguments = [&names[..], &["--seed", "7", "--instructions", "30_000_000"]].concat();
    let first = climb(&place, &arguments).exits(1);
    let kinds: Vec<&str> = first
        .events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "climbs-started",
            "climb-finished",
            "climb-finished",
            "climb-finished",
            "climbs-finished"
        ]
    );
    let start = &first.events[0];
    assert_eq!(
        (&start["vera"], &start["seed"], &start["cases"]),
        (&"0.2.5".into(), &7.into(), &3.into())
    );
    let end = first.events.last().unwrap();
    assert_eq!(
        (&end["cases"], &end["failed"], &end["interrupted"]),
        (&3.into(), &2.into(), &false.into())
    );
    let found = climbed(&first, "wasteful");
    assert_eq!(found["axis"], "axis");
    assert_eq!(found["end"]["by"], "budget");
    for point in found["points"].as_array().unwrap() {
        assert!(point["measures"]["heap"].as_u64().unwrap() > 0, "{point}");
        assert!(point["probed"]["live"].is_u64(), "{point}");
        assert!(point["run"]["cpu"].as_f64().unwrap() > 0.0, "{point}");
    }
    for name in ["instructions", "heap", "allocated", "roots"] {
        assert!(cost(found, name)["fit"].is_object(), "{name} of {found}");
    }
    let second = climb(&place, &arguments).exits(1);
    for name in names {
        let records = [&first, &second].map(|ran| timeless(climbed(ran, name)));
        assert_eq!(records[0], records[1], "{name}");
    }
}

/// A climb's record without what a clock, or the size of a process, says.
fn timeless(climb: &Value) -> Value {
    let mut climb = climb.clone();
    climb["seconds"].take();
    let growth = climb["growth"].as_array_mut().unwrap();
    growth.retain(|it| !it["cost"].as_str().unwrap().starts_with("compile"));
    for point in climb["points"].as_array_mut().unwrap() {
        point["run"].take();
        point["compile"].take();
    }
    climb
}

#[test]
fn compiling_is_measured_at_each_n_of_a_program_that_grows_with_it() {
    let place = Place::new();
    let generator = "fn program(n) {\n  let body = \"0\";\n  for i in 0..n { body += \" + 1\"; }\n  `public fn main(-> @Int) requires(true) ensures(true) effects(pure) { ${body} }`\n}\n";
    place
        .scenario("sum")
        .file("program.rhai", generator)
        .expect("value = \"n\"\ngrowth = { compile = 1.0 }")
        .write();
    place.scenario("fixed").program(&identity()).write();
    let ran = climb(&place, &["sum", "fixed", "--to", "16"]).exits(0);
    let compiled = |name: &str| -> Vec<bool> {
        let points = climbed(&ran, name)["points"].as_array().unwrap();
        let compiled = points.iter().map(|point| {
            let used = &point["compile"];
            used["cpu"].as_f64().unwrap_or(0.0) > 0.0
                && used["peak_memory"].as_u64().unwrap_or(0) > 10_000_000
        });
        compiled.collect()
    };
    assert_eq!(compiled("sum"), [true; 5]);
    // The same module serves every n.
    assert_eq!(compiled("fixed"), [true, false, false, false, false]);
}

#[test]
fn a_few_climbs_are_shown_whole_and_many_in_a_line_each() {
    let place = Place::new();
    for name in ["one", "two", "three", "four"] {
        place.scenario(name).program(&linear()).write();
    }
    let few = climb(&place, &["one", "two", "--to", "64", "--jobs", "1"]).exits(0);
    assert_says(&few, " collections ");
    assert_eq!(
        few.stdout.matches("\n               64 ").count(),
        2,
        "{few}"
    );
    let names = ["one", "two", "three", "four"];
    let many = climb(&place, &[&names[..], &["--to", "64"]].concat()).exits(0);
    assert!(!many.stdout.contains(" collections "), "{many}");
    for name in names {
        assert_says(
            &many,
            &format!(
                "pass  {name} [native]: ceiling at least 64, the largest n to try; instructions n^"
            ),
        );
    }
    assert_says(&many, "4 climbs: 4 passed, 0 failed in");
}

// --- Other lanes, and what cannot be climbed ---------------------------------

#[test]
fn what_the_native_engine_cannot_run_climbs_on_the_other() {
    let place = Place::new();
    let body =
        "match json_parse(\"[1, 2]\") {\n    Ok(@Json) -> @Nat.0,\n    Err(@String) -> 0\n  }";
    let program = main_of("@Nat", "pure", body);
    place.scenario("json").program(&program).write();
    let ran = climb(&place, &["json", "--to", "4"]).exits(0);
    assert_says(&ran, "pass json [reference]: ceiling at least 4");
    let found = climbed(&ran, "json");
    assert_eq!(
        (&found["lane"], &found["verdict"]),
        (&"reference".into(), &"pass".into())
    );
    assert_eq!(scales(found), [1, 2, 4]);
    let points = found["points"].as_array().unwrap();
    assert!(points.iter().all(|point| point["measures"].is_null()));
}

#[test]
fn a_climb_goes_in_the_lane_that_is_asked_for() {
    let place = Place::new();
    place.scenario("linear").program(&linear()).write();
    for lane in ["reference", "native+eager", "native+random=7"] {
        let ran = climb(&place, &["linear", "--to", "2", "--lane", lane]).exits(0);
        assert_eq!(climbed(&ran, "linear")["lane"], lane);
    }
    let arguments = [
        "linear",
        "--to",
        "2",
        "--lane",
        "native+random",
        "--seed",
        "9",
    ];
    let ran = climb(&place, &arguments).exits(0);
    assert_eq!(climbed(&ran, "linear")["lane"], "native+random=9");
}

#[test]
fn an_oracle_that_ends_is_said_and_the_climb_with_it() {
    let place = Place::new();
    place
        .scenario("short")
        .program(&linear())
        .expect("")
        .file(
            "expect.rhai",
            "fn value(n) {\n  if n > 20 { throw \"that is enough\" }\n  n\n}\n",
        )
        .write();
    let ran = climb(&place, &["short"]).exits(0);
    assert_says(
        &ran,
        "pass short [native]: ceiling at least 16, n=32 has no oracle\n",
    );
    assert_says(
        &ran,
        "catalogue/axis/short/expect.rhai:2: `value(32)`: Runtime error: that is enough",
    );
    let found = climbed(&ran, "short");
    assert_eq!(
        (&found["end"]["by"], &found["end"]["at"], &found["ceiling"]),
        (&"oracle".into(), &32.into(), &16.into())
    );
}

#[test]
fn without_an_oracle_there_is_no_climb() {
    let place = Place::new();
    let scenario = place.scenario("divided").program(&identity());
    scenario.expect("value = \"n / (n - 1)\"").write();
    place.scenario("linear").program(&linear()).write();
    // As where such a case is run.
    let ran = climb(&place, &["divided", "linear", "--to", "2"]).exits(2);
    assert_says(
        &ran,
        "NOT RUN divided [native]: n=1 cannot be judged: catalogue/axis/divided/scenario.toml: `expect.value` at n = 1: Division by zero",
    );
    let found = climbed(&ran, "divided");
    assert_eq!(
        (&found["verdict"], &found["ceiling"]),
        (&"not-run".into(), &Value::Null)
    );
    assert_eq!(climbed(&ran, "linear")["verdict"], "pass");
}

#[test]
fn a_broken_scenario_file_keeps_no_other_from_climbing() {
    let place = Place::new();
    place.scenario("linear").program(&linear()).write();
    place.scenario("torn").keys("alone = tru").write();
    let ran = climb(&place, &["linear", "--to", "2"]).exits(2);
    assert_eq!(climbed(&ran, "linear")["verdict"], "pass");
    ran.says(&["catalogue/axis/torn/scenario.toml:4: "]);
}
