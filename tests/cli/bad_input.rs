//! What happens when something is wrong with what somebody wrote for the harness:
//! a scenario file, an oracle, the configuration, the command line, or a file
//! that is to be written.
//!
//! Whatever it is, the first line says what and where, the exit code tells the
//! kinds apart, and no other case of the run is lost.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::common::{Place, identity};

// --- Scenario files ----------------------------------------------------------

#[test]
fn a_broken_scenario_file_is_named_with_its_line_and_the_others_are_judged() {
    let place = Place::new();
    place.good();
    place
        .scenario("misspelt")
        .program("")
        .keys("bugdet = 1")
        .write();
    place
        .scenario("torn")
        .program("")
        .keys("alone = tru")
        .write();
    place
        .scenario("unexpected")
        .program("")
        .expect("value = \"n +\"")
        .write();
    place
        .scenario("lazy")
        .program("")
        .tables("[budget]\nwork = 0")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/lazy/scenario.toml:15: `0` is no number of instructions above zero; write it as in",
        "catalogue/axis/misspelt/scenario.toml:4: unknown field `bugdet`",
        "catalogue/axis/torn/scenario.toml:4: ",
        "catalogue/axis/unexpected/scenario.toml:12: `n +`: this is not a Rhai expression",
    ]);
}

#[test]
fn a_folder_without_scenario_toml_or_with_a_stray_file_is_named() {
    let place = Place::new();
    place.good();
    place.write("catalogue/axis/unfinished/main.vera", "");
    place
        .scenario("stray")
        .program("")
        .file("expects.rhai", "")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/unfinished: there is no scenario.toml in this folder",
        "catalogue/axis/stray: a scenario has no file `expects.rhai`",
    ]);
}

#[test]
fn a_scenario_file_that_is_not_text_is_named() {
    let place = Place::new();
    place.good();
    let folder = place.scenario("binary").write();
    fs::write(folder.join("main.vera"), b"\xff\xfe\x00").unwrap();
    place
        .judge(&["good"])
        .exits(2)
        .passes("good")
        .says(&["catalogue/axis/binary/main.vera: this cannot be read: "]);
}

#[test]
fn a_catalogue_that_does_not_exist_or_holds_nothing_is_named() {
    let place = Place::new();
    place.good();
    fs::create_dir(place.path("empty")).unwrap();
    place
        .judge(&["good", "--catalogue", "nowhere", "--catalogue", "empty"])
        .exits(2)
        .passes("good")
        .says(&[
            "nowhere: this catalogue cannot be opened: No such file or directory",
            "empty: this catalogue holds no scenario folder",
            "name an existing directory with --catalogue DIR",
        ]);
}

#[test]
fn two_scenarios_of_one_name_are_an_error_and_the_first_is_judged() {
    let place = Place::new();
    place.good();
    place.scenario("good").axis("other").program("").write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/other/good: there is a scenario `good` already, in catalogue/axis/good",
        "rename the folder",
    ]);
}

#[test]
fn a_name_of_the_built_in_catalogue_is_taken() {
    let place = Place::new();
    place.good();
    place.scenario("life").program("").write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/life: there is a built-in scenario `life` already",
        "rename the folder",
    ]);
}

#[test]
fn tests_and_data_beside_scenarios_are_none_of_them() {
    let place = Place::new();
    place.good();
    place.write("catalogue/axis/data/x.json", "{}");
    place.write("catalogue/data/deep/test_it.py", "pass");
    place.judge(&["good"]).exits(0).passes("good");
    // The canary: a program makes it one.
    place.write("catalogue/axis/data/main.vera", "");
    place
        .judge(&["good"])
        .exits(2)
        .says(&["catalogue/axis/data"]);
}

#[test]
fn a_lane_of_a_known_limit_is_one_that_there_is() {
    let place = Place::new();
    place.good();
    let known = |name: &str, lane: &str| {
        let keys = "vera = \"*\"\nfrom_n = 1\nverdict = \"wrong\"\nbecause = \"x\"";
        let tables = format!("[[known]]\n{keys}\nlanes = [\"{lane}\"]\n");
        place
            .scenario(name)
            .program(&identity())
            .expect("value = \"-1\"")
            .tables(&tables)
            .write();
    };
    known("placeholder", "native+random=SEED");
    known("letters", "native+every=K");
    known("no-lane", "natve*");
    known("some", "native+every=1*");
    known("any", "*=3");
    let lanes = ["--lane", "native+every=13,native+every=3", "--no-shrink"];
    let arguments = [&["good", "some", "any"][..], &lanes].concat();
    let ran = place.run(&arguments).exits(1).says(&[
        "`native+random=SEED` matches no lane; the lanes are: reference, ",
        "`native+every=K` matches no lane",
        "`natve*` matches no lane",
    ]);
    for (name, lane, verdict) in [
        ("some", "native+every=13", "known"),
        ("some", "native+every=3", "wrong"),
        ("any", "native+every=3", "known"),
        ("any", "native+every=13", "wrong"),
    ] {
        assert_eq!(ran.case_in(name, lane)["verdict"], verdict, "{name}: {ran}");
    }
}

