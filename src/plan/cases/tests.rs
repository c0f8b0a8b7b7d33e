use super::*;
use crate::case::{Lane, Scale};
use crate::plan::scale_choice::ScaleChoice;
use crate::scenario::catalogue::Catalogue;

fn selection() -> Selection {
    Selection {
        names: vec![],
        axes: vec![],
        guards: vec![],
        tags: vec![],
        lanes: vec![Lane::REFERENCE, Lane::REFERENCE_EAGER, Lane::NATIVE],
        seed: 0,
        scale: ScaleChoice::Times(1.0),
        partition: None,
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
            names: vec!["life".to_owned()],
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
    let names = vec!["aray-map-int".to_owned()];
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
