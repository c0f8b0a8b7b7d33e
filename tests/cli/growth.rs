//! `run` sees a cost that grows faster than declared, from two smaller scales beside
//! the one that is asked for.

use std::fs;

use crate::common::planted::copy_of_vera;
use crate::common::{Place, RELEASE, Ran, main_of};

/// Counts to n, n times, where `main` begins with what is counted to.
const ROUNDS: &str = "
private fn count(@Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { count(@Nat.0 - 1, @Int.0 + 1) }
}

private fn rounds(@Nat, @Nat, @Int -> @Int)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { rounds(@Nat.1, @Nat.0 - 1, count(@Nat.1, @Int.0)) }
}

";

/// Makes an array in each of n rounds, each longer than the one before, and
/// keeps none of them.
const LONGER: &str = "
private fn longer(@Nat, @Nat, @Int -> @Int)
  requires(@Nat.0 <= @Nat.1) ensures(true) decreases(@Nat.1 - @Nat.0) effects(pure)
{
  if @Nat.0 == @Nat.1 then { @Int.0 } else {
    longer(@Nat.1, @Nat.0 + 1, @Int.0 + nat_to_int(array_length(array_range(0, 1024 * nat_to_int(@Nat.0 + 1)))))
  }
}

";

const LINEAR: &str = "growth = { instructions = 1.0, heap = 0.0 }";

const LIMIT: &str = "[[known]]
vera = \"*\"
lanes = [\"*\"]
from_n = 16
verdict = \"growth\"
bound = { instructions = 2.0 }
because = \"It counts again and again.\"
";

/// A place with a program whose work is the square of n.
fn quadratic(growth: &str, tables: &str) -> Place {
    let place = Place::new();
    let main = main_of("@Int", "pure", "rounds(@Nat.0, @Nat.0, 0)");
    place
        .scenario("quadratic")
        .n(200)
        .program(&format!("{ROUNDS}{main}"))
        .expect(&format!("value = \"n * n\"\n{growth}"))
        .tables(tables)
        .write();
    place
}

fn run(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&["quadratic", "--lane", "native"], more].concat())
}

#[test]
fn a_quadratic_program_fails_and_its_smallest_n_is_found() {
    let place = quadratic(LINEAR, "");
    let ran = run(&place, &[]).exits(1).fails(
        "quadratic",
        "growth",
        "FAIL quadratic [native] n=200: instructions grow as n^",
    );
    let line = ran.failure("quadratic");
    assert!(
        line.contains(" from n=50 (") && line.ends_with("), and n is declared"),
        "{line}"
    );
    // Below 16, three points are too close together.
    let smallest = &ran.case("quadratic")["smallest"];
    assert_eq!(
        (&smallest["fails"], &smallest["passes"]),
        (&16.into(), &15.into())
    );
    let again = "again: vera-stress run quadratic --lane native --scale 16 --vera 0.2.5 --catalogue catalogue";
    assert!(ran.stdout.contains(again), "{ran}");
    run(&place, &["--scale", "16", "--no-shrink"])
        .exits(1)
        .fails("quadratic", "growth", "from n=4 (");
    for n in ["1", "3", "15"] {
        run(&place, &["--scale", n]).exits(0).passes("quadratic");
    }
}

#[test]
fn growth_is_looked_at_where_it_is_counted_and_elsewhere_where_much_is_spent() {
    let place = quadratic(LINEAR, "");
    let lanes = "reference,reference+eager,native+eager,native+random=3,native+sanitize=3,native";
    let ran = place
        .run(&["quadratic", "--lane", lanes, "--no-shrink"])
        .exits(1);
    for lane in lanes.split(',') {
        let verdict = if lane == "native" { "growth" } else { "pass" };
        let case = ran.case_in("quadratic", lane);
        assert_eq!(case["verdict"], verdict, "{lane}: {ran}");
    }
}

#[test]
fn what_is_declared_or_not_spoken_of_is_no_growth() {
    for growth in [
        "",
        "growth = { heap = 1.0 }",
        "growth = { instructions = 2.0 }",
        "growth = { instructions = \"n^2\" }",
        "growth = { instructions = \"n^2 log n\" }",
    ] {
        let place = quadratic(growth, "");
        run(&place, &[]).exits(0).passes("quadratic");
    }
    for growth in [
        "growth = { instructions = \"n log n\" }",
        "growth = { instructions = \"log n\" }",
    ] {
        let place = quadratic(growth, "");
        run(&place, &["--no-shrink"])
            .exits(1)
            .fails("quadratic", "growth", " is declared");
    }
}

