//! `Map` of releases up to 0.2.3. Later ones have it in the module itself.

use wasmtime::{Caller, Result};

use super::super::guest::memory::text;
use super::super::guest::values::{NONE, SOME, tag_only, tagged_text, tagged_wide, tagged_word};
use super::super::import::{Import, called};
use super::super::state::Host;
use super::bucket::{self, Item, MAP, SlotKind};
use super::set::with_item;

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family; its name says the kinds of key and value, as
/// in `map_insert$ks_vi`.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "map_new" => {
            return import.to(move |mut guest: Guest<'_>| -> Result<i32> {
                called(&mut guest, slot);
                bucket::empty(&mut guest, MAP)
            });
        }
        "map_size" => {
            return import.to(move |mut guest: Guest<'_>, map: i32| -> Result<i64> {
                called(&mut guest, slot);
                bucket::count(&mut guest, map)
            });
        }
        _ => {}
    }
    let Some((operation, kinds)) = import.name.split_once('$') else {
        return false;
    };
    let (key, value) = match kinds.split_once('_') {
        Some((key, value)) => (kind(key, 'k'), kind(value, 'v')),
        None => (kind(kinds, 'k'), kind(kinds, 'v')),
    };
    match (operation, key, value) {
        ("map_insert", Some(key), Some(value)) => insert(import, key, value),
        ("map_get", Some(key), Some(value)) => with_item(import, key, move |guest, map, wanted| {
            let found = find(guest, map, key, &wanted)?;
            let Some((_, field)) = found else {
                return tag_only(guest, NONE);
            };
            some(guest, value, field)
        }),
        ("map_contains", Some(key), None) => with_item(import, key, move |guest, map, wanted| {
            Ok(find(guest, map, key, &wanted)?.is_some().into())
        }),
        ("map_remove", Some(key), None) => with_item(import, key, move |guest, map, gone| {
            let mut kept = Vec::new();
            for slot in bucket::slots(guest, map)? {
                if !bucket::item(guest, key, slot.0)?.same(&gone) {
                    kept.push(slot);
                }
            }
            bucket::from_slots(guest, MAP, &kept)
        }),
        ("map_keys", Some(kind), None) => column(import, kind, false),
        ("map_values", None, Some(kind)) => column(import, kind, true),
        _ => false,
    }
}

fn kind(text: &str, prefix: char) -> Option<SlotKind> {
    text.strip_prefix(prefix).and_then(SlotKind::of)
}

fn column(import: &mut Import<'_>, kind: SlotKind, values: bool) -> bool {
    let slot = import.slot;
    import.to(
        move |mut guest: Guest<'_>, map: i32| -> Result<(i32, i32)> {
            called(&mut guest, slot);
            let items = bucket::column(&mut guest, map, kind, values)?;
            bucket::array(&mut guest, kind, &items)
        },
    )
}

fn find(
    guest: &mut Guest<'_>,
    map: i32,
    key: SlotKind,
    wanted: &Item,
) -> Result<Option<([u8; 8], [u8; 8])>> {
    for slot in bucket::slots(guest, map)? {
        if bucket::item(guest, key, slot.0)?.same(wanted) {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// `Some` of a value as it stands in a slot.
fn some(guest: &mut Guest<'_>, kind: SlotKind, field: [u8; 8]) -> Result<i32> {
    match bucket::item(guest, kind, field)? {
        Item::Text(text) => tagged_text(guest, SOME, &text),
        Item::Float(x) => tagged_wide(guest, SOME, x.to_bits()),
        Item::Bits(bits) if kind == SlotKind::Int => tagged_wide(guest, SOME, bits),
        Item::Bits(bits) => tagged_word(guest, SOME, (bits as u32).cast_signed()),
    }
}

/// Puts a value under a key: in the place of the one that is there, or last.
fn put(
    guest: &mut Guest<'_>,
    map: i32,
    kinds: (SlotKind, SlotKind),
    key: Item,
    value: Item,
) -> Result<i32> {
    let mut entries = Vec::new();
    let mut copies = bucket::Copies::new(guest);
    for (its_key, its_value) in bucket::slots(guest, map)? {
        let its_key = copies.item(guest, kinds.0, its_key)?;
        entries.push((its_key, copies.item(guest, kinds.1, its_value)?));
    }
    if key.is_nan() {
        entries.retain(|(its_key, _)| !its_key.is_nan());
    }
    match entries.iter_mut().find(|(its_key, _)| its_key.same(&key)) {
        Some((_, its_value)) => *its_value = value,
        None => entries.push((key, value)),
    }
    bucket::from_items(guest, MAP, &entries)
}

/// `map_insert`: a signature for each pair of kinds.
fn insert(import: &mut Import<'_>, key: SlotKind, value: SlotKind) -> bool {
    let slot = import.slot;
    macro_rules! bits {
        ($key:ty, $value:ty) => {
            import.to(
                move |mut guest: Guest<'_>, map: i32, k: $key, v: $value| -> Result<i32> {
                    called(&mut guest, slot);
                    put(&mut guest, map, (key, value), k.into(), v.into())
                },
            )
        };
    }
    macro_rules! text_value {
        ($key:ty) => {
            import.to(
                move |mut guest: Guest<'_>,
                      map: i32,
                      k: $key,
                      at: i32,
                      length: i32|
                      -> Result<i32> {
                    called(&mut guest, slot);
                    let v = Item::Text(text(&mut guest, at, length)?);
                    put(&mut guest, map, (key, value), k.into(), v)
                },
            )
        };
    }
    macro_rules! text_key {
        ($value:ty) => {
            import.to(
                move |mut guest: Guest<'_>,
                      map: i32,
                      at: i32,
                      length: i32,
                      v: $value|
                      -> Result<i32> {
                    called(&mut guest, slot);
                    let k = Item::Text(text(&mut guest, at, length)?);
                    put(&mut guest, map, (key, value), k, v.into())
                },
            )
        };
    }
    match (key, value) {
        (SlotKind::Int, SlotKind::Int) => bits!(u64, u64),
        (SlotKind::Int, SlotKind::Float) => bits!(u64, f64),
        (SlotKind::Int, SlotKind::Word) => bits!(u64, u32),
        (SlotKind::Float, SlotKind::Int) => bits!(f64, u64),
        (SlotKind::Float, SlotKind::Float) => bits!(f64, f64),
        (SlotKind::Float, SlotKind::Word) => bits!(f64, u32),
        (SlotKind::Word, SlotKind::Int) => bits!(u32, u64),
        (SlotKind::Word, SlotKind::Float) => bits!(u32, f64),
        (SlotKind::Word, SlotKind::Word) => bits!(u32, u32),
        (SlotKind::Int, SlotKind::Text) => text_value!(u64),
        (SlotKind::Float, SlotKind::Text) => text_value!(f64),
        (SlotKind::Word, SlotKind::Text) => text_value!(u32),
        (SlotKind::Text, SlotKind::Int) => text_key!(u64),
        (SlotKind::Text, SlotKind::Float) => text_key!(f64),
        (SlotKind::Text, SlotKind::Word) => text_key!(u32),
        (SlotKind::Text, SlotKind::Text) => import.to(
            move |mut guest: Guest<'_>,
                  map: i32,
                  ka: i32,
                  kl: i32,
                  va: i32,
                  vl: i32|
                  -> Result<i32> {
                called(&mut guest, slot);
                let k = Item::Text(text(&mut guest, ka, kl)?);
                let v = Item::Text(text(&mut guest, va, vl)?);
                put(&mut guest, map, (key, value), k, v)
            },
        ),
    }
}
