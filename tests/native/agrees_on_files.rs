//! The two engines agree on files and the environment, down to the words of what
//! goes wrong, and neither lets a program out of its folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use tempfile::TempDir;
use vera_stress::case::{Budget, Bytes, Doing, Ending, Lane, Left, Outcome};
use vera_stress::scenario::{Files, Surroundings};

use crate::agree::{agree_around, with_main};
use crate::native::{Vera, sources, value};

/// The oldest release, one in the middle, and the newest.
const RELEASES: [&str; 3] = ["0.1.5", "0.2.0", "0.2.5"];

/// The lanes that are held together.
const LANES: [Lane; 2] = [Lane::NATIVE, Lane::NATIVE_EAGER];

const DECLARATIONS: &str = r#"
private fn read(@String -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  match IO.read_file(@String.0) {
    Ok(@String) -> IO.print("read \(@String.0)\n"),
    Err(@String) -> IO.print("no: \(@String.0)\n")
  }
}

private fn write(@String, @String -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  match IO.write_file(@String.1, @String.0) {
    Ok(@Unit) -> IO.print("written\n"),
    Err(@String) -> IO.print("no: \(@String.0)\n")
  }
}

private fn look(@String -> @Unit)
  requires(true) ensures(true) effects(<IO>)
{
  match IO.get_env(@String.0) {
    Some(@String) -> IO.print("is \(@String.0)\n"),
    None -> IO.print("none\n")
  }
}
"#;

/// A program that does these things in turn.
fn program(steps: &[String]) -> String {
    let body: Vec<String> = steps.iter().map(|step| format!("{step};")).collect();
    let body = format!("{}\n  ()", body.join("\n  "));
    with_main(DECLARATIONS, "Unit", "<IO>", &body)
}

fn read(path: &str) -> String {
    format!("read(\"{path}\")")
}

fn write(path: &str, text: &str) -> String {
    format!("write(\"{path}\", \"{text}\")")
}