#[test]
fn a_known_growth_is_known_until_it_is_ignored() {
    let place = quadratic(LINEAR, LIMIT);
    let ran = run(&place, &[]).exits(0);
    assert_eq!(ran.verdict("quadratic"), "known");
    assert!(ran.stdout.contains("1 known limit"), "{ran}");
    let ran = run(&place, &["--ignore-known"]).exits(1).fails(
        "quadratic",
        "growth",
        "instructions grow as n^",
    );
    let again = ran
        .stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("again: vera-stress "))
        .unwrap();
    assert!(again.contains(" --ignore-known "), "{again}");
    let output = place
        .process()
        .args(again.split_whitespace())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    // A case cannot show that it no longer grows at any n: nothing is fixed.
    let place = quadratic("growth = { instructions = 2.0 }", LIMIT);
    run(&place, &[]).exits(0).passes("quadratic");
}

#[test]
fn every_kind_of_known_limit_can_be_ignored() {
    let place = Place::new();
    place
        .scenario("wrong")
        .program(&main_of("@Nat", "pure", "@Nat.0 + 1"))
        .tables(
            &LIMIT
                .replace("growth", "wrong")
                .replace("bound = { instructions = 2.0 }\n", "")
                .replace("16", "1"),
        )
        .write();
    let ran = place.judge(&["wrong"]).exits(0);
    assert_eq!(ran.verdict("wrong"), "known");
    let ran = place.judge(&["wrong", "--ignore-known"]).exits(1).fails(
        "wrong",
        "wrong",
        "expected 10, got 11",
    );
    assert!(ran.stdout.contains(" --ignore-known "), "{ran}");
}

#[test]
fn a_known_growth_explains_the_costs_that_it_names() {
    for (bound, verdict) in [
        ("instructions = 2.0", "known"),
        ("heap = 1.0, instructions = \"n^2\"", "known"),
        ("heap = 3.0", "growth"),
        ("roots = 1.0, stack = 1.0", "growth"),
    ] {
        let place = quadratic(LINEAR, &LIMIT.replace("instructions = 2.0", bound));
        let ran = run(&place, &["--no-shrink"]);
        assert_eq!(ran.verdict("quadratic"), verdict, "{bound}: {ran}");
    }
}

#[test]
fn a_known_growth_hides_nothing_that_is_worse_and_holds_at_every_scale() {
    let bound = |to: &str| {
        LIMIT
            .replace("2.0", to)
            .replace("from_n = 16", "from_n = 500")
    };
    let place = quadratic(LINEAR, &bound("1.5"));
    for scale in ["16", "50", "200", "400"] {
        let ran = run(&place, &["--scale", scale, "--no-shrink"]).exits(1);
        let ran = ran.fails("quadratic", "growth", "instructions grow as n^");
        let words = "and n is declared (known is no more than n^1.5)";
        assert!(ran.failure("quadratic").ends_with(words), "{ran}");
    }
    let place = quadratic(LINEAR, &bound("2.0"));
    for scale in ["16", "50", "200", "400", "600"] {
        let ran = run(&place, &["--scale", scale]).exits(0);
        assert_eq!(ran.verdict("quadratic"), "known", "{scale}: {ran}");
    }
}

#[test]
fn a_step_below_the_scenario_s_n_is_no_growth_and_what_goes_on_is() {
    // From n = 64 on each n costs 40 times as much.
    let main = main_of(
        "@Int",
        "pure",
        "rounds(if @Nat.0 < 64 then { 10 } else { 400 }, @Nat.0, 0)",
    );
    let place = Place::new();
    let step = |n: u64| {
        place
            .scenario("step")
            .n(n)
            .program(&format!("{ROUNDS}{main}"))
            .expect(&format!(
                "value = \"n * if n < 64 {{ 10 }} else {{ 400 }}\"\n{LINEAR}"
            ))
            .write();
        |scale: &str| place.run(&["step", "--lane", "native", "--scale", scale, "--no-shrink"])
    };
    let ran = step(1_000)("100").exits(0).passes("step");
    let case = ran.case("step");
    let n = |key: &str| -> Vec<u64> {
        let points = case[key].as_array().unwrap();
        points.iter().map(|it| it["n"].as_u64().unwrap()).collect()
    };
    assert_eq!((n("grown"), n("beyond")), (vec![25, 50, 100], vec![400]));
    // At the scenario's own n, the three points are all that is looked at.
    step(100)("100")
        .exits(1)
        .fails("step", "growth", "instructions grow as n^");
}

