//! The layout of a Map or Set of releases up to 0.2.3, whose host functions
//! rebuild it with each change.
//!
//! An object of twelve bytes (tag, 0, bucket) points to a bucket: its capacity
//! and count, then slots of twenty bytes, each a flag, eight bytes of key and
//! eight of value.

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::guest::memory::{alloc, bytes, read_i32, text, write, write_i32};
use super::super::guest::roots::Roots;
use super::super::guest::values::{alloc_bytes, alloc_texts, object};
use super::super::state::Host;
use crate::case::Bytes;

type Guest<'a> = Caller<'a, Host>;

const HEADER: i32 = 8;
const SLOT: usize = 20;
const KEY: usize = 4;
const VALUE: usize = 12;
const SMALLEST_CAPACITY: usize = 8;

/// The tag of an object that stands for a map.
pub const MAP: i32 = 0xfeed_c001_u32.cast_signed();
/// The tag of an object that stands for a set.
pub const SET: i32 = 0xfeed_c002_u32.cast_signed();

/// How a key or value is kept in its eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// An Int or Nat.
    Int,
    /// A Float64.
    Float,
    /// A Bool, a Byte, or a pointer.
    Word,
    /// A String, by address and length.
    Text,
}

impl SlotKind {
    /// The kind that an import's name says by one letter.
    pub fn of(letter: &str) -> Option<SlotKind> {
        match letter {
            "i" => Some(SlotKind::Int),
            "f" => Some(SlotKind::Float),
            "b" => Some(SlotKind::Word),
            "s" => Some(SlotKind::Text),
            _ => None,
        }
    }
}

/// A key or value, as the host compares it.
#[derive(Clone, Debug)]
pub enum Item {
    /// Eight bytes that mean themselves.
    Bits(u64),
    /// A float.
    Float(f64),
    /// A string.
    Text(String),
}

impl From<u64> for Item {
    fn from(bits: u64) -> Item {
        Item::Bits(bits)
    }
}

impl From<u32> for Item {
    fn from(word: u32) -> Item {
        Item::Bits(word.into())
    }
}

impl From<f64> for Item {
    fn from(x: f64) -> Item {
        Item::Float(x)
    }
}

impl Item {
    /// Equality as Vera's host has it: every NaN is the same, and so are the
    /// two zeros.
    pub fn same(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::Float(a), Item::Float(b)) => a == b || a.is_nan() && b.is_nan(),
            (Item::Bits(a), Item::Bits(b)) => a == b,
            (Item::Text(a), Item::Text(b)) => a == b,
            _ => false,
        }
    }

    /// Whether this is no number, which replaces its like instead of keeping it.
    pub fn is_nan(&self) -> bool {
        matches!(self, Item::Float(x) if x.is_nan())
    }

    /// The eight bytes of an item that is no string.
    fn field(&self) -> [u8; 8] {
        match self {
            Item::Bits(bits) => bits.to_le_bytes(),
            Item::Float(x) => x.to_le_bytes(),
            Item::Text(_) => [0; 8],
        }
    }
}

/// The occupied slots of a map or set, each as its eight bytes of key and of
/// value.
pub fn slots(guest: &mut Guest<'_>, wrapper: i32) -> Result<Vec<([u8; 8], [u8; 8])>> {
    let bucket = read_i32(guest, wrapper.wrapping_add(8))?;
    if bucket == 0 {
        return Ok(Vec::new());
    }
    let capacity = read_i32(guest, bucket)?;
    let count = read_i32(guest, bucket.wrapping_add(4))?.cast_unsigned() as usize;
    let length = capacity.saturating_mul(SLOT as i32);
    let data = bytes(guest, bucket.wrapping_add(HEADER), length)?;
    let eight = |slot: &[u8], at: usize| -> [u8; 8] {
        slot[at..at + 8]
            .try_into()
            .expect("a slot has twenty bytes")
    };
    Ok(data
        .chunks_exact(SLOT)
        .filter(|slot| slot[..KEY] != [0; KEY])
        .take(count)
        .map(|slot| (eight(slot, KEY), eight(slot, VALUE)))
        .collect())
}

/// How many entries there are.
pub fn count(guest: &mut Guest<'_>, wrapper: i32) -> Result<i64> {
    let bucket = read_i32(guest, wrapper.wrapping_add(8))?;
    if bucket == 0 {
        return Ok(0);
    }
    let count = read_i32(guest, bucket.wrapping_add(4))?;
    Ok(count.cast_unsigned().into())
}

/// Many texts that are this long take a while to copy.
const LONG: i32 = 1 << 8;

/// What the host copies of a map or set to build another from: never more than
/// the program's memory may hold, where all of it is to go.
#[derive(Debug)]
pub struct Copies {
    left: u64,
}

impl Copies {
    /// None so far.
    pub fn new(guest: &Guest<'_>) -> Copies {
        Copies {
            left: guest.data().limits.memory.0,
        }
    }

    /// What eight bytes of a slot mean.
    pub fn item(&mut self, guest: &mut Guest<'_>, kind: SlotKind, field: [u8; 8]) -> Result<Item> {
        let item = item(guest, kind, field)?;
        if let Item::Text(text) = &item {
            let limit = guest.data().limits.memory;
            let length = text.len() as u64;
            let left = self.left.checked_sub(length);
            self.left = left.ok_or(HostFailure::OverMemory(Bytes(
                limit.0.saturating_add(length),
            )))?;
        }
        Ok(item)
    }
}

