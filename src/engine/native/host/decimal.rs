//! `Decimal`: values that the host keeps, and the program knows by a handle.

use std::cmp::Ordering;

use wasmtime::{Caller, Result};

use super::super::decimal::{Decimal, DecimalError, Whitespace};
use super::super::failure::HostFailure;
use super::super::guest::memory::{register_wrapper, text};
use super::super::guest::values::{NONE, SOME, alloc_bytes, object, tag_only, tagged_word};
use super::super::import::{Import, called};
use super::super::state::Host;
use crate::vera_runtime::DECIMAL_KIND;

type Guest<'a> = Caller<'a, Host>;

/// The tag of an object that stands for a Decimal.
const WRAPPER_TAG: i32 = 0xfeed_c003_u32.cast_signed();

/// What a handle is stored with, so that no collection takes it for an address.
const HANDLE_BIT: i32 = i32::MIN;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "decimal_from_int" => import.to(move |mut guest: Guest<'_>, value: i64| -> Result<i32> {
            keep(called(&mut guest, slot), Decimal::from_i64(value))
        }),
        "decimal_from_float" => import.to(move |mut guest: Guest<'_>, value: f64| -> Result<i32> {
            keep(called(&mut guest, slot), Decimal::from_f64(value))
        }),
        "decimal_from_string" => import.to(
            move |mut guest: Guest<'_>, at: i32, length: i32| -> Result<i32> {
                called(&mut guest, slot);
                let text = text(&mut guest, at, length)?;
                let value = Decimal::parse(&text, Whitespace::Ascii).map_err(refused)?;
                option(&mut guest, value)
            },
        ),
        "decimal_to_string" => import.to(
            move |mut guest: Guest<'_>, handle: i32| -> Result<(i32, i32)> {
                let text = called(&mut guest, slot).decimals.get(handle)?.to_string();
                alloc_bytes(&mut guest, text.as_bytes())
            },
        ),
        "decimal_to_float" => import.to(move |mut guest: Guest<'_>, handle: i32| -> Result<f64> {
            Ok(called(&mut guest, slot).decimals.get(handle)?.to_f64())
        }),
        "decimal_add" => binary(import, Decimal::add),
        "decimal_sub" => binary(import, Decimal::sub),
        "decimal_mul" => binary(import, Decimal::mul),
        "decimal_div" => import.to(move |mut guest: Guest<'_>, a: i32, b: i32| -> Result<i32> {
            let decimals = &called(&mut guest, slot).decimals;
            let quotient = decimals.get(a)?.div(decimals.get(b)?).map_err(refused)?;
            option(&mut guest, quotient)
        }),
        "decimal_neg" => unary(import, Decimal::neg),
        "decimal_abs" => unary(import, Decimal::abs),
        "decimal_compare" => {
            import.to(move |mut guest: Guest<'_>, a: i32, b: i32| -> Result<i32> {
                let decimals = &called(&mut guest, slot).decimals;
                let order = decimals
                    .get(a)?
                    .compare(decimals.get(b)?)
                    .map_err(refused)?;
                let tag = match order {
                    Ordering::Less => 0,
                    Ordering::Equal => 1,
                    Ordering::Greater => 2,
                };
                tag_only(&mut guest, tag)
            })
        }
        "decimal_eq" => import.to(move |mut guest: Guest<'_>, a: i32, b: i32| -> Result<i32> {
            let decimals = &called(&mut guest, slot).decimals;
            Ok(decimals.get(a)?.equals(decimals.get(b)?).into())
        }),
        "decimal_round" => import.to(
            move |mut guest: Guest<'_>, handle: i32, places: i64| -> Result<i32> {
                let host = called(&mut guest, slot);
                let rounded = host.decimals.get(handle)?.round(places);
                keep(host, rounded)
            },
        ),
        _ => false,
    }
}

fn binary(
    import: &mut Import<'_>,
    operation: fn(&Decimal, &Decimal) -> std::result::Result<Decimal, DecimalError>,
) -> bool {
    let slot = import.slot;
    import.to(move |mut guest: Guest<'_>, a: i32, b: i32| -> Result<i32> {
        let host = called(&mut guest, slot);
        let value = operation(host.decimals.get(a)?, host.decimals.get(b)?).map_err(refused)?;
        keep(host, value)
    })
}

fn unary(
    import: &mut Import<'_>,
    operation: fn(&Decimal) -> std::result::Result<Decimal, DecimalError>,
) -> bool {
    let slot = import.slot;
    import.to(move |mut guest: Guest<'_>, handle: i32| -> Result<i32> {
        let host = called(&mut guest, slot);
        let value = operation(host.decimals.get(handle)?).map_err(refused)?;
        keep(host, value)
    })
}

fn refused(why: DecimalError) -> HostFailure {
    match why {
        DecimalError::Raised(message) => HostFailure::Refused(message),
        DecimalError::TooManyDigits(_) | DecimalError::ExponentOutOfRange => {
            HostFailure::Unsupported(why.to_string())
        }
    }
}

fn keep(host: &mut Host, value: Decimal) -> Result<i32> {
    Ok(host.decimals.keep(value)?)
}

/// `None`, or `Some` of an object that stands for the value.
fn option(guest: &mut Guest<'_>, value: Option<Decimal>) -> Result<i32> {
    let Some(value) = value else {
        return tag_only(guest, NONE);
    };
    let handle = keep(guest.data_mut(), value)?;
    let wrapper = object(
        guest,
        12,
        &[(0, WRAPPER_TAG), (4, handle | HANDLE_BIT), (8, 0)],
    )?;
    register_wrapper(guest, wrapper, DECIMAL_KIND, handle)?;
    tagged_word(guest, SOME, wrapper)
}
