use std::fs;

use super::*;
use crate::case::Lane;

fn config(text: &str) -> Result<Config, Problem> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    let inner = folder.path().join("a/b");
    fs::create_dir_all(&inner).unwrap();
    Config::find(&inner)
}

#[test]
fn the_file_above_the_working_directory_holds() {
    let config = config(
        "vera = \"0.2.0\"\ncatalogues = [\"tests/stress\"]\n[profiles.quick]\nbudget = \"10s\"\n[profiles.mine]\nlanes = [\"reference+eager\"]\nscale = \"x2\"\nshrink = \"off\"\njobs = 3\nfail_fast = true\nseed = 7\n",
    )
    .unwrap();
    assert_eq!(config.vera.as_deref(), Some("0.2.0"));
    assert!(config.catalogues[0].ends_with("tests/stress"));
    assert_eq!(config.history, None);
    let quick = config.profile("quick").unwrap();
    assert_eq!((quick.budget.as_secs(), quick.lanes.len()), (10, 1));
    assert_eq!(quick.seed, None);
    let mine = config.profile("mine").unwrap();
    assert_eq!(mine.lanes, [Lane::REFERENCE_EAGER]);
    assert_eq!(
        (mine.shrink, mine.jobs, mine.fail_fast, mine.seed),
        (None, Some(3), true, Some(7))
    );
    assert_eq!(mine.budget.as_secs(), 1_800);
}

#[test]
fn the_history_is_a_file_from_where_the_configuration_stands_or_nowhere() {
    let history = |text: &str| config(text).unwrap().history.unwrap();
    assert_eq!(history("history = false\n"), Recording::Off);
    match history("history = \"kept/stress.db\"\n") {
        Recording::File(path) => {
            assert!(path.ends_with("kept/stress.db") && path.is_absolute());
        }
        Recording::Off => panic!("it names a file"),
    }
}

#[test]
fn every_built_in_profile_runs_what_the_smaller_one_runs() {
    let lanes = |name: &str| Config::default().profile(name).unwrap().lanes;
    let [quick, default, nightly] = BUILT_IN.map(lanes);
    assert!(quick.iter().all(|lane| default.contains(lane)));
    assert!(default.iter().all(|lane| nightly.contains(lane)));
    assert_eq!([quick.len(), default.len(), nightly.len()], [1, 5, 9]);
}

#[test]
fn what_it_does_not_know_is_named_with_its_line() {
    for (text, place, says) in [
        (
            "vera = \"0.2.0\"\ncolour = 1\n",
            ":2",
            "unknown field `colour`",
        ),
        (
            "[profiles.x]\nlanes = [\"turbo\"]\n",
            ":2",
            "there is no lane `turbo`",
        ),
        ("[profiles.x]\nbudget = \"soon\"\n", ":2", "no duration"),
        ("[profiles.x]\nscale = \"0\"\n", ":2", "no scale"),
        ("[profiles.x]\nshrink = \"never\"\n", ":2", "or off"),
        ("[profiles.x]\njobs = 0\n", ":2", "nonzero"),
        ("history = true\n", ":1", "is no history"),
        ("[profiles.x]\nseed = -1\n", ":2", "expected u64"),
    ] {
        let error = config(text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(says), "{error}");
    }
    let error = Config::default().profile("fast").unwrap_err().to_string();
    assert!(error.contains("default, nightly, quick"), "{error}");
}
