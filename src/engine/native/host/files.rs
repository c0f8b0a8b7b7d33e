//! `IO`: files, in the folder that the program runs in, with the answers of Vera's
//! host.

use std::fs;
use std::io;

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::guest::memory::{bytes, text};
use super::super::guest::values::{ERR, OK, tag_only, tagged_bytes, tagged_text};
use super::super::import::{Import, called};
use super::super::state::Host;
use crate::engine::folder::path::{leads_out, plain, told};

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    match import.name {
        "read_file" => reads(import, |read| decoded(&read)),
        "read_bytes" => reads(import, Ok),
        "write_file" => writes(import, |guest, at, size| {
            Ok(text(guest, at, size)?.into_bytes())
        }),
        "write_bytes" => writes(import, |guest, at, size| Ok(bytes(guest, at, size)?)),
        _ => false,
    }
}

/// Binds a function that reads a file; `decode` makes of its bytes what it gives.
fn reads(import: &mut Import<'_>, decode: fn(Vec<u8>) -> Answer<Vec<u8>>) -> bool {
    let slot = import.slot;
    import.to(
        move |mut guest: Guest<'_>, at: i32, length: i32| -> Result<i32> {
            called(&mut guest, slot);
            let path = text(&mut guest, at, length)?;
            let read = read(guest.data(), &path)?;
            answer(&mut guest, read.and_then(decode))
        },
    )
}

/// What a function takes of the program's memory to write it.
type Data = fn(&mut Guest<'_>, i32, i32) -> Result<Vec<u8>>;

/// Binds a function that writes a file.
fn writes(import: &mut Import<'_>, data: Data) -> bool {
    let slot = import.slot;
    import.to(
        move |mut guest: Guest<'_>, at: i32, length: i32, from: i32, size: i32| -> Result<i32> {
            called(&mut guest, slot);
            let path = text(&mut guest, at, length)?;
            let data = data(&mut guest, from, size)?;
            let written = write(guest.data_mut(), &path, &data)?;
            answer_unit(&mut guest, written)
        },
    )
}

/// What a program is told of what it asked for.
type Answer<T> = std::result::Result<T, String>;

fn answer(guest: &mut Guest<'_>, answer: Answer<Vec<u8>>) -> Result<i32> {
    match answer {
        Ok(bytes) => tagged_bytes(guest, OK, &bytes),
        Err(why) => tagged_text(guest, ERR, &why),
    }
}

fn answer_unit(guest: &mut Guest<'_>, answer: Answer<()>) -> Result<i32> {
    match answer {
        Ok(()) => tag_only(guest, OK),
        Err(why) => tagged_text(guest, ERR, &why),
    }
}

fn read(host: &Host, path: &str) -> std::result::Result<Answer<Vec<u8>>, HostFailure> {
    in_folder(host, path, |file| fs::read(file))
}

fn write(host: &mut Host, path: &str, data: &[u8]) -> std::result::Result<Answer<()>, HostFailure> {
    host.written = host.written.saturating_add(data.len() as u64);
    host.check_output()?;
    in_folder(host, path, |file| fs::write(file, data))
}

/// Does something with a file that a program names.
fn in_folder<T>(
    host: &Host,
    path: &str,
    does: impl FnOnce(&std::path::Path) -> io::Result<T>,
) -> std::result::Result<Answer<T>, HostFailure> {
    let folder = host.folder.as_ref();
    let folder = folder.ok_or_else(|| HostFailure::missing("folder"))?.path();
    let name = plain(path);
    if leads_out(folder, &name) {
        return Err(HostFailure::Unsupported(told(&name)));
    }
    if name.contains('\0') {
        return Ok(Err("embedded null byte".to_owned()));
    }
    Ok(does(&folder.join(&name)).map_err(|why| said(&why, &name)))
}

/// An error of the system, as Python says it.
fn said(why: &io::Error, name: &str) -> String {
    let Some(code) = why.raw_os_error() else {
        return why.to_string();
    };
    let text = why.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    format!("[Errno {code}] {words}: {}", quoted(name))
}

