//! Every release's modules run on the native engine: each of their imports is
//! bound, and what comes out is what the oracle says.

use crate::agree::agree;
use crate::native::{Module, Vera, every, given, measures, number, random, request, scenarios_on};
use vera_stress::case::{Case, Ending, GcMode, Lane, Outcome, Scale, VeraVersion};
use vera_stress::engine::native::NativeRequest;
use vera_stress::scenario::Scenario;

/// The releases that other tests have installed already.
const INSTALLED: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// All others from `PyPI` that are in range.
const OTHERS: [&str; 12] = [
    "0.1.6", "0.1.7", "0.1.8", "0.1.9", "0.1.10", "0.1.11", "0.1.12", "0.1.13", "0.2.1", "0.2.2",
    "0.2.3", "0.2.4",
];

/// Small enough for every mode, large enough to do everything.
const SCALE: u64 = 40;

/// The scenarios that are right in every mode on 0.1.x, too, but where they say
/// otherwise: in others, numbers are taken for pointers wherever it collects.
fn is_core(scenario: &Scenario) -> bool {
    scenario.tags.iter().any(|tag| tag == "seed")
}

/// The n of a mode: where many allocations collect, or none, no more than the scenario
/// takes where all do.
fn scale(scenario: &Scenario, mode: GcMode) -> Scale {
    let scale = Scale::new(SCALE).unwrap();
    let dense = matches!(
        mode,
        GcMode::Eager | GcMode::Every(_) | GcMode::Random(_) | GcMode::PerStack | GcMode::Never
    );
    match dense && scenario.call.depends_on_scale() {
        true => scale.min(scenario.scale_in(Lane::REFERENCE_EAGER)),
        false => scale,
    }
}

/// Whether an outcome is what the oracle says.
fn is_right(scenario: &Scenario, mode: GcMode, outcome: &Outcome) -> bool {
    let expected = scenario.oracle.at(scale(scenario, mode)).unwrap();
    let Ending::Returned { value, .. } = &outcome.ending else {
        return false;
    };
    Some(value) == expected.value()
        && Some(&outcome.stdout[..]) == expected.stdout().map(str::as_bytes)
}

/// Whether a scenario says that it fails in a lane at the n of a mode.
fn is_known(scenario: &Scenario, lane: Lane, mode: GcMode, release: &str) -> bool {
    let case = Case {
        scenario: scenario.name.clone(),
        lane,
        scale: scale(scenario, mode),
    };
    !scenario
        .known_limits(&case, &VeraVersion::new(release))
        .is_empty()
}

fn module(release: &str, scenario: &Scenario) -> Module {
    let scale = Scale::new(SCALE).unwrap();
    let sources = scenario.program.sources(scale).unwrap();
    Vera::of(release).compile_in(&sources, Lane::NATIVE)
}

fn run(module: &Module, scenario: &Scenario, mode: GcMode) -> Outcome {
    let scale = scale(scenario, mode);
    let input = scenario.input.at(scale).unwrap();
    let arguments: &[i64] = match scenario.call.depends_on_scale() {
        true => &[scale.get().cast_signed()],
        false => &[],
    };
    module.execute(&NativeRequest {
        input: input.into_bytes(),
        files: given(scenario),
        env: scenario.surroundings.env.clone(),
        mode,
        ..request(arguments)
    })
}

/// Whether the program asks for what the native engine has not.
fn is_unsupported(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Unsupported { .. })
}

#[test]
fn the_catalogue_is_right_as_shipped_on_every_release() {
    for release in INSTALLED {
        for scenario in scenarios_on(release) {
            let outcome = run(&module(release, scenario), scenario, GcMode::Shipped);
            if is_unsupported(&outcome) {
                continue;
            }
            let name = &scenario.name;
            assert!(
                is_right(scenario, GcMode::Shipped, &outcome)
                    || is_known(scenario, Lane::REFERENCE, GcMode::Shipped, release),
                "{name} on {release}: {:?}",
                outcome.ending
            );
            assert!(measures(&outcome).instructions.0 > 0, "{name} on {release}");
        }
    }
}

