//! The host's side of the wrap table: a collection tells which host-backed
//! values no longer have an object.

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::import::{Import, called};
use super::super::state::Host;
use crate::vera_runtime::DECIMAL_KIND;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "host_decref_handle" => {
            import.to(move |mut guest: Caller<'_, Host>, kind: i32, handle: i32| {
                let host = called(&mut guest, slot);
                if kind == DECIMAL_KIND {
                    host.decimals.release(handle);
                }
            })
        }
        "attach_bucket_to_wrapper" => import.to(
            move |mut guest: Caller<'_, Host>,
                  _object: i32,
                  kind: i32,
                  _handle: i32|
                  -> Result<()> {
                called(&mut guest, slot);
                if kind == DECIMAL_KIND {
                    return Ok(());
                }
                let why = format!(
                    "#706: attach_bucket_to_wrapper called with kind={kind}; expected Decimal (3)"
                );
                Err(HostFailure::Refused(why).into())
            },
        ),
        _ => false,
    }
}
