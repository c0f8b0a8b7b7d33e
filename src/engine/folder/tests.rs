use super::*;

const MUCH: Bytes = Bytes(1 << 20);

fn held(files: &[(&str, &str)]) -> Files {
    let held = files.iter();
    Files::Held(
        held.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect(),
    )
}

fn written(text: &str) -> Left {
    Left::Written(text.as_bytes().to_vec())
}

/// Both kinds of files, with the same in them.
fn both(files: &[(&str, &str)], scratch: &Path) -> [Files; 2] {
    let folder = scratch.join("source");
    for (name, text) in files {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    [Files::Folder(folder), held(files)]
}

#[test]
fn each_run_has_a_copy_of_its_own_and_what_it_left_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let files = [("a", "1"), ("deep/er/b", "22"), ("c", "3"), ("d", "4")];
    for files in both(&files, scratch.path()) {
        let folders = Folders::new(scratch.path());
        let given = folders.take(Some(&files)).unwrap();
        let (one, other) = (given.fresh().unwrap(), given.fresh().unwrap());
        let write = |name: &str, text: &str| fs::write(one.path().join(name), text).unwrap();
        // Of the same size, of the same text, new, and gone.
        write("a", "x");
        write("d", "4");
        write("deep/new", "y");
        fs::remove_file(one.path().join("c")).unwrap();
        let left = one.left(MUCH).unwrap().unwrap();
        let expected = [
            ("a", written("x")),
            ("c", Left::Gone),
            ("d", written("4")),
            ("deep/new", written("y")),
        ];
        let expected = expected.map(|(name, left)| (name.to_owned(), left));
        assert_eq!(left, BTreeMap::from(expected));
        assert_eq!(other.left(MUCH).unwrap().unwrap(), BTreeMap::new());
        assert_eq!(fs::read(other.path().join("deep/er/b")).unwrap(), b"22");
        // Whatever is taken away altogether is told, too.
        fs::remove_dir_all(other.path().join("deep")).unwrap();
        let left = other.left(MUCH).unwrap().unwrap();
        let names: Vec<&String> = left.keys().collect();
        assert_eq!(names, ["deep", "deep/er", "deep/er/b"]);
    }
}

#[test]
fn a_bound_holds_what_is_left() {
    let scratch = tempfile::tempdir().unwrap();
    let given = Arc::new(Given::nothing(scratch.path()));
    let fresh = given.fresh().unwrap();
    for name in ["a", "b"] {
        fs::write(fresh.path().join(name), "12345").unwrap();
    }
    assert!(fresh.left(Bytes(10)).unwrap().is_some());
    assert!(fresh.left(Bytes(9)).unwrap().is_none());
}

#[test]
fn a_folder_is_read_once() {
    let scratch = tempfile::tempdir().unwrap();
    let [source, _] = both(&[("a", "1")], scratch.path());
    let folders = Folders::new(scratch.path());
    let first = folders.take(Some(&source)).unwrap();
    fs::write(scratch.path().join("source/a"), "2").unwrap();
    let again = folders.take(Some(&source)).unwrap();
    assert!(Arc::ptr_eq(&first, &again));
    let fresh = again.fresh().unwrap();
    assert_eq!(fs::read(fresh.path().join("a")).unwrap(), b"1");
    // What is held is told apart by what it is.
    let [one, same, other] = ["1", "1", "2"].map(|text| held(&[("a", text)]));
    let [one, same, other] = [one, same, other].map(|it| folders.take(Some(&it)).unwrap());
    assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
}
