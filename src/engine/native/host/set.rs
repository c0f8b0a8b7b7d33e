//! `Set` of releases up to 0.2.3. Later ones have it in the module itself.
//!
//! Elements keep the order in which they came. Vera's own host has the order of
//! a Python set, which no program may rely on.

use wasmtime::{Caller, Result};

use super::super::guest::memory::text;
use super::super::import::{Import, called};
use super::super::state::Host;
use super::bucket::{self, Item, SET, SlotKind};

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family; its name says the kind of the elements, as in
/// `set_add$es`.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "set_new" => {
            return import.to(move |mut guest: Guest<'_>| -> Result<i32> {
                called(&mut guest, slot);
                bucket::empty(&mut guest, SET)
            });
        }
        "set_size" => {
            return import.to(move |mut guest: Guest<'_>, set: i32| -> Result<i64> {
                called(&mut guest, slot);
                bucket::count(&mut guest, set)
            });
        }
        _ => {}
    }
    let kind = import.name.split_once("$e");
    let Some((operation, Some(kind))) = kind.map(|(name, letter)| (name, SlotKind::of(letter)))
    else {
        return false;
    };
    match operation {
        "set_add" => with_item(import, kind, move |guest, set, new| {
            let mut entries = Vec::new();
            for item in bucket::column(guest, set, kind, false)? {
                entries.push((item, Item::Bits(0)));
            }
            if !entries.iter().any(|(item, _)| item.same(&new)) {
                entries.push((new, Item::Bits(0)));
            }
            bucket::from_items(guest, SET, &entries)
        }),
        "set_contains" => with_item(import, kind, move |guest, set, wanted| {
            let items = bucket::column(guest, set, kind, false)?;
            Ok(items.iter().any(|item| item.same(&wanted)).into())
        }),
        "set_remove" => with_item(import, kind, move |guest, set, gone| {
            let mut kept = Vec::new();
            for slot in bucket::slots(guest, set)? {
                if !bucket::item(guest, kind, slot.0)?.same(&gone) {
                    kept.push(slot);
                }
            }
            bucket::from_slots(guest, SET, &kept)
        }),
        "set_to_array" => import.to(
            move |mut guest: Guest<'_>, set: i32| -> Result<(i32, i32)> {
                called(&mut guest, slot);
                let items = bucket::column(&mut guest, set, kind, false)?;
                bucket::array(&mut guest, kind, &items)
            },
        ),
        _ => false,
    }
}

/// Binds an operation that takes a collection and an item, which is two
/// parameters where it is a string.
pub fn with_item(
    import: &mut Import<'_>,
    kind: SlotKind,
    operation: impl Fn(&mut Guest<'_>, i32, Item) -> Result<i32> + Send + Sync + 'static,
) -> bool {
    let slot = import.slot;
    macro_rules! bits {
        ($item:ty) => {
            import.to(
                move |mut guest: Guest<'_>, collection: i32, item: $item| -> Result<i32> {
                    called(&mut guest, slot);
                    operation(&mut guest, collection, item.into())
                },
            )
        };
    }
    match kind {
        SlotKind::Int => bits!(u64),
        SlotKind::Float => bits!(f64),
        SlotKind::Word => bits!(u32),
        SlotKind::Text => import.to(
            move |mut guest: Guest<'_>, collection: i32, at: i32, length: i32| -> Result<i32> {
                called(&mut guest, slot);
                let item = Item::Text(text(&mut guest, at, length)?);
                operation(&mut guest, collection, item)
            },
        ),
    }
}