#[test]
fn an_oracle_script_that_nobody_asks_is_an_error() {
    let place = Place::new();
    place.good();
    place
        .scenario("misspelt")
        .program(&identity())
        .file("expect.rhai", "fn stdot(n) { \"\" }")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "axis/misspelt/expect.rhai: there is no `fn value(n)`, `fn stdout(n)`, `fn stderr(n)` or `fn files(n)`\n     next: write the one",
    ]);
}

#[test]
fn an_oracle_that_never_ends_is_stopped_and_its_case_is_not_run() {
    let place = Place::new();
    place.good();
    place
        .scenario("endless-oracle")
        .program(&identity())
        .file("expect.rhai", "fn value(n) {\n  loop { n = 1; }\n}\n")
        .expect("")
        // Its operations are spent before its time, on whatever machine.
        .tables("[budget]\ntime = \"1h\"")
        .write();
    place
        .judge(&["good", "endless-oracle"])
        .exits(2)
        .passes("good")
        .fails(
            "endless-oracle",
            "not-run",
            "`value(10)`: more than 200000000 operations; find a cheaper computation",
        );
}

#[test]
fn an_oracle_that_fails_is_named_with_its_reason() {
    let place = Place::new();
    place.good();
    place
        .scenario("divided")
        .program(&identity())
        .expect("value = \"n / (n - n)\"")
        .write();
    place
        .scenario("listed")
        .program(&identity())
        .expect("value = \"[n]\"")
        .write();
    place
        .judge(&["good", "divided", "listed"])
        .exits(2)
        .passes("good")
        .fails("divided", "not-run", "catalogue/axis/divided/scenario.toml")
        .fails(
            "divided",
            "not-run",
            "`expect.value` at n = 10: Division by zero",
        )
        .fails(
            "listed",
            "not-run",
            "it must give an integer, a float, a bool, a string or ()",
        );
}

// --- Common files ------------------------------------------------------------

#[test]
fn a_common_file_that_cannot_be_used_is_named() {
    let place = Place::new();
    place.good();
    place.write("catalogue/common/notes.md", "Notes.");
    place.write("catalogue/common/words.vera", "");
    place.write("catalogue/common/sum.rhai", "fn sum(n) { n }");
    let uses = |name: &str, file: &str| {
        let keys = format!("uses = [\"{file}\"]");
        let scenario = place.scenario(name).keys(&keys);
        scenario.program(&identity())
    };
    uses("missing", "sums.rhai").write();
    uses("outside", "../axis/good/main.vera").write();
    uses("notes", "notes.md").write();
    uses("twice", "words.vera").file("words.vera", "").write();
    place
        .scenario("made")
        .keys("uses = [\"words.vera\"]")
        .file("program.rhai", "fn program(n) { \"\" }")
        .write();
    uses("untyped", "sum.rhai")
        .keys("uses = \"sum.rhai\"")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/missing/scenario.toml: `uses` names `sums.rhai`, which is not in catalogue/common",
        "it holds notes.md, sum.rhai, words.vera",
        "catalogue/axis/outside/scenario.toml: `uses` names `../axis/good/main.vera`, which is not in",
        "catalogue/axis/notes/scenario.toml: `uses` names `notes.md`, which is neither a module nor a script",
        "next: name a .vera or a .rhai file",
        "catalogue/axis/twice/scenario.toml: `uses` names `words.vera`, and the folder has a file of that name",
        "next: rename one of the two",
        "catalogue/axis/made: `uses` names a module, and there is a program.rhai",
        "catalogue/axis/untyped/scenario.toml:4: invalid type: string \"sum.rhai\"",
    ]);
}

#[test]
fn a_catalogue_without_common_files_says_so() {
    let place = Place::new();
    place.good();
    place
        .scenario("missing")
        .keys("uses = [\"sum.rhai\"]")
        .program(&identity())
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "`uses` names `sum.rhai`, which is not in catalogue/common",
        "which stands beside the axes; it holds nothing",
    ]);
}