#[test]
fn the_catalogue_is_right_in_every_mode_but_where_it_is_known_not_to_be() {
    let modes = [
        GcMode::Eager,
        every(3),
        random(1),
        GcMode::PerStack,
        GcMode::Never,
    ];
    let (mut right, mut all) = (0, 0);
    for release in INSTALLED {
        let held = |it: &&Scenario| release >= "0.2" || is_core(it);
        for scenario in scenarios_on(release).filter(held) {
            let module = module(release, scenario);
            for mode in modes {
                let is_known = |lane| is_known(scenario, lane, mode, release);
                let outcome = run(&module, scenario, mode);
                if is_unsupported(&outcome) {
                    continue;
                }
                let is_right = is_right(scenario, mode, &outcome);
                // What is wrong as shipped is so without a collector, too.
                let shipped = is_known(Lane::REFERENCE);
                // What breaks where every allocation collects may break where some do.
                let dense = [Lane::REFERENCE_EAGER, Lane::NATIVE_RANDOM.seeded(1)];
                let may_fail = shipped || mode != GcMode::Never && dense.into_iter().any(is_known);
                let name = &scenario.name;
                assert!(
                    is_right || may_fail,
                    "{name} on {release} in {mode:?}: {:?}",
                    outcome.ending
                );
                right += usize::from(is_right);
                all += 1;
            }
        }
    }
    assert!(right > all * 4 / 5, "{right} of {all}");
}

#[test]
fn the_sanitizer_reports_nothing_but_what_is_known() {
    for release in ["0.2.0", "0.2.5"] {
        for scenario in scenarios_on(release) {
            let module = module(release, scenario);
            for lane in [Lane::NATIVE_CHECKS, Lane::NATIVE_SANITIZE.seeded(1)] {
                let outcome = run(&module, scenario, lane.mode);
                assert!(
                    is_right(scenario, lane.mode, &outcome)
                        || is_unsupported(&outcome)
                        || is_known(scenario, lane, lane.mode, release),
                    "{} on {release} in {lane}: {:?}",
                    scenario.name,
                    outcome.ending
                );
            }
        }
    }
}

/// A program that needs something of every family of host functions.
const EVERY_FAMILY: &str = "
private fn raised(@Unit -> @Unit)
  requires(true) ensures(true) effects(<State<Int>>)
{
  put(get(()) + 1)
}

private fn counted(@Nat -> @Int)
  requires(@Nat.0 > 0) ensures(true) effects(pure)
{
  handle[State<Int>](@Int = nat_to_int(@Nat.0)) {
    get(@Unit) -> { resume(@Int.0) },
    put(@Int) -> { resume(()) } with @Int = @Int.0
  } in {
    raised(());
    get(())
  }
}

private fn decimals(@Int -> @String)
  requires(true) ensures(true) effects(pure)
{
  let @Decimal = decimal_mul(decimal_from_int(@Int.0), decimal_from_float(0.5));
  match decimal_from_string(\"1.25\") {
    Some(@Decimal) -> decimal_to_string(decimal_add(@Decimal.0, @Decimal.1)),
    None -> \"none\"
  }
}

private fn maps(@Int -> @Int)
  requires(true) ensures(true) effects(pure)
{
  let @Map<String, Int> = map_insert(map_new(), \"a\", @Int.0);
  let @Map<String, Int> = map_insert(@Map<String, Int>.0, \"b\", 2);
  let @Map<Int, Int> = map_insert(map_new(), 3, 4);
  let @Set<String> = set_add(set_add(set_new(), \"x\"), \"y\");
  let @Set<Int> = set_add(set_new(), @Int.0);
  nat_to_int(map_size(@Map<String, Int>.0) + set_size(@Set<String>.0))
    + option_unwrap_or(map_get(@Map<String, Int>.0, \"a\"), 0) * 10
    + option_unwrap_or(map_get(@Map<Int, Int>.0, 3), 0) * 1000
    + (if set_contains(@Set<Int>.0, @Int.0) then { 10000 } else { 0 })
}

public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects(<IO, Random>)
{
  let @Int = nat_to_int(@Nat.0);
  IO.print(decimals(@Int.0));
  IO.stderr(float_to_string(floor_of(sin(0.5))));
  let @Int = Random.random_int(2, 2) + maps(@Int.0);
  @Int.0 + counted(@Nat.0)
}

private fn floor_of(@Float64 -> @Float64)
  requires(true) ensures(true) effects(pure)
{
  int_to_float(floor(@Float64.0 * 1000.0))
}
";

#[track_caller]
fn runs_every_family(release: &str) {
    let outcome = agree(release, EVERY_FAMILY, Some(7));
    assert_eq!(
        number(&outcome),
        2 + 4 + 70 + 4_000 + 10_000 + 8,
        "{release}"
    );
    assert_eq!(outcome.stdout, b"4.75", "{release}");
}

#[test]
fn a_program_of_every_family_runs_on_installed_releases() {
    for release in INSTALLED {
        runs_every_family(release);
    }
}

#[test]
#[ignore = "long: installs a dozen releases"]
fn a_program_of_every_family_runs_on_all_other_releases() {
    for release in OTHERS {
        runs_every_family(release);
    }
}