/// A folder with what one may find in one, beside a file that is none of it.
fn folder() -> (TempDir, Surroundings) {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("folder");
    fs::create_dir_all(folder.join("dir/deep")).unwrap();
    fs::write(outer.path().join("secret"), "secret").unwrap();
    for (name, bytes) in [
        ("a.txt", &b"one\ntwo ... \xf0\x9d\x84\x9e"[..]),
        ("empty", b""),
        ("it's", b"quoted"),
        ("ends", b"a\r\nb\rc\r\r\n\n"),
        ("latin", b"ab\xfc"),
        ("start", b"\x80"),
        ("cut", b"abc\xe2\x82"),
        ("torn", b"\xf0\x9d\x84("),
        ("dir/deep/b", b"deep"),
        ("old", b"old"),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    for (target, link) in [
        ("dir", "inner"),
        ("loop", "loop"),
        ("missing", "dangling"),
        ("../secret", "out"),
        ("/", "root"),
    ] {
        symlink(target, folder.join(link)).unwrap();
    }
    let surroundings = Surroundings {
        files: Some(Files::Folder(folder)),
        env: BTreeMap::new(),
    };
    (outer, surroundings)
}

#[test]
fn the_engines_agree_on_what_is_read_and_on_what_cannot_be() {
    let (_outer, around) = folder();
    let long = "x".repeat(300);
    let paths = [
        "a.txt",
        "empty",
        "it's",
        "ends",
        "latin",
        "start",
        "cut",
        "torn",
        "dir/deep/b",
        "./dir//deep/./b",
        "inner/deep/b",
        "dir/../a.txt",
        "missing",
        "no/file",
        "no/../a.txt",
        "a.txt/b",
        "a.txt/",
        "dir",
        "dir/",
        "",
        ".",
        "loop",
        "dangling",
        "no 'such' \\\"file\\\"",
        "no 'such' file",
        "n\\no \\\\ such",
        "ü 𝄞 \u{a0}\u{2028}\u{301}",
        &long,
    ];
    let program = program(&paths.map(read));
    for release in RELEASES {
        for lane in LANES {
            let ran = agree_around(&around, lane, release, &program, None);
            value(&ran);
            assert_eq!(ran.files, BTreeMap::new());
            let text = String::from_utf8(ran.stdout).unwrap();
            for says in [
                "read a\nb\nc\n\n\n\nno:",
                "no: [Errno 2] No such file or directory: 'no/file'\n",
                "no: [Errno 21] Is a directory: '.'\n",
                "no: 'utf-8' codec can't decode bytes in position 3-4: unexpected end of data\n",
            ] {
                assert!(text.contains(says), "{release}: {says}\n{text}");
            }
        }
    }
}

#[test]
fn the_engines_agree_on_what_is_written_and_each_run_begins_anew() {
    let (outer, around) = folder();
    let steps = [
        write("new", "1\\r\\n2"),
        write("dir/new", ""),
        write("old", "old"),
        write("a.txt", "shorter"),
        write("dangling", "by a link"),
        write("no/file", "x"),
        write("dir", "x"),
        write("", "x"),
        write("a.txt/x", "x"),
        write("loop", "x"),
        read("new"),
        read("missing"),
        read("a.txt"),
    ];
    let program = program(&steps);
    for release in RELEASES {
        for lane in LANES {
            let ran = agree_around(&around, lane, release, &program, None);
            value(&ran);
            let written = [
                ("new", "1\r\n2"),
                ("dir/new", ""),
                ("old", "old"),
                ("a.txt", "shorter"),
                ("missing", "by a link"),
            ];
            let written = written
                .map(|(name, text)| (name.to_owned(), Left::Written(text.as_bytes().to_vec())));
            assert_eq!(ran.files, BTreeMap::from(written));
        }
    }
    let kept = |name: &str| fs::read(outer.path().join("folder").join(name));
    assert_eq!(kept("old").unwrap(), b"old");
    assert!(kept("a.txt").unwrap().starts_with(b"one"));
    assert!(kept("new").is_err());
}

#[test]
fn the_engines_agree_on_bytes() {
    let (_outer, around) = folder();
    let body = r#"
  match IO.read_bytes("torn") {
    Ok(@Array<Byte>) -> match IO.write_bytes("copy", array_append(@Array<Byte>.0, @Array<Byte>.0[0])) {
      Ok(@Unit) -> IO.print("written\n"),
      Err(@String) -> IO.print(@String.0)
    },
    Err(@String) -> IO.print(@String.0)
  };
  match IO.read_bytes("empty") {
    Ok(@Array<Byte>) -> match IO.write_bytes("copy-of-empty", @Array<Byte>.0) {
      Ok(@Unit) -> IO.print("written\n"),
      Err(@String) -> IO.print(@String.0)
    },
    Err(@String) -> IO.print(@String.0)
  };
  match IO.read_bytes("dir") { Ok(@Array<Byte>) -> (), Err(@String) -> IO.print(@String.0) };
  match IO.write_bytes("dir", []) { Ok(@Unit) -> (), Err(@String) -> IO.print(@String.0) }"#;
    let program = with_main("", "Unit", "<IO>", body);
    for lane in LANES {
        let ran = agree_around(&around, lane, "0.2.5", &program, None);
        value(&ran);
        let text = String::from_utf8(ran.stdout).unwrap();
        assert!(text.starts_with("written\nwritten\n[Errno 21]"), "{text}");
        let bytes = |name: &str| ran.files[name].clone();
        assert_eq!(bytes("copy"), Left::Written(b"\xf0\x9d\x84(\xf0".to_vec()));
        assert_eq!(bytes("copy-of-empty"), Left::Written(Vec::new()));
    }
}

#[test]
fn the_engines_agree_on_the_environment_which_is_what_is_given() {
    let env = [("NAME", "a text"), ("VERA_STRESS", "ü"), ("EMPTY", "")];
    let around = Surroundings {
        files: None,
        env: env
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
    };
    let names = [
        "NAME",
        "VERA_STRESS",
        "EMPTY",
        "PATH",
        "HOME",
        "PYTHONUTF8",
        "",
    ];
    let program = program(&names.map(|name| format!("look(\"{name}\")")));
    for release in RELEASES {
        let ran = agree_around(&around, Lane::NATIVE, release, &program, None);
        let text = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(text, "is a text\nis ü\nis \nnone\nnone\nnone\nnone\n");
    }
}

/// What both engines make of a program.
fn both(around: &Surroundings, release: &str, program: &str, budget: Budget) -> [Outcome; 2] {
    let sources = sources(program);
    [Lane::REFERENCE, Lane::NATIVE].map(|lane| {
        let ran = Vera::of(release).run_in(around, &sources, lane, None, budget);
        ran.unwrap()
    })
}

fn roomy() -> Budget {
    Budget::default().lasting(Duration::from_mins(1))
}

#[test]
fn no_program_gets_out_of_its_folder() {
    let (outer, around) = folder();
    let evil = outer.path().join("evil");
    let evil = evil.to_str().unwrap();
    let steps = [
        (read("../secret"), "../secret"),
        (read("/etc/passwd"), "/etc/passwd"),
        (read("dir/../../secret"), "dir/../../secret"),
        (read("out"), "out"),
        (read("./root//etc/passwd"), "root/etc/passwd"),
        (write("../evil", "x"), "../evil"),
        (write(evil, "x"), evil),
        (write("out", "x"), "out"),
        (write("inner/../../evil", "x"), "inner/../../evil"),
    ];
    for release in RELEASES {
        for (step, path) in &steps {
            let program = program(&[write("before", "x"), step.clone(), write("after", "x")]);
            for ran in both(&around, release, &program, roomy()) {
                let message = format!(
                    "the program opens \"{path}\", which leads out of the folder that it runs in; what it reads and writes belongs in there"
                );
                assert_eq!(ran.ending, Ending::Unsupported { message });
                assert_eq!(ran.stdout, b"written\n");
                let before = Left::Written(b"x".to_vec());
                assert_eq!(ran.files, [("before".to_owned(), before)].into());
            }
        }
    }
    assert!(!outer.path().join("evil").exists());
    assert_eq!(fs::read(outer.path().join("secret")).unwrap(), b"secret");
}

#[test]
fn what_is_written_counts_as_output() {
    let budget = |bytes: u64| Budget {
        output: Bytes(bytes),
        ..roomy()
    };
    // A file that is written again and again, and what is printed.
    let program = program(&[
        write("a", "1234567890"),
        write("a", "1234567890"),
        "IO.print(\"1234\")".to_owned(),
    ]);
    // Each time, `written` and a line end are printed.
    let all = 10 + 10 + 8 + 8 + 4;
    for release in RELEASES {
        let around = Surroundings::default();
        for ran in both(&around, release, &program, budget(all)) {
            value(&ran);
        }
        for (bytes, left) in [(all - 1, 1), (27, 1), (9, 0)] {
            for ran in both(&around, release, &program, budget(bytes)) {
                let over = Ending::OverOutput {
                    limit: Bytes(bytes),
                    doing: Doing::Running,
                };
                assert_eq!(ran.ending, over);
                assert_eq!(ran.files.len(), left, "{bytes}");
            }
        }
    }
}

/// A database is a file, and its language can name another.
#[test]
fn no_database_lies_outside_of_the_folder() {
    let outer = tempfile::tempdir().unwrap();
    let evil = outer.path().join("evil.db");
    let evil = evil.to_str().unwrap();
    let program = |sql: &str| {
        let body = format!(
            "match DB.execute(\"{sql}\", []) {{ Ok(@Int) -> IO.print(\"done\"), Err(@String) -> IO.print(@String.0) }}"
        );
        with_main("", "Unit", "<IO, DB>", &body)
    };
    let run = |url: &str, sql: &str| {
        let around = Surroundings {
            files: None,
            env: [("VERA_DB_URL".to_owned(), url.to_owned())].into(),
        };
        let ran = Vera::of("0.2.5").run_in(
            &around,
            &sources(&program(sql)),
            Lane::REFERENCE,
            None,
            roomy(),
        );
        ran.unwrap()
    };
    let create = "CREATE TABLE t (x TEXT)";
    for (url, sql) in [
        ("", create),
        ("sqlite:///mine.db", create),
        ("", "ATTACH 'other.db' AS other"),
    ] {
        let ran = run(url, sql);
        assert_eq!(ran.stdout, b"done", "{ran:?}");
        assert_eq!(ran.files.contains_key("mine.db"), !url.is_empty());
    }
    for (url, sql) in [
        (format!("sqlite:///{evil}"), create.to_owned()),
        ("sqlite:///../evil.db".to_owned(), create.to_owned()),
        (String::new(), format!("ATTACH '{evil}' AS other")),
        (String::new(), "ATTACH '../evil.db' AS other".to_owned()),
        (String::new(), format!("VACUUM INTO '{evil}'")),
    ] {
        let ran = run(&url, &sql);
        let Ending::Unsupported { message } = &ran.ending else {
            panic!("{url} {sql}: {ran:?}");
        };
        assert!(
            message.contains("evil.db\", which leads out of"),
            "{message}"
        );
    }
    assert!(!outer.path().join("evil.db").exists());
}
