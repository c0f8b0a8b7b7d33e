//! Taking the files of a folder that somebody named, which may hold anything.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use rustix::fs::OFlags;

use super::Entry;
use crate::case::Problem;
use crate::files::other_than_file;

/// What is no part of a program, and is left where it is.
const LEFT_OUT: [&str; 2] = [".git", ".vera-stress"];

/// What a folder may hold.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Files, folders and links.
    pub entries: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Most {
    /// Each case copies it anew.
    pub const DEFAULT: Most = Most {
        entries: 10_000,
        bytes: 256 << 20,
    };
}

/// Copies what is in `source` into the empty folder `to`; gives what there is.
///
/// Links are taken as they are written, and not followed.
pub fn take(source: &Path, to: &Path, most: Most) -> Result<Vec<(PathBuf, Entry)>, Problem> {
    Taking {
        source,
        to,
        most,
        bytes: 0,
        entries: Vec::new(),
    }
    .all()
}

struct Taking<'a> {
    source: &'a Path,
    to: &'a Path,
    most: Most,
    bytes: u64,
    entries: Vec<(PathBuf, Entry)>,
}

impl Taking<'_> {
    fn all(mut self) -> Result<Vec<(PathBuf, Entry)>, Problem> {
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let unreadable = |why: io::Error| self.unreadable(&folder, &why);
            let mut names = Vec::new();
            for entry in fs::read_dir(self.source.join(&folder)).map_err(unreadable)? {
                let name = entry.map_err(unreadable)?.file_name();
                if LEFT_OUT.iter().any(|it| name == *it) {
                    continue;
                }
                names.push(folder.join(name));
                if self.entries.len() + names.len() > self.most.entries {
                    let most = self.most.entries;
                    return Err(self.too_much(&format!("more than {most} files and folders")));
                }
            }
            names.sort();
            for name in names {
                let entry = self.one(&name)?;
                if entry == Entry::Folder {
                    folders.push(name.clone());
                }
                self.entries.push((name, entry));
            }
        }
        Ok(self.entries)
    }

    fn one(&mut self, name: &Path) -> Result<Entry, Problem> {
        let (from, to) = (self.source.join(name), self.to.join(name));
        let unreadable = |why: io::Error| self.unreadable(name, &why);
        let about = fs::symlink_metadata(&from).map_err(unreadable)?;
        if about.is_dir() {
            fs::create_dir(to).map_err(|why| self.unwritable(&why))?;
            return Ok(Entry::Folder);
        }
        if about.is_symlink() {
            let target = fs::read_link(&from).map_err(unreadable)?;
            symlink(&target, to).map_err(|why| self.unwritable(&why))?;
            return Ok(Entry::Link(target));
        }
        if let Some(what) = other_than_file(about.file_type()) {
            let what = format!("{} is {what}, and a program is given files", from.display());
            return Err(Problem::new(what).next(
                "take it out of the folder, or name another folder for the program's files",
            ));
        }
        self.bytes = self.bytes.saturating_add(about.len());
        if self.bytes > self.most.bytes {
            let most = ByteSize(self.most.bytes);
            return Err(self.too_much(&format!("more than {most:#}")));
        }
        self.file(&from, &to, &about)?;
        Ok(Entry::File(about.len()))
    }

    /// Copies one file, and sees that it stayed as it was meanwhile.
    fn file(&self, from: &Path, to: &Path, about: &Metadata) -> Result<(), Problem> {
        let state = |it: &Metadata| (it.dev(), it.ino(), it.len(), it.mtime(), it.mtime_nsec());
        // It may be another one by now: a link, or a pipe into which nobody writes.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags.cast_signed())
            .open(from);
        let mut file = opened.map_err(|why| self.unreadable(from, &why))?;
        let read = |file: &mut File| -> io::Result<(Metadata, Vec<u8>)> {
            let mut text = Vec::with_capacity(about.len() as usize);
            file.take(about.len() + 1).read_to_end(&mut text)?;
            Ok((file.metadata()?, text))
        };
        let (after, text) = read(&mut file).map_err(|why| self.unreadable(from, &why))?;
        if state(&after) != state(about) || text.len() as u64 != about.len() {
            let what = format!("{} changed while it was read", from.display());
            return Err(Problem::new(what).next("run it again once nothing writes to that folder"));
        }
        let write = || {
            let mut copy = File::create_new(to)?;
            copy.write_all(&text)?;
            copy.set_permissions(about.permissions())
        };
        write().map_err(|why| self.unwritable(&why))
    }

    fn unreadable(&self, name: &Path, why: &io::Error) -> Problem {
        let path = self.source.join(name);
        let gone = why.kind() == io::ErrorKind::NotFound;
        let what = match gone && path != self.source.join("") {
            true => format!("{} went away while its folder was read", path.display()),
            false => format!("{} cannot be read: {why}", path.display()),
        };
        Problem::new(what).next(match gone {
            true => "see that the folder is there, and that nothing writes to it",
            false => "make it readable, or name another folder for the program's files",
        })
    }

    fn too_much(&self, what: &str) -> Problem {
        Problem::new(format!(
            "{} holds {what}, and each run of a program has a copy of its own",
            self.source.display()
        ))
        .next("put what the program reads into a folder of its own")
    }

    fn unwritable(&self, why: &io::Error) -> Problem {
        Problem::new(format!("copying {}: {why}", self.source.display()))
            .next("free some space in the temporary directory, or name another one in TMPDIR")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    use super::*;

    const FEW: Most = Most {
        entries: 4,
        bytes: 10,
    };

    fn why(source: &Path) -> String {
        let to = tempfile::tempdir().unwrap();
        take(source, to.path(), FEW).unwrap_err().to_string()
    }

    #[test]
    fn all_is_taken_as_it_is() {
        let source = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(source.path().join(name), text).unwrap();
        fs::create_dir(source.path().join("deep")).unwrap();
        write("deep/ü \"a\"", "1234");
        write("b", "");
        for left in LEFT_OUT {
            fs::create_dir(source.path().join(left)).unwrap();
            write(&format!("{left}/much"), "12345678901");
        }
        fs::set_permissions(source.path().join("b"), fs::Permissions::from_mode(0o444)).unwrap();
        symlink("/etc", source.path().join("link")).unwrap();
        let to = tempfile::tempdir().unwrap();
        let entries = take(source.path(), to.path(), FEW).unwrap();
        let entry = |name: &str, entry| (PathBuf::from(name), entry);
        assert_eq!(
            entries,
            [
                entry("b", Entry::File(0)),
                entry("deep", Entry::Folder),
                entry("link", Entry::Link("/etc".into())),
                entry("deep/ü \"a\"", Entry::File(4)),
            ]
        );
        assert_eq!(fs::read(to.path().join("deep/ü \"a\"")).unwrap(), b"1234");
        let mode = fs::metadata(to.path().join("b")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o444);
        assert_eq!(
            fs::read_link(to.path().join("link")).unwrap(),
            Path::new("/etc")
        );
    }

    #[test]
    fn too_much_is_told() {
        let source = tempfile::tempdir().unwrap();
        fs::write(source.path().join("a"), "1234567890").unwrap();
        let to = tempfile::tempdir().unwrap();
        assert_eq!(take(source.path(), to.path(), FEW).unwrap().len(), 1);
        fs::write(source.path().join("b"), "1").unwrap();
        let told = why(source.path());
        assert!(
            told.contains(" holds more than 10 B, and each run"),
            "{told}"
        );
        for name in ["c", "d", "e"] {
            fs::create_dir(source.path().join(name)).unwrap();
        }
        let told = why(source.path());
        assert!(
            told.contains(" holds more than 4 files and folders, and each run"),
            "{told}"
        );
    }

    #[test]
    fn what_is_no_file_is_told() {
        let source = tempfile::tempdir().unwrap();
        let socket = source.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        let told = why(source.path());
        let says = format!(
            "{} is a socket, and a program is given files",
            socket.display()
        );
        assert!(told.starts_with(&says), "{told}");
        let missing = source.path().join("missing");
        let told = why(&missing);
        let says = format!(
            "{} cannot be read: No such file",
            missing.join("").display()
        );
        assert!(told.starts_with(&says), "{told}");
    }

    #[test]
    fn a_file_that_changes_or_goes_meanwhile_is_told() {
        let source = tempfile::tempdir().unwrap();
        let to = tempfile::tempdir().unwrap();
        let file = source.path().join("file");
        let taking = Taking {
            source: source.path(),
            to: to.path(),
            most: FEW,
            bytes: 0,
            entries: Vec::new(),
        };
        fs::write(&file, "1").unwrap();
        let about = fs::symlink_metadata(&file).unwrap();
        for text in ["12", ""] {
            fs::write(&file, text).unwrap();
            let why = taking.file(&file, &to.path().join("copy"), &about);
            let told = why.unwrap_err().to_string();
            let says = format!("{} changed while it was read", file.display());
            assert!(told.starts_with(&says), "{told}");
        }
        fs::remove_file(&file).unwrap();
        symlink("/etc/passwd", &file).unwrap();
        let why = taking.file(&file, &to.path().join("copy"), &about);
        let told = why.unwrap_err().to_string();
        assert!(told.contains(" cannot be read: "), "{told}");
        fs::remove_file(&file).unwrap();
        let why = taking.file(&file, &to.path().join("copy"), &about);
        let told = why.unwrap_err().to_string();
        let says = format!("{} went away while its folder was read", file.display());
        assert!(told.starts_with(&says), "{told}");
    }
}