/// A text as Python's `repr` writes it.
fn quoted(text: &str) -> String {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            it if it == quote => quoted.extend(['\\', it]),
            it if is_printable(it) => quoted.push(it),
            it => {
                let code = u32::from(it);
                quoted.push_str(&match code {
                    0..0x100 => format!("\\x{code:02x}"),
                    0x100..0x1_0000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    quoted.push(quote);
    quoted
}

/// Whether a character is shown as it is: Rust and Python ask the same of Unicode,
/// but Rust, of the first of a text, a little more.
fn is_printable(character: char) -> bool {
    let shown = format!("a{character}").escape_debug().to_string();
    !shown.contains("\\u{") && !shown.contains("\\0")
}

/// The text in a file, with its line ends as Python reads them.
fn decoded(bytes: &[u8]) -> Answer<Vec<u8>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\r') => {
            Ok(text.replace("\r\n", "\n").replace('\r', "\n").into_bytes())
        }
        Ok(text) => Ok(text.as_bytes().to_vec()),
        Err(why) => Err(undecodable(bytes, why)),
    }
}

/// What Python says of bytes that are no UTF-8.
fn undecodable(bytes: &[u8], why: std::str::Utf8Error) -> String {
    let start = why.valid_up_to();
    let first = bytes[start];
    let (length, reason) = match why.error_len() {
        None => (bytes.len() - start, "unexpected end of data"),
        Some(length) if matches!(first, 0xc2..=0xf4) => (length, "invalid continuation byte"),
        Some(length) => (length, "invalid start byte"),
    };
    match length {
        1 => format!("'utf-8' codec can't decode byte 0x{first:02x} in position {start}: {reason}"),
        _ => format!(
            "'utf-8' codec can't decode bytes in position {start}-{}: {reason}",
            start + length - 1
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_by_python() {
        for (text, is) in [
            ("a b", "'a b'"),
            ("it's", "\"it's\""),
            ("\"it's\"", "'\"it\\'s\"'"),
            ("\\\n\r\t\0\u{1f}\u{7f}", "'\\\\\\n\\r\\t\\x00\\x1f\\x7f'"),
            ("ü𝄞e\u{301}\u{301}", "'ü𝄞e\u{301}\u{301}'"),
            ("\u{301}", "'\u{301}'"),
            (
                "\u{a0}\u{ad}\u{2028}\u{e000}\u{e0001}",
                "'\\xa0\\xad\\u2028\\ue000\\U000e0001'",
            ),
        ] {
            assert_eq!(quoted(text), is);
        }
    }

    #[test]
    fn what_is_no_text_is_told_as_by_python() {
        let told = |bytes: &[u8]| decoded(bytes).unwrap_err();
        let one = |what: &str| format!("'utf-8' codec can't decode byte {what}");
        let some = |what: &str| format!("'utf-8' codec can't decode bytes in position {what}");
        for (bytes, is) in [
            (&b"a\xff"[..], one("0xff in position 1: invalid start byte")),
            (b"\x80", one("0x80 in position 0: invalid start byte")),
            (b"\xc1\xa0", one("0xc1 in position 0: invalid start byte")),
            (
                b"\xc3(",
                one("0xc3 in position 0: invalid continuation byte"),
            ),
            (
                b"\xe0\x80\x80",
                one("0xe0 in position 0: invalid continuation byte"),
            ),
            (b"ab\xc3", one("0xc3 in position 2: unexpected end of data")),
            (b"\xe2\x82", some("0-1: unexpected end of data")),
            (b"\xe2\x82(", some("0-1: invalid continuation byte")),
            (b"\xf0\x9d\x84(", some("0-2: invalid continuation byte")),
            (b"\xf5\x80", one("0xf5 in position 0: invalid start byte")),
        ] {
            assert_eq!(told(bytes), is);
        }
        assert_eq!(decoded(b"a\r\nb\rc\r\r\n").unwrap(), b"a\nb\nc\n\n");
    }
}
