use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::read::parse;

/// A case of lane `native` by its number and verdict, as a line of JSON.
fn case(event: &str, number: usize, verdict: &str) -> Value {
    json!({
        "event": event, "scenario": format!("s{number:02}"), "axis": "axis", "lane": "native",
        "n": 10, "seed": 7, "verdict": verdict, "message": "", "smallest": null, "guards": [],
        "again": "vera-stress run", "folder": null, "ending": null,
        "budget": { "wall": 10.0, "memory": 1, "output": 1, "instructions": 1 },
        "run": null, "compile": null, "peak_heap": null, "output": null, "measures": null,
        "a later version": { "says": "more" },
    })
}

/// The first event of a run that plans cases 0 to `planned`.
fn start(partition: Option<&str>, cases: usize, planned: usize) -> Value {
    let planned: Vec<Value> = (0..planned)
        .map(|number| json!({ "scenario": format!("s{number:02}"), "axis": "axis", "lane": "native", "n": 10 }))
        .collect();
    json!({
        "event": "run-started", "started": "2026-11-21T12:00:00Z", "vera_stress": "0.1.0",
        "vera": "0.2.5", "toolchain": "0.2.5", "fingerprint": "00ff00ff00ff", "dependencies": [],
        "profile": "default", "seed": 7, "partition": partition, "catalogues": ["catalogue"],
        "jobs": 2, "cases": cases, "machine": "linux x86_64", "ignores_known": false,
        "planned": planned,
    })
}

/// The last event of a run; its counts are not looked at.
fn end(more: Value) -> Value {
    let mut end = json!({
        "event": "run-finished", "cases": 0, "passed": 0, "known": 0, "failed": 0, "fixed": 0,
        "unsupported": 0, "not_run": 0, "interrupted": false, "seconds": 1.5,
    });
    end.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    end
}

fn part(file: &str, events: &[Value]) -> Part {
    let text: String = events.iter().map(|event| format!("{event}\n")).collect();
    Part {
        file: file.to_owned(),
        run: parse(file, text.as_bytes()).unwrap(),
    }
}

/// Part `share` of a run of so many cases, with these of them.
fn share(file: &str, share: &str, planned: usize, cases: &[usize]) -> Part {
    let mut events = vec![start(Some(share), cases.len(), planned)];
    events.extend(cases.iter().map(|n| case("case-finished", *n, "pass")));
    events.push(end(json!({})));
    part(file, &events)
}

/// Changes what the run of a part says that it is about.
fn with(mut part: Part, change: impl FnOnce(&mut RunInfo)) -> Part {
    change(&mut part.run.info);
    part
}

/// What is seen of a merged run, but for the time that it took.
fn seen(merged: &MergedRun) -> (Value, Vec<Value>, Value) {
    let lines = merged.cases.iter().flat_map(|it| &it.lines);
    let lines = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = Summary {
        seconds: 0.0,
        ..merged.summary.clone()
    };
    (json!(merged.info), lines, json!(summary))
}

const VERDICTS: [&str; 7] = [
    "pass",
    "wrong",
    "known",
    "fixed",
    "unsupported",
    "not-run",
    "trap",
];

proptest! {
    /// Whichever part has which case, and in whatever order the files are named,
    /// the whole is what one run would have recorded.
    #[test]
    fn any_split_in_any_order_is_the_same_run(
        cases in proptest::collection::vec((0..7_usize, 0..6_usize, any::<bool>()), 0..12),
        of in 1..6_usize,
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        fault in 0..12_usize,
    ) {
        // The whole run is the split into one part.
        let split = |of: usize| -> Vec<Part> {
            let part = |number: usize| {
                let mut events = Vec::new();
                for (at, (verdict, _, shrunk)) in cases.iter().enumerate() {
                    if cases[at].1 % of != number {
                        continue;
                    }
                    events.push(case("case-finished", at, VERDICTS[*verdict]));
                    if *shrunk {
                        events.push(case("case-shrunk", at, VERDICTS[*verdict]));
                    }
                }
                let ended = events.iter().filter(|it| it["event"] == "case-finished").count();
                let share = format!("{}/{of}", number + 1);
                events.insert(0, start(Some(&share), ended, cases.len()));
                // Some part of the run, whichever it is, has a fault.
                let ill = fault % of == number;
                events.push(end(json!({
                    "interrupted": ill && fault == 11,
                    "faults": { "scenario": ill && fault == 3, "toolchain": ill && fault == 5 },
                })));
                super::tests::part(&share, &events)
            };
            (0..of).map(part).collect()
        };
        let whole = merge(split(1), false).unwrap();
        let mut parts = split(of);
        let rank = |part: &Part| {
            let share: Partition = part.run.info.partition.as_ref().unwrap().parse().unwrap();
            order[share.part - 1]
        };
        parts.sort_by_key(rank);
        let merged = merge(parts, false).unwrap();
        prop_assert_eq!(seen(&merged), seen(&whole));
        prop_assert_eq!(merged.summary.conclusion(), whole.summary.conclusion());
        prop_assert_eq!(merged.cases.len(), cases.len());
        prop_assert_eq!(merged.summary.seconds, 1.5 * of as f64);
    }
}

