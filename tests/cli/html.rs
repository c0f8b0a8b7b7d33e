//! The page that `--html` and `report` write: it holds what was recorded, whole,
//! and nothing of it breaks the page. `tests/page` opens it in a browser.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::common::{Place, main_of, three_scenarios};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

/// A recording in a page: its name, and its bytes.
fn recordings(page: &Path) -> Vec<(String, Vec<u8>)> {
    let page = fs::read_to_string(page).unwrap();
    let mark = "<script type=\"application/gzip\" class=\"recording\" data-name=\"";
    let unpacked = page.split(mark).skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\">").unwrap();
        let (packed, _) = rest.split_once("</script>").unwrap();
        let zipped = STANDARD.decode(packed).unwrap();
        let mut bytes = Vec::new();
        GzDecoder::new(&zipped[..]).read_to_end(&mut bytes).unwrap();
        (name.to_owned(), bytes)
    });
    unpacked.collect()
}

/// Runs the binary: its exit code, what it printed, and what it said.
fn vera_stress(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = place.process().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// That the page holds the same bytes as the file.
fn holds(place: &Place, page: &str, file: &str) {
    let recordings = recordings(&place.path(page));
    assert_eq!(recordings.len(), 1);
    assert!(recordings[0].1 == fs::read(place.path(file)).unwrap());
}

fn start(cases: usize) -> Value {
    json!({
        "event": "run-started", "started": "2026-11-21T21:03:37Z", "vera_stress": "0.1.0",
        "vera": "0.2.5", "toolchain": "0.2.5", "fingerprint": "1cab", "dependencies": [],
        "profile": "default", "seed": u64::MAX, "partition": null, "catalogues": [], "jobs": 2,
        "cases": cases, "machine": "linux x86_64"
    })
}

fn case(scenario: &str, verdict: &str, message: &str) -> Value {
    json!({
        "event": "case-finished", "scenario": scenario, "axis": "arrays", "lane": "native",
        "n": 2000, "seed": 1, "verdict": verdict, "message": message, "smallest": null,
        "guards": [], "again": "vera-stress run it", "folder": null,
        "ending": {"how": "returned", "value": {"int": i64::MAX}, "exit_code": null},
        "budget": {"wall": 60.0, "memory": 268435456, "output": 67108864, "instructions": 100000000000u64},
        "run": {"wall": 0.258605578, "cpu": 0.159663, "peak_memory": 38531072},
        "compile": null, "peak_heap": 125596, "output": 0, "measures": null
    })
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|it| format!("{it}\n")).collect()
}

#[test]
fn a_run_writes_the_page_that_report_makes_of_its_file() {
    let place = three_scenarios();
    let arguments = [
        "run",
        "one",
        "bad",
        "--catalogue",
        "catalogue",
        "--lane",
        "native",
        "--json",
        "run.jsonl",
        "--html",
        "run.html",
    ];
    let (code, _, _) = vera_stress(&place, &arguments);
    assert_eq!(code, Some(1));
    holds(&place, "run.html", "run.jsonl");
    let (code, printed, _) = vera_stress(&place, &["report", "run.jsonl", "--html", "again.html"]);
    assert_eq!(code, Some(0));
    assert_eq!(printed, "again.html: open it in a browser\n");
    let [run, again] = ["run.html", "again.html"].map(|it| fs::read(place.path(it)).unwrap());
    assert!(run == again);
    let plain = String::from_utf8(run).unwrap();
    assert!(plain.contains("FAIL bad [native]"));

    // Each record says what its scenario does; what failed, also why there is one.
    let recorded = fs::read_to_string(place.path("run.jsonl")).unwrap();
    let records = recorded.lines().map(|it| serde_json::from_str(it).unwrap());
    for record in records.filter(|it: &Value| it["event"] == "case-finished") {
        assert_ne!(record["title"].as_str().unwrap_or_default(), "", "{record}");
        let failed = record["scenario"] == "bad";
        assert_eq!(record.get("why").is_some(), failed, "{record}");
    }

    // So do the other commands that have `--html`.
    for (command, name) in [
        (&["merge", "run.jsonl"][..], "merge"),
        (
            &["climb", "one", "--catalogue", "catalogue", "--to", "8"],
            "climb",
        ),
        (
            &[
                "compare",
                "--catalogue",
                "catalogue",
                "one",
                "--lane",
                "native",
                "--vera",
                "0.1.5",
                "--vera",
                "0.2.5",
            ],
            "compare",
        ),
    ] {
        let (json, html) = (format!("{name}.jsonl"), format!("{name}.html"));
        let mut arguments = command.to_vec();
        arguments.extend(["--json", &json, "--html", &html]);
        let (_, _, said) = vera_stress(&place, &arguments);
        assert!(place.path(&html).exists(), "{name}: {said}");
        holds(&place, &html, &json);
    }
}

