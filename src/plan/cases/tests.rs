use super::*;
use crate::case::{Lane, Scale};
use crate::plan::Name;
use crate::plan::scale_choice::ScaleChoice;
use crate::scenario::catalogue::Catalogue;

fn selection() -> Selection {
    Selection {
        lanes: vec![Lane::REFERENCE, Lane::REFERENCE_EAGER, Lane::NATIVE],
        ..Selection::default()
    }
}

fn built_in() -> Vec<Scenario> {
    Catalogue::load(&[] as &[&str]).scenarios
}

#[test]
fn partitions_share_all_cases_out() {
    let scenarios = built_in();
    let all = plan(&scenarios, &selection()).unwrap();
    let part = |part| {
        let partition = Some(Partition { part, of: 3 });
        let selection = Selection {
            partition,
            ..selection()
        };
        plan(&scenarios, &selection).unwrap()
    };
    let mut joined: Vec<Case> = (1..=3).flat_map(part).collect();
    joined.sort();
    assert_eq!(joined, all);
    for part in (1..=3).map(part) {
        assert!(
            part.len() > all.len() / 5,
            "{} of {}",
            part.len(),
            all.len()
        );
        // Whoever has a partner has it in the same share.
        for case in &part {
            let partner = case.lane.partner().map(|lane| Case {
                lane,
                ..case.clone()
            });
            let partner = partner.filter(|it| all.contains(it));
            assert!(partner.is_none_or(|it| part.contains(&it)), "{case}");
        }
    }
    assert!(
        ["0/3", "4/3", "1", "a/b", "1/0"]
            .iter()
            .all(|text| text.parse::<Partition>().is_err())
    );
}

#[test]
fn a_lane_without_a_seed_gets_that_of_the_run() {
    let lanes = |seed| -> Vec<String> {
        let selection = Selection {
            names: vec![Name::of("life")],
            lanes: ["native+random", "native+random=5", "native"]
                .map(|lane| lane.parse().unwrap())
                .to_vec(),
            seed,
            ..selection()
        };
        let cases = plan(&built_in(), &selection).unwrap();
        cases.iter().map(|case| case.lane.to_string()).collect()
    };
    assert_eq!(lanes(9), ["native", "native+random=5", "native+random=9"]);
    assert_eq!(lanes(5), ["native", "native+random=5"]);
}

#[test]
fn scales_are_numbers_or_multiples() {
    assert_eq!(
        "5_000".parse(),
        Ok(ScaleChoice::Fixed(Scale::new(5000).unwrap()))
    );
    assert_eq!("x0.5".parse(), Ok(ScaleChoice::Times(0.5)));
    for wrong in ["0", "-1", "x0", "x-1", "xinf", "many", ""] {
        assert!(wrong.parse::<ScaleChoice>().is_err(), "{wrong}");
    }
    let scenarios = built_in();
    let tiny = ScaleChoice::Times(1e-9).of(&scenarios[0], Lane::REFERENCE);
    assert_eq!(tiny, Scale::ONE);
}

#[test]
fn guards_are_found_by_number_and_by_words() {
    let scenarios = built_in();
    let names = |guard: &str| -> Vec<String> {
        let guards = vec![guard.to_owned()];
        let selection = Selection {
            guards,
            ..selection()
        };
        let held = scenarios
            .iter()
            .filter(|scenario| selection.holds(scenario));
        held.map(|scenario| scenario.name.clone()).collect()
    };
    assert!(names("#570").contains(&"array-map-int".to_owned()));
    assert_eq!(names("570"), names("#570"));
    assert!(names("SHADOW-STACK").contains(&"array-map-int".to_owned()));
    assert!(names("99999").is_empty());
}

#[test]
fn a_name_that_nothing_has_gets_a_suggestion() {
    let names = vec![Name::of("aray-map-int")];
    let error = plan(
        &built_in(),
        &Selection {
            names,
            ..selection()
        },
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("did you mean `array-map-int`?"),
        "{error}"
    );
}

