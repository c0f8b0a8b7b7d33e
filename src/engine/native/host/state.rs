//! `State<T>`: one stack of values for each type of cell. A handler pushes a
//! value when it is entered and pops it when it is left.

use wasmtime::Caller;

use super::super::import::{Import, called};
use super::super::state::Host;

type Guest<'a> = Caller<'a, Host>;

/// The values of one cell: its type is part of the import's name, and what goes
/// in and out is a number of 32 or 64 bits.
pub fn bind(import: &mut Import<'_>) -> bool {
    let Some((operation, cell)) = import
        .name
        .strip_prefix("state_")
        .and_then(|rest| rest.split_once('_'))
    else {
        return false;
    };
    let (slot, cell) = (import.slot, import.cell(cell));
    match operation {
        "push" => import.to(move |mut guest: Guest<'_>| {
            called(&mut guest, slot).cells[cell].push(0);
        }),
        "pop" => import.to(move |mut guest: Guest<'_>| {
            let values = &mut called(&mut guest, slot).cells[cell];
            // The value below all handlers stays, as in Vera's host.
            if values.len() > 1 {
                values.pop();
            }
        }),
        "get" => match import.result() {
            Some(wasmtime::ValType::I32) => {
                import.to(move |mut guest: Guest<'_>| get(&mut guest, slot, cell) as u32)
            }
            Some(wasmtime::ValType::F64) => {
                import.to(move |mut guest: Guest<'_>| f64::from_bits(get(&mut guest, slot, cell)))
            }
            _ => import.to(move |mut guest: Guest<'_>| get(&mut guest, slot, cell)),
        },
        "put" => match import.parameter() {
            Some(wasmtime::ValType::I32) => import.to(move |mut guest: Guest<'_>, value: u32| {
                put(&mut guest, slot, cell, value.into());
            }),
            Some(wasmtime::ValType::F64) => import.to(move |mut guest: Guest<'_>, value: f64| {
                put(&mut guest, slot, cell, value.to_bits());
            }),
            _ => import
                .to(move |mut guest: Guest<'_>, value: u64| put(&mut guest, slot, cell, value)),
        },
        _ => false,
    }
}

fn get(guest: &mut Guest<'_>, slot: usize, cell: usize) -> u64 {
    let values = &called(guest, slot).cells[cell];
    values.last().copied().unwrap_or(0)
}

fn put(guest: &mut Guest<'_>, slot: usize, cell: usize, value: u64) {
    let values = &mut called(guest, slot).cells[cell];
    if let Some(last) = values.last_mut() {
        *last = value;
    }
}