#[test]
fn what_a_program_prints_does_not_break_the_page() {
    let place = Place::new();
    let evil = "</script><!--</noscript></pre>&";
    place
        .scenario("evil")
        .n(1)
        .program(&main_of("@String", "pure", &format!("\"{evil}\"")))
        .expect("value = '\"fine\"'")
        .write();
    let arguments = [
        "run",
        "evil",
        "--catalogue",
        "catalogue",
        "--lane",
        "native",
        "--no-shrink",
        "--json",
        "run.jsonl",
        "--html",
        "run.html",
    ];
    let (_, _, said) = vera_stress(&place, &arguments);
    let recorded = fs::read_to_string(place.path("run.jsonl")).unwrap();
    assert!(recorded.contains(evil), "{recorded}{said}");
    holds(&place, "run.html", "run.jsonl");
    let page = fs::read_to_string(place.path("run.html")).unwrap();
    assert!(!page.contains(evil));
    assert!(page.contains("&lt;/script&gt;&lt;!--&lt;/noscript&gt;&lt;/pre&gt;&amp;"));
}

#[test]
fn the_default_page_stands_beside_its_file_and_may_be_written_anew() {
    let place = Place::new();
    place.write("parts/run.jsonl", &lines(&[start(0)]));
    for _ in 0..2 {
        let (code, printed, _) = vera_stress(&place, &["report", "parts/run.jsonl"]);
        assert_eq!(code, Some(0));
        assert_eq!(printed, "parts/run.html: open it in a browser\n");
    }
    let recordings = recordings(&place.path("parts/run.html"));
    assert_eq!(recordings[0].0, "run.jsonl");
}

#[test]
fn several_files_become_one_page_in_their_order() {
    let place = Place::new();
    place.write("a.jsonl", &lines(&[start(1), case("a", "pass", "")]));
    place.write("b&\".jsonl", &lines(&[json!({"event": "climbs-started"})]));
    let (code, _, _) = vera_stress(&place, &["report", "b&\".jsonl", "a.jsonl", "--html", "o"]);
    assert_eq!(code, Some(0));
    let names: Vec<String> = recordings(&place.path("o"))
        .into_iter()
        .map(|it| it.0)
        .collect();
    assert_eq!(names, ["b&amp;&quot;.jsonl", "a.jsonl"]);
}

#[test]
fn a_recording_that_was_cut_off_is_taken_whole() {
    let place = Place::new();
    let whole = lines(&[start(2), case("a", "pass", ""), case("b", "pass", "")]);
    place.write("run.jsonl", &whole[..whole.len() - 40]);
    let (code, _, _) = vera_stress(&place, &["report", "run.jsonl"]);
    assert_eq!(code, Some(0));
    holds(&place, "run.html", "run.jsonl");
    let page = fs::read_to_string(place.path("run.html")).unwrap();
    assert!(page.contains("This recording does not come to its end."));
}

#[test]
fn what_a_later_version_wrote_is_kept() {
    let place = Place::new();
    let mut later = case("a", "pass", "");
    later["later"] = json!({"deep": [1.5]});
    let event = json!({"event": "later-event", "value": 7});
    place.write("run.jsonl", &lines(&[start(1), later, event]));
    let (code, _, _) = vera_stress(&place, &["report", "run.jsonl"]);
    assert_eq!(code, Some(0));
    holds(&place, "run.html", "run.jsonl");
}