/// What eight bytes of a slot mean.
pub fn item(guest: &mut Guest<'_>, kind: SlotKind, field: [u8; 8]) -> Result<Item> {
    let word = |at: usize| -> i32 {
        i32::from_le_bytes(
            field[at..at + 4]
                .try_into()
                .expect("a field has eight bytes"),
        )
    };
    Ok(match kind {
        SlotKind::Int => Item::Bits(u64::from_le_bytes(field)),
        SlotKind::Float => Item::Float(f64::from_le_bytes(field)),
        SlotKind::Word => Item::Bits(word(0).cast_unsigned().into()),
        SlotKind::Text if word(4) == 0 => Item::Text(String::new()),
        SlotKind::Text => {
            // Every slot may point to the same long text.
            if word(4) >= LONG {
                guest.data().limits.check()?;
            }
            Item::Text(text(guest, word(0), word(4))?)
        }
    })
}

/// All keys, or all values.
pub fn column(
    guest: &mut Guest<'_>,
    wrapper: i32,
    kind: SlotKind,
    values: bool,
) -> Result<Vec<Item>> {
    let mut copies = Copies::new(guest);
    slots(guest, wrapper)?
        .into_iter()
        .map(|(key, value)| copies.item(guest, kind, if values { value } else { key }))
        .collect()
}

/// A new empty map or set.
pub fn empty(guest: &mut Guest<'_>, tag: i32) -> Result<i32> {
    object(guest, 12, &[(0, tag), (4, 0), (8, 0)])
}

fn capacity(count: usize) -> usize {
    (count * 2).max(SMALLEST_CAPACITY).next_power_of_two()
}

/// A new map or set with room for `count` entries, rooted while `fill` writes
/// its slots.
fn build(
    guest: &mut Guest<'_>,
    tag: i32,
    count: usize,
    fill: impl FnOnce(&mut Guest<'_>, i32) -> Result<()>,
) -> Result<i32> {
    let capacity = capacity(count);
    let wrapper = empty(guest, tag)?;
    let roots = Roots::open(guest)?;
    roots.push(guest, wrapper)?;
    let size = HEADER as usize + capacity * SLOT;
    let bucket = alloc(guest, size)?;
    write(guest, bucket, &vec![0; size])?;
    write_i32(
        guest,
        bucket,
        0,
        i32::try_from(capacity).unwrap_or(i32::MAX),
    )?;
    roots.push(guest, bucket)?;
    fill(guest, bucket.wrapping_add(HEADER))?;
    write_i32(guest, bucket, 4, i32::try_from(count).unwrap_or(i32::MAX))?;
    write_i32(guest, wrapper, 8, bucket)?;
    roots.close(guest)?;
    Ok(wrapper)
}

/// A new map or set of slots that are taken over as they are.
pub fn from_slots(guest: &mut Guest<'_>, tag: i32, slots: &[([u8; 8], [u8; 8])]) -> Result<i32> {
    build(guest, tag, slots.len(), |guest, at| {
        let mut data = Vec::with_capacity(slots.len() * SLOT);
        for (key, value) in slots {
            data.extend_from_slice(&1i32.to_le_bytes());
            data.extend_from_slice(key);
            data.extend_from_slice(value);
        }
        Ok(write(guest, at, &data)?)
    })
}

/// A new map or set of these entries. Strings are allocated anew, as Vera's
/// host does, the value before the key.
pub fn from_items(guest: &mut Guest<'_>, tag: i32, entries: &[(Item, Item)]) -> Result<i32> {
    let text = |item: &Item| matches!(item, Item::Text(_));
    if !entries.iter().any(|(key, value)| text(key) || text(value)) {
        let slots: Vec<_> = entries
            .iter()
            .map(|(key, value)| (key.field(), value.field()))
            .collect();
        return from_slots(guest, tag, &slots);
    }
    build(guest, tag, entries.len(), |guest, start| {
        let mut at = start;
        for (key, value) in entries {
            write_i32(guest, at, 0, 1)?;
            put(guest, at.wrapping_add(VALUE as i32), value)?;
            put(guest, at.wrapping_add(KEY as i32), key)?;
            at = at.wrapping_add(SLOT as i32);
        }
        Ok(())
    })
}

/// An array of items of one kind, as the pair of its address and length.
pub fn array(guest: &mut Guest<'_>, kind: SlotKind, items: &[Item]) -> Result<(i32, i32)> {
    if items.is_empty() {
        return Ok((0, 0));
    }
    if kind == SlotKind::Text {
        let texts: Vec<&str> = items
            .iter()
            .map(|item| match item {
                Item::Text(text) => text.as_str(),
                Item::Bits(_) | Item::Float(_) => "",
            })
            .collect();
        return alloc_texts(guest, &texts);
    }
    let width = if kind == SlotKind::Word { 4 } else { 8 };
    let data: Vec<u8> = items
        .iter()
        .flat_map(|item| item.field().into_iter().take(width))
        .collect();
    let at = alloc(guest, data.len())?;
    write(guest, at, &data)?;
    Ok((at, i32::try_from(items.len()).unwrap_or(i32::MAX)))
}

fn put(guest: &mut Guest<'_>, at: i32, item: &Item) -> Result<()> {
    match item {
        Item::Text(text) => {
            let (address, length) = alloc_bytes(guest, text.as_bytes())?;
            write_i32(guest, at, 0, address)?;
            write_i32(guest, at, 4, length)?;
        }
        Item::Bits(_) | Item::Float(_) => write(guest, at, &item.field())?,
    }
    Ok(())
}
