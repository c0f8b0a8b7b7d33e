//! Logarithms and trigonometry. Outside its domain a function gives NaN, and a
//! logarithm of zero negative infinity, as IEEE 754 says.

use wasmtime::Caller;

use super::super::import::{Import, called};
use super::super::state::Host;

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    let function: fn(f64) -> f64 = match import.name {
        "log" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "atan2" => {
            return import.to(move |mut guest: Guest<'_>, y: f64, x: f64| {
                called(&mut guest, slot);
                y.atan2(x)
            });
        }
        _ => return false,
    };
    import.to(move |mut guest: Guest<'_>, x: f64| {
        called(&mut guest, slot);
        function(x)
    })
}