#[test]
fn what_is_known_in_the_end_counts_and_every_line_is_kept() {
    let mut shrunk = case("case-shrunk", 0, "wrong");
    shrunk["folder"] = "there".into();
    let events = [
        start(None, 1, 1),
        case("case-finished", 0, "wrong"),
        shrunk,
        end(json!({})),
    ];
    let merged = merge(vec![part("run", &events)], false).unwrap();
    assert_eq!(merged.cases.len(), 1);
    assert_eq!(merged.cases[0].record.folder.as_deref(), Some("there"));
    assert_eq!(merged.cases[0].lines.len(), 2);
    assert!(merged.cases[0].lines[0].contains("a later version"));
    assert_eq!(merged.summary.failed, 1);
}

/// What another run would say otherwise of itself.
type Change = fn(&mut RunInfo);

#[test]
fn parts_of_different_runs_are_told_apart() {
    let parts = |change: Change| {
        let second = with(share("b", "2/2", 2, &[1]), change);
        merge(vec![share("a", "1/2", 2, &[0]), second], false)
    };
    assert!(parts(|_| {}).is_ok());
    // These may differ: what is the same is the fingerprint.
    let merged = parts(|info| {
        info.machine = "macos aarch64".to_owned();
        info.toolchain = "latest".to_owned();
        info.jobs = 5;
        info.started = "2026-11-21T11:00:00Z".parse().unwrap();
    })
    .unwrap();
    assert_eq!(merged.info.machine, "linux x86_64, macos aarch64");
    assert_eq!(merged.info.jobs, 5);
    assert_eq!(merged.info.started.to_string(), "2026-11-21T11:00:00Z");
    let cases: [(Change, &str); 9] = [
        (|it| it.vera = "0.2.4".into(), "Vera 0.2.5 and 0.2.4"),
        (
            |it| it.fingerprint = "11aa11aa11aa".into(),
            "Vera 0.2.5 with the fingerprints 00ff00ff and 11aa11aa",
        ),
        (
            |it| it.vera_stress = "9.0.0".into(),
            "vera-stress 0.1.0 and 9.0.0",
        ),
        (
            |it| it.profile = "quick".into(),
            "profiles default and quick",
        ),
        (|it| it.seed = 8, "seeds 7 and 8"),
        (|it| it.catalogues.clear(), "catalogues catalogue and none"),
        (
            |it| it.ignores_known = true,
            "one ignores known limits, the other does not",
        ),
        (
            |it| it.planned[1].n = crate::case::Scale::ONE,
            "s01 [native] n=10 is a case of only one of them",
        ),
        (
            |it| it.partition = Some("2/3".into()),
            "one of 2 parts, the other of 3",
        ),
    ];
    for (change, words) in cases {
        let said = parts(change).unwrap_err().to_string();
        assert!(
            said.starts_with("a and b are parts of different runs: "),
            "{said}"
        );
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}

#[test]
fn a_part_or_a_case_given_twice_is_named_with_both_files() {
    let one = || share("a", "1/2", 2, &[0]);
    let error = |parts| merge(parts, true).unwrap_err().to_string();
    let said = error(vec![
        one(),
        share("b", "2/2", 2, &[1]),
        share("c", "1/2", 2, &[0]),
    ]);
    assert!(
        said.starts_with("part 1/2 is in two files, a and c"),
        "{said}"
    );
    let said = error(vec![one(), share("b", "2/2", 2, &[0])]);
    assert!(
        said.starts_with("s00 [native] n=10 is in two parts, a and b"),
        "{said}"
    );
    let whole = |file| with(share(file, "1/2", 1, &[0]), |info| info.partition = None);
    let said = error(vec![one(), whole("b")]);
    assert!(
        said.starts_with("b is a whole run and no part of one"),
        "{said}"
    );
    assert!(merge(vec![whole("b")], false).is_ok());
    let odd = with(one(), |info| info.partition = Some("3/2".to_owned()));
    assert!(error(vec![odd]).starts_with("a says that it is part `3/2`"));
    assert_eq!(merge(vec![], true).unwrap_err(), MergeError::Nothing);
}

#[test]
fn what_is_lost_is_named_and_its_cases_count_as_not_run() {
    let mut killed = share("b", "2/4", 5, &[1, 2]);
    killed.run.summary = None;
    killed.run.cases.pop();
    let parts = vec![share("a", "1/4", 5, &[0]), killed];
    let said = merge(parts.clone(), false).unwrap_err().to_string();
    assert!(
        said.starts_with(
            "the run is not whole: part 2/4 (b) did not finish, with 1 of its 2 cases recorded; \
             parts 3/4, 4/4 are missing"
        ),
        "{said}"
    );
    let merged = merge(parts, true).unwrap();
    assert_eq!(merged.lost.len(), 2);
    let named: Vec<(&str, Verdict)> = merged
        .cases
        .iter()
        .map(|it| (it.record.scenario.as_str(), it.record.verdict))
        .collect();
    let (pass, not_run) = (Verdict::Pass, Verdict::NotRun);
    assert_eq!(
        named,
        [
            ("s00", pass),
            ("s01", pass),
            ("s02", not_run),
            ("s03", not_run),
            ("s04", not_run)
        ]
    );
    let last = &merged.cases[4].record;
    assert_eq!(
        last.again,
        "vera-stress run s04 --lane native --scale 10 --vera 0.2.5 --catalogue catalogue"
    );
    assert!(
        last.message.contains("3/4, 4/4 are missing"),
        "{}",
        last.message
    );
    assert_eq!(merged.summary.not_run, 3);
    assert!(merged.summary.conclusion().incomplete);
    // What was made of the rest is a run like any other, and stays incomplete.
    let mut events = vec![json!(Event::RunStarted(merged.info.clone()))];
    let lines = merged.cases.iter().flat_map(|it| &it.lines);
    events.extend(lines.map(|line| serde_json::from_str(line).unwrap()));
    events.push(json!(Event::RunFinished(merged.summary.clone())));
    let again = merge(vec![part("merged", &events)], false).unwrap();
    assert_eq!(seen(&again), seen(&merged));
}

#[test]
fn of_many_missing_parts_the_first_are_named() {
    let lonely = |text: &str| {
        let part = share("a", text, 1, &[0]);
        merge(vec![part], false).unwrap_err().to_string()
    };
    let said = lonely("2/2");
    assert!(said.contains("not whole: part 1/2 is missing"), "{said}");
    let said = lonely("2/9");
    assert!(
        said.contains("parts 1/9, 3/9, 4/9, 5/9, 6/9, 7/9, 8/9, 9/9 are missing"),
        "{said}"
    );
    let said = lonely(&format!("2/{}", u64::MAX));
    let more = u64::MAX - 9;
    assert!(
        said.contains(&format!("/{} and {more} more are missing", u64::MAX)),
        "{said}"
    );
}

#[test]
fn a_lost_part_fails_the_run_also_where_its_cases_are_not_known() {
    let old = |part| with(part, |info: &mut RunInfo| info.planned.clear());
    let merged = merge(vec![old(share("a", "1/2", 2, &[0]))], true).unwrap();
    assert_eq!((merged.summary.cases, merged.summary.not_run), (1, 0));
    assert!(merged.summary.conclusion().incomplete);
    // All cases ended, and the run did not.
    let mut killed = share("a", "1/1", 1, &[0]);
    killed.run.summary = None;
    assert!(merge(vec![killed.clone()], false).is_err());
    assert!(
        merge(vec![killed], true)
            .unwrap()
            .summary
            .conclusion()
            .incomplete
    );
}
