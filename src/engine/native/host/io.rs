//! `IO`: printing, reading, arguments, environment, the clock, and the end.

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::guest::memory::{bytes_and_host, text};
use super::super::guest::values::{
    ERR, NONE, OK, SOME, alloc_bytes, alloc_texts, tag_only, tagged_text,
};
use super::super::import::{Import, called};
use super::super::state::Host;

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "print" => import.to(move |mut guest: Guest<'_>, at: i32, length: i32| {
            called(&mut guest, slot);
            write(&mut guest, at, length, |host| &mut host.stdout)
        }),
        "stderr" => import.to(move |mut guest: Guest<'_>, at: i32, length: i32| {
            called(&mut guest, slot);
            write(&mut guest, at, length, |host| &mut host.stderr)
        }),
        "read_line" => import.to(move |mut guest: Guest<'_>| -> Result<(i32, i32)> {
            let line = called(&mut guest, slot).input.line();
            alloc_bytes(&mut guest, line.as_bytes())
        }),
        "read_char" => import.to(move |mut guest: Guest<'_>| -> Result<i32> {
            match called(&mut guest, slot).input.character() {
                Some(character) => tagged_text(&mut guest, OK, character.encode_utf8(&mut [0; 4])),
                None => tagged_text(&mut guest, ERR, "EOF"),
            }
        }),
        "args" => import.to(move |mut guest: Guest<'_>| -> Result<(i32, i32)> {
            let arguments = called(&mut guest, slot).arguments.clone();
            alloc_texts(&mut guest, &arguments)
        }),
        "exit" => import.to(move |mut guest: Guest<'_>, code: i64| -> Result<()> {
            called(&mut guest, slot);
            Err(HostFailure::Exit(code).into())
        }),
        // The clock is the program's own and waits for nobody: a run repeats.
        "time" => import.to(move |mut guest: Guest<'_>| -> i64 {
            let host = called(&mut guest, slot);
            // A program that waits for a moment must see it come.
            host.now = host.now.saturating_add(1);
            host.now
        }),
        "sleep" => import.to(move |mut guest: Guest<'_>, milliseconds: i64| {
            let host = called(&mut guest, slot);
            host.now = host.now.saturating_add(milliseconds.max(0));
        }),
        "get_env" => import.to(
            move |mut guest: Guest<'_>, at: i32, length: i32| -> Result<i32> {
                called(&mut guest, slot);
                let name = text(&mut guest, at, length)?;
                match guest.data().env.get(&name).cloned() {
                    Some(value) => tagged_text(&mut guest, SOME, &value),
                    None => tag_only(&mut guest, NONE),
                }
            },
        ),
        _ => false,
    }
}

/// Appends what the program prints. Bytes that are no UTF-8 come out as U+FFFD,
/// as from Vera's host.
fn write(
    guest: &mut Guest<'_>,
    at: i32,
    length: i32,
    into: fn(&mut Host) -> &mut Vec<u8>,
) -> Result<()> {
    let (bytes, host) = bytes_and_host(guest, at, length)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => into(host).extend_from_slice(text.as_bytes()),
        Err(_) => into(host).extend_from_slice(String::from_utf8_lossy(bytes).as_bytes()),
    }
    host.check_output()?;
    Ok(())
}