fn cases(change: impl FnOnce(&mut Selection)) -> Vec<String> {
    let mut selection = selection();
    change(&mut selection);
    let cases = plan(&built_in(), &selection).unwrap();
    cases.iter().map(ToString::to_string).collect()
}

fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|it| it.parse().unwrap()).collect()
}

#[test]
fn a_name_with_a_lane_is_that_case_whatever_the_lanes_are() {
    let n = |lane| {
        let scenarios = built_in();
        let life = scenarios.iter().find(|it| it.name == "life").unwrap();
        ScaleChoice::Times(1.0).of(life, lane)
    };
    let own = n(Lane::NATIVE_CHECKS);
    for (typed, found) in [
        (
            &["life[native+checks]"][..],
            vec![format!("life [native+checks] n={own}")],
        ),
        (&["life [native] n=7"], vec!["life [native] n=7".to_owned()]),
        (
            &["life[reference*]"],
            vec![
                format!("life [reference] n={}", n(Lane::REFERENCE)),
                format!("life [reference+eager] n={}", n(Lane::REFERENCE_EAGER)),
            ],
        ),
    ] {
        assert_eq!(cases(|it| it.names = names(typed)), found);
    }
}

#[test]
fn what_is_excluded_is_left_out() {
    let all = cases(|_| ());
    let without = |texts: &[&str]| cases(|it| it.excluded = names(texts));
    let arrays = without(&["array-*"]);
    assert!(arrays.len() < all.len());
    assert!(!arrays.iter().any(|it| it.starts_with("array-")));
    let life = without(&["life[native*]"]);
    assert_eq!(life.len(), all.len() - 1);
    assert!(!life.iter().any(|it| it.starts_with("life [native]")));
    assert!(life.iter().any(|it| it.starts_with("life [reference]")));
}

#[test]
fn of_listed_cases_those_that_are_meant_are_left() {
    let case = |scenario: &str, lane, n| Case {
        scenario: scenario.to_owned(),
        lane,
        scale: Scale::new(n).unwrap(),
    };
    let only = vec![
        case("life", Lane::NATIVE_SANITIZE.seeded(3), 9),
        case("life", Lane::REFERENCE, 8),
        case("linked-list", Lane::NATIVE, 7),
        case("gone", Lane::NATIVE, 6),
    ];
    let left = |names: Vec<Name>, excluded: Vec<Name>| {
        let only = Some(only.clone());
        cases(|it| {
            *it = Selection {
                names,
                excluded,
                only,
                ..selection()
            }
        })
    };
    assert_eq!(
        left(vec![], vec![]),
        [
            "life [reference] n=8",
            "life [native+sanitize=3] n=9",
            "linked-list [native] n=7"
        ]
    );
    assert_eq!(
        left(names(&["life[native*]"]), vec![]),
        ["life [native+sanitize=3] n=9"]
    );
    assert_eq!(left(vec![], names(&["life"])), ["linked-list [native] n=7"]);
}

#[test]
fn a_word_that_nothing_has_is_answered_with_those_there_are() {
    let why = |change: fn(&mut Selection)| {
        let mut selection = selection();
        change(&mut selection);
        plan(&built_in(), &selection).unwrap_err().to_string()
    };
    for (said, words) in [
        (
            why(|it| it.axes = vec!["nope".to_owned()]),
            "there is no axis `nope`\n     next: choose one of: arrays",
        ),
        (
            why(|it| it.tags = vec!["sead".to_owned()]),
            "no scenario has the tag `sead`\n     next: choose one of: ",
        ),
        (
            why(|it| it.guards = vec!["99999".to_owned()]),
            "no scenario guards `99999`\n     next: write a word",
        ),
        (
            why(|it| it.excluded = vec![Name::of("lief")]),
            "no scenario is called `lief`\n     next: did you mean `life`?",
        ),
    ] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}
