//! `IO`: printing, reading, arguments, the clock, and the end.
//!
//! There are no files and no environment here. Asking for one ends the case as
//! unsupported: an answer that Vera's host would not give must not pass for one.

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::guest::memory::bytes_and_host;
use super::super::guest::values::{ERR, OK, alloc_bytes, alloc_texts, tagged_text};
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
        "get_env" | "read_file" | "read_bytes" => {
            let refusal = refusal(import.name);
            import.to(move |mut guest: Guest<'_>, _: i32, _: i32| -> Result<i32> {
                called(&mut guest, slot);
                Err(refusal.clone().into())
            })
        }
        "write_file" | "write_bytes" => {
            let refusal = refusal(import.name);
            import.to(
                move |mut guest: Guest<'_>, _: i32, _: i32, _: i32, _: i32| -> Result<i32> {
                    called(&mut guest, slot);
                    Err(refusal.clone().into())
                },
            )
        }
        _ => false,
    }
}

fn refusal(name: &str) -> HostFailure {
    let what = if name == "get_env" {
        "environment"
    } else {
        "files"
    };
    HostFailure::Unsupported(format!(
        "the program calls vera.{name}, and the native engine gives it no {what}"
    ))
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