#[test]
fn without_a_script_a_failure_is_told_once_in_the_words_of_the_terminal() {
    let place = Place::new();
    let mut shrunk = case("a", "wrong", "expected 1 < 2");
    shrunk["event"] = json!("case-shrunk");
    shrunk["smallest"] = json!({"fails": 7, "passes": 6, "exact": true, "probes": 5, "text": "7 (6 passes)", "message": null});
    let events = [
        start(3),
        case("a", "wrong", "expected 1 < 2"),
        case("fine", "pass", ""),
        case("limit", "known", "as declared"),
        shrunk,
        json!({"event": "run-finished", "cases": 3, "failed": 1, "seconds": 2.500000642}),
    ];
    place.write("run.jsonl", &lines(&events));
    vera_stress(&place, &["report", "run.jsonl"]);
    let page = fs::read_to_string(place.path("run.html")).unwrap();
    let (_, plain) = page.split_once("<noscript>").unwrap();
    let (plain, _) = plain.split_once("</noscript>").unwrap();
    let failure =
        "FAIL a [native] n=2000: expected 1 &lt; 2\n     smallest failing n: 7 (6 passes)";
    assert_eq!(plain.matches("FAIL").count(), 1);
    assert!(plain.contains(failure), "{plain}");
    assert!(plain.contains("cases 3, failed 1, in 2.5 seconds."));
    assert!(
        plain.contains("A run on Vera 0.2.5 by vera-stress 0.1.0, begun at 2026-11-21 21:03 UTC.")
    );
    assert!(!plain.contains("fine") && !plain.contains("limit"));
}