#[test]
fn a_heap_that_grows_as_the_square_fails() {
    let place = Place::new();
    let main = main_of("@Int", "pure", "longer(@Nat.0, 0, 0)");
    place
        .scenario("longer")
        .program(&format!("{LONGER}{main}"))
        .expect("value = \"512 * n * (n + 1)\"\ngrowth = { heap = 1.0 }")
        .write();
    let arguments = ["longer", "--lane", "native", "--scale", "32", "--no-shrink"];
    place
        .run(&arguments)
        .exits(1)
        .fails("longer", "growth", "heap grows as n^1.9");
}

#[test]
fn a_shadow_stack_that_leaks_fails_long_before_it_is_full() {
    let place = Place::new();
    let run = |vera: &str| {
        let mut command = place.process();
        command.args(["run", "--vera", vera, "--json", "events.jsonl"]);
        command.args(["cross-module-strings", "--lane", "native", "--scale", "500"]);
        let output = command.arg("--no-shrink").output().unwrap();
        place.ran(output)
    };
    run("0.1.13").exits(1).fails(
        "cross-module-strings",
        "growth",
        "n=500: the shadow stack overflows at about n=4092: it fills by 4 bytes for each n, 2016 of its 16384 bytes at n=500, and constant is declared",
    );
    run("0.2.5").exits(0);
}

#[test]
fn a_program_that_is_made_from_n_is_not_looked_at() {
    let place = Place::new();
    let generator = format!(
        "fn program(n) {{ `{ROUNDS}public fn main(-> @Int) requires(true) ensures(true) effects(pure) {{ rounds(${{n}}, ${{n}}, 0) }}` }}"
    );
    place
        .scenario("made")
        .n(64)
        .file("program.rhai", &generator)
        .expect(&format!("value = \"n * n\"\n{LINEAR}"))
        .write();
    place
        .run(&["made", "--lane", "native"])
        .exits(0)
        .passes("made");
}

/// n Decimals, of which one is alive at a time.
const ADDED: &str = "
private fn added(@Nat, @Decimal -> @Decimal)
  requires(true) ensures(true) decreases(@Nat.0) effects(pure)
{
  if @Nat.0 == 0 then { @Decimal.0 } else { added(@Nat.0 - 1, decimal_add(@Decimal.0, decimal_from_int(2))) }
}

";

#[test]
fn what_the_host_keeps_is_seen_where_no_instruction_shows_it() {
    let place = Place::new();
    let body = "float_to_int(decimal_to_float(added(@Nat.0, decimal_from_int(0))))";
    place
        .scenario("added")
        .n(8_000)
        .program(&format!("{ADDED}{}", main_of("@Int", "pure", body)))
        .expect("value = \"2 * n\"\ngrowth = { heap = 0.0 }")
        .write();
    let judged = |vera: &str| place.run(&["added", "--lane=reference", "--vera", vera]);
    let healthy = judged(RELEASE).exits(0);
    let kept = healthy.case("added")["host"]["stores"].as_u64().unwrap();
    assert!(kept < 8_192, "{kept}");
    // A host that forgets to let go of what the collector no longer finds.
    let faulty = copy_of_vera(&place, "keeps");
    let file = faulty.join("vera/codegen/api.py");
    let text = fs::read_to_string(&file).unwrap();
    let (old, new) = ("_decimal_store.pop(handle, None)", "pass");
    assert_eq!(text.matches(old).count(), 1);
    fs::write(&file, text.replace(old, new)).unwrap();
    let words =
        "stores grow as n^1.00 from n=2000 (4,001) to n=8000 (16,001), and constant is declared";
    judged(faulty.to_str().unwrap())
        .exits(1)
        .fails("added", "growth", words);
}