#[test]
fn common_scripts_and_modules_are_of_use() {
    let place = Place::new();
    let main = identity().replace("  @Nat.0", "  twice(@Nat.0)");
    let twice = identity().replace("main", "twice");
    place.write(
        "catalogue/common/twice.vera",
        &twice.replace("  @Nat.0", "  @Nat.0 + @Nat.0"),
    );
    place.write("catalogue/common/twice.rhai", "fn twice(n) { 2 * n }");
    place
        .scenario("good")
        .keys("uses = [\"twice.vera\", \"twice.rhai\"]")
        .program(&format!("import twice(twice);\n\n{main}"))
        .expect("")
        .file("expect.rhai", "fn value(n) { twice(n) }")
        .write();
    place.judge(&["good"]).exits(0).passes("good");
}

#[test]
fn a_function_that_stands_in_two_scripts_is_an_error() {
    let place = Place::new();
    place.good();
    place.write("catalogue/common/a.rhai", "fn sum(n) { n }");
    place.write("catalogue/common/b.rhai", "fn sum(n) { n + 1 }");
    let scenario = |name: &str, uses: &str, oracle: &str| {
        place
            .scenario(name)
            .keys(&format!("uses = [{uses}]"))
            .program(&identity())
            .expect("")
            .file("expect.rhai", oracle)
            .write();
    };
    scenario(
        "own",
        "\"a.rhai\"",
        "fn value(n) { sum(n) }\nfn sum(n) { n }",
    );
    scenario("other", "\"a.rhai\", \"b.rhai\"", "fn value(n) { sum(n) }");
    scenario("same", "\"a.rhai\", \"a.rhai\"", "fn value(n) { sum(n) }");
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/common/a.rhai: `fn sum` stands here, and in catalogue/axis/own/expect.rhai too",
        "catalogue/common/b.rhai: `fn sum` stands here, and in catalogue/common/a.rhai too",
        "catalogue/common/a.rhai: `fn sum` stands here, and in catalogue/common/a.rhai too",
    ]);
}

#[test]
fn an_error_in_a_common_script_is_named_with_its_line() {
    let place = Place::new();
    place.good();
    place.write(
        "catalogue/common/third.rhai",
        "// The third of a list.\nfn third(n) {\n  let list = [n];\n  list[3]\n}\n",
    );
    place.write(
        "catalogue/common/torn.rhai",
        "fn torn(n) {\n  let list = [n;\n}\n",
    );
    let scenario = |name: &str, oracle: &str| {
        place
            .scenario(name)
            .keys(&format!("uses = [\"{name}.rhai\"]"))
            .program(&identity())
            .expect("")
            .file("expect.rhai", oracle)
            .write();
    };
    scenario("third", "fn value(n) { third(n) }");
    scenario("torn", "fn value(n) { torn(n) }");
    place
        .judge(&["good", "third"])
        .exits(2)
        .passes("good")
        .fails(
            "third",
            "not-run",
            "catalogue/common/third.rhai:4: `value(10)`: ",
        )
        .says(&["catalogue/common/torn.rhai:2: this is not a Rhai expression or script"]);
}

// --- Growth ------------------------------------------------------------------

#[test]
fn bad_shapes_and_costs_of_growth_are_named_with_their_line() {
    let place = Place::new();
    place.good();
    let shapes = [
        ("word", "instructions = \"fast\""),
        ("product", "heap = \"nlogn\""),
        ("negative", "instructions = -1.0"),
        ("huge", "instructions = \"n^11\""),
        ("truth", "instructions = true"),
        ("key", "wrok = 1.0"),
    ];
    for (name, growth) in shapes {
        let expect = format!("value = \"n\"\ngrowth = {{ {growth} }}");
        place.scenario(name).expect(&expect).program("").write();
    }
    let known = |name: &str, verdict: &str, bound: &str| {
        let keys = "vera = \"*\"\nlanes = [\"*\"]\nfrom_n = 1\nbecause = \"x\"";
        let tables = format!("[[known]]\n{keys}\nverdict = \"{verdict}\"\n{bound}\n");
        place.scenario(name).tables(&tables).program("").write();
    };
    known("bounded", "trap", "bound = { instructions = 2.0 }");
    known(
        "cost",
        "growth",
        "bound = { instructions = 2.0, wrok = 1.0 }",
    );
    known("unbounded", "growth", "");
    known("costs", "growth", "costs = [\"instructions\"]");
    place
        .scenario("climb")
        .tables("[climb]\nbugdet = \"1s\"")
        .program("")
        .write();
    place
        .scenario("slow")
        .tables("[climb]\nbudget = \"10 parsecs\"")
        .program("")
        .write();
    place.judge(&["good"]).exits(2).passes("good").says(&[
        "catalogue/axis/word/scenario.toml:13: `fast` is no shape of growth; write the p of cost ~ n^p",
        "catalogue/axis/product/scenario.toml:13: `nlogn` is no shape of growth",
        "or a text such as `instructions = \"n log n\"`",
        "catalogue/axis/negative/scenario.toml:13: -1 is no exponent of growth",
        "catalogue/axis/huge/scenario.toml:13: `n^11` is no shape of growth",
        "catalogue/axis/truth/scenario.toml:13: `true` is no shape of growth",
        "catalogue/axis/key/scenario.toml:13: unknown field `wrok`, expected one of `instructions`, `work`, `heap`",
        "catalogue/axis/bounded/scenario.toml:14: `bound` says what grows; write it with verdict = \"growth\", or take it out",
        "catalogue/axis/unbounded/scenario.toml:14: a known limit of growth has a bound, so that it hides nothing worse; write how fast each cost grows at most",
        "catalogue/axis/costs/scenario.toml:14: `costs` says what grows and not how fast; write instead how fast each grows at most, as a climb measured it, such as `bound = { instructions = 2.0 }`",
        "catalogue/axis/cost/scenario.toml:20: unknown variant `wrok`, expected one of `instructions`",
        "catalogue/axis/climb/scenario.toml:15: unknown field `bugdet`, expected one of `budget`, `instructions`",
        "catalogue/axis/slow/scenario.toml:15: `10 parsecs` is no duration",
    ]);
}