#[test]
fn bad_files_are_refused_with_what_to_do() {
    let place = Place::new();
    let first = lines(&[start(1)]);
    for (content, said) in [
        ("", "run.jsonl holds no event"),
        ("\n\n", "run.jsonl holds no event"),
        (&first[..30], "run.jsonl is cut off in its first line"),
        ("not json\n", "run.jsonl:1: this is not JSON"),
        ("[1]\n", "run.jsonl:1: this is no event of vera-stress"),
        (
            "{\"event\":\"other\"}\n",
            "run.jsonl:1: no recording of vera-stress begins with the event `other`",
        ),
        (
            "{\"event\":\"case-finished\"}\n",
            "begins with the event `case-finished`",
        ),
        (
            &format!("{first}oh\n{first}"),
            "run.jsonl:2: this is not JSON",
        ),
        (
            &format!("{first}{first}"),
            "run.jsonl:2: another recording begins here",
        ),
        (
            &format!("{first}{{\"a\":1}}\n"),
            "run.jsonl:2: this is no event of vera-stress",
        ),
    ] {
        place.write("run.jsonl", content);
        let (code, printed, error) = vera_stress(&place, &["report", "run.jsonl"]);
        assert_eq!(code, Some(2), "{content}");
        assert_eq!(printed, "");
        assert!(error.contains(said), "{error}");
        assert!(error.contains("next: "), "{error}");
        if !error.contains("Vera cannot be set up") && !error.contains("cut off") {
            assert!(error.contains("of `run`, `climb`, `compare`, `merge`, `known` or `bisect`"));
        }
        assert!(!place.path("run.html").exists());
    }
    let (code, _, error) = vera_stress(&place, &["report", "nowhere.jsonl"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("nowhere.jsonl cannot be read"), "{error}");
    let (code, _, _) = vera_stress(&place, &["report"]);
    assert_eq!(code, Some(2));
}

#[test]
fn nothing_recorded_is_overwritten() {
    let place = Place::new();
    let text = lines(&[start(0)]);
    for name in ["a.jsonl", "b.jsonl", "c.html"] {
        place.write(name, &text);
    }
    place.write("empty.html", "");
    for (arguments, said) in [
        (
            &["a.jsonl", "b.jsonl", "--html", "./b.jsonl"][..],
            "b.jsonl is what the page is made of",
        ),
        (
            &["a.jsonl", "--html", "b.jsonl"],
            "b.jsonl is there already, and vera-stress did not write it",
        ),
        (&["c.html"], "c.html is what the page is made of"),
        (
            &["a.jsonl", "--html", "no/where.html"],
            "no/where.html cannot be written",
        ),
        (&["a.jsonl", "--html", "."], ". cannot be written"),
    ] {
        let (code, _, error) = vera_stress(&place, &[&["report"], arguments].concat());
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(error.contains(said) && error.contains("next: "), "{error}");
    }
    for name in ["a.jsonl", "b.jsonl", "c.html"] {
        assert_eq!(fs::read_to_string(place.path(name)).unwrap(), text);
    }
    let (code, _, _) = vera_stress(&place, &["report", "a.jsonl", "--html", "empty.html"]);
    assert_eq!(code, Some(0));
}

/// Numbers that look like those of real runs, and differ each time.
fn noise(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    *seed >> 24
}

#[test]
fn a_page_of_the_whole_catalogue_stays_below_two_megabytes() {
    let place = Place::new();
    let mut seed = 1;
    let mut events = vec![start(660)];
    for number in 0..660 {
        let mut case = case(&format!("scenario-{}", number / 5), "pass", "");
        case["run"]["wall"] = json!(noise(&mut seed) as f64 / 1e13);
        case["measures"] = json!({
            "instructions": noise(&mut seed), "peak_memory": noise(&mut seed), "collections": 200,
            "forced": 0, "allocations": noise(&mut seed), "allocated": noise(&mut seed),
            "heap": noise(&mut seed), "shadow_stack": 68, "shadow_room": 16384,
            "host_calls": {"print": noise(&mut seed)}
        });
        // Only lane `native` has the life of the heap: one case of five.
        if number % 5 == 0 {
            let kept: Vec<[u64; 3]> = (0..200)
                .map(|at| {
                    [
                        at * 10_000_000 + noise(&mut seed) % 9_999_999,
                        noise(&mut seed) % 10_000_000,
                        noise(&mut seed) % 1_000_000,
                    ]
                })
                .collect();
            case["heap_life"] = json!({"unit": "instructions", "collections": 200, "every": 1, "kept": kept, "end": {"at": 2_000_000_000u64, "used": 7}});
        }
        events.push(case);
    }
    place.write("run.jsonl", &lines(&events));
    let (code, _, _) = vera_stress(&place, &["report", "run.jsonl"]);
    assert_eq!(code, Some(0));
    holds(&place, "run.html", "run.jsonl");
    assert!(fs::metadata(place.path("run.html")).unwrap().len() < 2_000_000);
}

#[test]
fn the_history_is_a_page_with_each_run_of_each_scenario() {
    let place = three_scenarios();
    let run = [
        "--catalogue",
        "catalogue",
        "--lane",
        "native",
        "--no-shrink",
    ];
    for names in [&["one", "bad"][..], &["one"]] {
        vera_stress(&place, &[&["run"][..], names, &run].concat());
    }
    let (code, printed, _) = vera_stress(&place, &["history", "--html", "past.html"]);
    assert_eq!(code, Some(0));
    assert_eq!(printed, "past.html: open it in a browser\n");
    let (name, bytes) = recordings(&place.path("past.html")).remove(0);
    assert_eq!(name, "history.jsonl");
    let text = String::from_utf8(bytes).unwrap();
    let lines = text.lines().map(|it| serde_json::from_str(it).unwrap());
    let lines: Vec<Value> = lines.collect();
    assert_eq!(lines[0]["event"], "history-started");
    let runs = lines[0]["runs"].as_array().unwrap();
    assert_eq!((&runs[0]["run"], &runs[1]["run"]), (&1.into(), &2.into()));
    let of = |scenario: &str| {
        let series = lines.iter().find(|it| it["scenario"] == scenario);
        series.unwrap()["points"].as_array().unwrap()
    };
    assert_eq!(of("one").len(), 2);
    let bad = &of("bad")[0];
    assert_eq!((&bad["run"], &bad["verdict"]), (&1.into(), &"wrong".into()));
    for count in ["n", "instructions", "heap", "collections"] {
        assert!(bad[count].is_u64(), "{count}: {bad}");
    }
    assert_eq!(lines.last().unwrap()["event"], "history-finished");

    // What the page saves becomes the same page, and nothing else.
    place.write("history.jsonl", &text);
    vera_stress(&place, &["report", "history.jsonl", "--html", "again.html"]);
    let [past, again] = ["past.html", "again.html"].map(|it| fs::read(place.path(it)).unwrap());
    assert!(past == again);
    let (code, _, said) = vera_stress(&place, &["report", "history.jsonl", "--text"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("a history was shown on no terminal"),
        "{said}"
    );

    // Some of it, or none.
    vera_stress(&place, &["history", "bad", "--html", "bad.html"]);
    let (_, bytes) = recordings(&place.path("bad.html")).remove(0);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\"bad\"") && !text.contains("\"one\""));
    for arguments in [["--lane", "reference"], ["--vera", "0.1.5"]] {
        let all = [&["history", "--html", "none.html"][..], &arguments].concat();
        assert_eq!(vera_stress(&place, &all).0, Some(4));
    }
    assert!(!place.path("none.html").exists());
    let (code, _, _) = vera_stress(&place, &["history", "--lane", "native"]);
    assert_eq!(code, Some(2));
}
