//! What a check of the program's says before it traps: its kind, and its own
//! message where it has one.

use wasmtime::{Caller, Result};

use super::super::guest::memory::text;
use super::super::import::{Import, called};
use super::super::state::Host;

/// The code of an integer overflow, which releases up to 0.1.13 have an import of
/// its own for.
const OVERFLOW: i32 = 1;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "trap" => import.to(
            move |mut guest: Caller<'_, Host>, code: i32, at: i32, length: i32| -> Result<()> {
                let message = match length {
                    0 => String::new(),
                    _ => text(&mut guest, at, length)?,
                };
                called(&mut guest, slot).signal = Some((code, message));
                Ok(())
            },
        ),
        "overflow_trap" => import.to(move |mut guest: Caller<'_, Host>| {
            called(&mut guest, slot).signal = Some((OVERFLOW, String::new()));
        }),
        _ => false,
    }
}