// --- Files that cannot be written --------------------------------------------

#[test]
fn a_failure_whose_folder_cannot_be_written_is_shown_all_the_same() {
    let place = Place::new();
    place.good();
    place.write(".vera-stress", "a file where a folder should be");
    place
        .scenario("wrong")
        .program(&identity())
        .expect("value = \"n + 1\"")
        .write();
    place
        .judge(&["good", "wrong"])
        .exits(1)
        .passes("good")
        .fails(
            "wrong",
            "wrong",
            "wrong [reference] n=10: expected 11, got 10",
        )
        .says(&[
            "no folder for wrong [reference] n=10 could be written below .vera-stress/failures: ",
        ]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_fills_the_disk_is_said_and_the_cases_are_judged() {
    let place = Place::new();
    place.good();
    let run = [
        "run",
        "good",
        "--catalogue",
        "catalogue",
        "--lane",
        "reference",
    ];
    for report in ["--json", "--junit"] {
        place
            .command()
            .args(run)
            .args([report, "/dev/full"])
            .assert()
            .code(2)
            .stdout(contains("1 case: 1 passed, 0 failed"))
            .stderr(
                contains("cannot be written: No space left on device")
                    .and(contains("next: free some space")),
            );
    }
}

#[test]
fn a_temporary_directory_that_cannot_be_used_is_named() {
    let place = Place::new();
    place.good();
    let nowhere = place.path("nowhere");
    place
        .run_in(&[("TMPDIR", &nowhere)], &["good"])
        .exits(2)
        .says(&[
            "making a temporary directory: No such file or directory",
            "nowhere",
            "name another one in TMPDIR",
        ]);
}

#[test]
fn nobody_reads_the_output_and_the_exit_code_is_right_all_the_same() {
    let place = Place::new();
    place.good();
    let mut process = place
        .process()
        .args(place.run_args(&["good", "--lane", "reference"]))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert_eq!(place.events().last().unwrap()["passed"], 1);
}

// --- The command line --------------------------------------------------------

/// Runs the binary with `arguments` in a place with one good scenario.
fn refused(arguments: &[&str], code: i32, sentences: &[&str]) {
    let place = Place::new();
    place.good();
    let refused = place
        .command()
        .args(arguments)
        .assert()
        .code(code)
        .stdout("");
    sentences
        .iter()
        .fold(refused, |refused, words| refused.stderr(contains(*words)));
}

#[test]
fn bad_values_of_options_are_refused_with_an_example() {
    for (option, value, words) in [
        (
            "--lane",
            "turbo",
            "there is no lane `turbo`; the lanes are: reference",
        ),
        (
            "--lane",
            "reference+never",
            "there is no lane `reference+never`: only the native engine has that mode",
        ),
        ("--lane", "native+random=x", "`x` is no seed"),
        (
            "--seed",
            "tomorrow",
            "`tomorrow` is no seed; write a number from 0 to 2^64 - 1, such as 20261121",
        ),
        ("--seed", "18446744073709551616", "is no seed"),
        (
            "--scale",
            "0",
            "`0` is no scale; write a number from 1 up, such as 5000, or a multiple",
        ),
        ("--scale", "x-1", "`x-1` is no scale"),
        ("--scale", "99999999999999999999", "is no scale"),
        (
            "--partition",
            "3/2",
            "`3/2` is no partition; write k/n with k from 1 to n, such as 2/4",
        ),
        ("--partition", "0/2", "is no partition"),
        (
            "--budget",
            "0s",
            "`0s` is no duration above zero; write it as in 500ms, 30s, 5m or 1h",
        ),
        (
            "--budget",
            "500000000000years",
            "is longer than anybody waits; write at most 365days",
        ),
        ("--jobs", "0", "`0` is no number from 1 up"),
        (
            "--color",
            "sometimes",
            "[possible values: auto, always, never]",
        ),
    ] {
        refused(&["run", option, value], 2, &[words]);
    }
}

#[test]
fn bad_values_of_a_climb_are_refused_with_an_example() {
    for (option, value, words) in [
        (
            "--lane",
            "turbo",
            "there is no lane `turbo`; the lanes are: reference",
        ),
        (
            "--budget",
            "0",
            "`0` is no duration above zero; write it as in 500ms, 30s, 5m or 1h",
        ),
        (
            "--instructions",
            "x",
            "`x` is no number of instructions above zero; write it as in",
        ),
        (
            "--instructions",
            "0",
            "`0` is no number of instructions above zero",
        ),
        (
            "--memory",
            "lots",
            "`lots` is no size above zero; write it as in 256MiB or 1GiB",
        ),
        (
            "--to",
            "0",
            "`0` is no n; write a number from 1 up, such as 5000",
        ),
        ("--to", "x2", "`x2` is no n"),
        ("--seed", "tomorrow", "`tomorrow` is no seed"),
        ("--jobs", "0", "`0` is no number from 1 up"),
    ] {
        refused(&["climb", option, value], 2, &[words]);
    }
    let ours = ["climb", "--catalogue", "catalogue"];
    for (more, code, words) in [
        (&["goood"][..], 4, "did you mean `good`?"),
        (&["--axis", "nowhere"], 4, "no case matches"),
        (
            &["good", "--scale", "5"],
            2,
            "unexpected argument '--scale'",
        ),
        (
            &["good", "--json", "no/such/folder/file"],
            2,
            "no/such/folder/file cannot be written: No such file or directory",
        ),
    ] {
        refused(&[&ours, more].concat(), code, &[words]);
    }
}

#[test]
fn an_unknown_profile_is_refused_with_those_there_are() {
    refused(
        &["run", "--profile", "fast"],
        2,
        &[
            "there is no profile `fast`",
            "choose one of: default, nightly, quick",
        ],
    );
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    refused(
        &["run", "--nope"],
        2,
        &["unexpected argument '--nope'", "Usage: vera-stress run"],
    );
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_run() {
    for option in ["--json", "--junit"] {
        refused(
            &[
                "run",
                "good",
                "--catalogue",
                "catalogue",
                option,
                "no/such/folder/file",
            ],
            2,
            &[
                "no/such/folder/file cannot be written: No such file or directory",
                "next: name a file in an existing directory",
            ],
        );
    }
}

#[test]
fn an_unknown_scenario_gets_a_suggestion() {
    refused(
        &["run", "goood", "--catalogue", "catalogue"],
        4,
        &["no scenario is called `goood`", "did you mean `good`?"],
    );
    refused(
        &["run", "zzz-*", "--catalogue", "catalogue"],
        4,
        &[
            "no scenario is called `zzz-*`",
            "`vera-stress list` shows all names",
        ],
    );
}

#[test]
fn filters_that_match_nothing_are_told_from_a_pass() {
    for filters in [
        &["--axis", "nowhere"] as &[&str],
        &["--guard", "99999"],
        &["good", "--axis", "nowhere"],
    ] {
        let arguments = [&["run", "--catalogue", "catalogue"], filters].concat();
        refused(&arguments, 4, &["no case matches", "next: "]);
    }
}

#[test]
fn options_before_a_command_that_does_not_take_them_are_refused() {
    refused(
        &["--scale", "5", "list"],
        2,
        &[
            "options of `run` stand before the command `list`",
            "write them after the command",
        ],
    );
}

#[test]
fn an_unknown_key_in_the_configuration_is_named_with_its_line() {
    let place = Place::new();
    place.good();
    place.write("vera-stress.toml", "vera = \"0.2.5\"\n\ncolour = true\n");
    place
        .command()
        .args(["run", "good", "--catalogue", "catalogue"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(
            contains("vera-stress.toml:3: unknown field `colour`")
                .and(contains("expected one of `vera`")),
        );
}
