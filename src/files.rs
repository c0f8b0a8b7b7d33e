//! Reading what somebody names, which may be anything.

use std::fs::{self, FileType, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Reads a whole file. What is none is refused: a pipe into which nobody writes
/// never ends, nor does a device.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    expect_file(&path.metadata()?)?;
    fs::read(path)
}

/// The same for text in UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    expect_file(&path.metadata()?)?;
    fs::read_to_string(path)
}

/// Whether what stands there, if anything does, is a file.
pub fn expect_file_or_none(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(about) => expect_file(&about),
        Err(_) => Ok(()),
    }
}

fn expect_file(about: &Metadata) -> io::Result<()> {
    match other_than_file(about.file_type()) {
        None => Ok(()),
        Some(what) => Err(io::Error::other(format!("it is {what}, not a file"))),
    }
}

/// What stands there, where it is no file.
pub fn other_than_file(it: FileType) -> Option<&'static str> {
    match () {
        () if it.is_file() => None,
        () if it.is_dir() => Some("a directory"),
        () if it.is_fifo() => Some("a named pipe"),
        () if it.is_socket() => Some("a socket"),
        () => Some("a device"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        assert_eq!(read(&file).unwrap(), b"text");
        assert_eq!(read_to_string(&file).unwrap(), "text");
        let why = |path: &Path| read(path).unwrap_err().to_string();
        assert_eq!(why(folder.path()), "it is a directory, not a file");
        assert_eq!(why(Path::new("/dev/zero")), "it is a device, not a file");
        let none = folder.path().join("none");
        assert_eq!(read(&none).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(expect_file_or_none(&none).is_ok());
        assert!(expect_file_or_none(Path::new("/dev/null")).is_err());
    }
}
