//! The sanitizer of one run: the books of the heap, what is wrong with it, and
//! what is remembered for the report.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU64;

use wasmtime::{
    AsContext, AsContextMut, Caller, Extern, Global, Instance, Memory, Result, Store,
    StoreContextMut, Val, WasmBacktrace,
};

use super::failure::Failure;
use super::guest::read_u32;
use super::state::Host;
use crate::case::{Bytes, GcMode};
use crate::instrument::PREFIX;
use crate::instrument::schedule::Work;
use crate::sanitizer::access::Kind;
use crate::sanitizer::broken::{Block, Broken};
use crate::sanitizer::heap::{Given, Heap, Quarantine, Registers, word};
use crate::sanitizer::rewrite::{HEAP_GLOBALS, IS_BASE, SHADOW, WRAP_GLOBALS};
use crate::sanitizer::shadow::{BEYOND, STACK, first_bad};

/// How much of what was freed is kept from being used again.
const QUARANTINE: Quarantine = Quarantine {
    most: Bytes::mebi(1).0 as u32,
    least: 128 * 1024,
    one_in: NonZeroU64::new(8).expect("8 is not zero"),
};

/// How many lines of the log are kept of collections.
const LOGGED: usize = 2_000;

/// How many of the last allocations are logged.
const LAST_ALLOCATIONS: u64 = 200;

/// How many roots are kept of a shadow stack: the topmost.
const ROOTS: usize = 64;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// An access that the shadow has something against.
    Access(Bad),
    /// The shadow stack's pointer is `got` bytes above where it was when the
    /// function was entered, or the loop, and not `due`.
    Unbalanced {
        /// Where it is.
        got: i32,
        /// Where it should be.
        due: i32,
        /// Whether a loop begins another round; else the function returns.
        is_loop: bool,
    },
    /// The heap is not what it must be.
    Heap(Broken),
}

/// An access that the shadow has something against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// What makes it.
    pub by: By,
    /// The address of its first byte.
    pub at: u32,
    /// How many of its bytes are not of interest.
    pub skipped: u32,
    /// The shadow behind these, as far as the access may reach.
    pub states: Vec<u8>,
    /// The block that each of these bytes belongs to.
    pub blocks: Vec<Option<Block>>,
    /// The block that it begins in.
    pub begins_in: Option<Block>,
}

impl Bad {
    /// What the first byte is that it must not touch, and the block that this
    /// belongs to.
    pub fn first(&self, kind: Kind) -> (u8, Option<Block>) {
        // A push is checked against the stack's ends, whatever stands there.
        let first = first_bad(&self.states, kind.bit()).unwrap_or(0);
        let state = self.states.get(first).copied().unwrap_or(BEYOND);
        (state, self.blocks.get(first).copied().flatten())
    }

    /// The block that it is about: the one that it begins in and does not stay
    /// in, or else that of the first byte that it must not touch.
    pub fn block(&self) -> Option<Block> {
        let touched = self.blocks.iter().flatten().next().copied();
        self.begins_in.filter(|it| it.at <= self.at).or(touched)
    }
}

/// What makes an access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The checked instruction of this number, on so many bytes.
    Instruction(u32, u32),
    /// A bulk instruction of this number, on so many bytes.
    Bulk(u32, u32),
    /// The host function that is being called, on so many bytes.
    Host(Kind, u32),
    /// The host, which reads what `main` returned, on so many bytes.
    Result(u32),
}

/// A function on the call stack, in the module as it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its index.
    pub function: u32,
    /// Its name.
    pub name: Option<String>,
    /// The offset in the module of the instruction that it is at.
    pub offset: Option<usize>,
}

/// The program at a point in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The call stack, innermost first.
    pub stack: Vec<Place>,
    /// The topmost roots on the shadow stack, the lowest first.
    pub roots: Vec<u32>,
    /// How many roots there are.
    pub roots_in_all: u32,
}

/// What was found, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is wrong.
    pub wrong: Wrong,
    /// The program then.
    pub moment: Moment,
    /// The host function that was called last, by its place among the imports.
    pub calling: Option<usize>,
    /// How often it had allocated.
    pub allocations: u64,
}

impl Found {
    /// The blocks that it is about, the one that is wrong first.
    pub fn blocks(&self) -> Vec<Block> {
        match &self.wrong {
            Wrong::Access(bad) => bad.block().into_iter().collect(),
            Wrong::Unbalanced { .. } => Vec::new(),
            Wrong::Heap(broken) => broken.blocks(),
        }
    }
}

/// What a second run is to remember for the report.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    allocations: BTreeSet<u64>,
    collections: BTreeSet<u64>,
    /// The allocations from which on everything is logged.
    log_from: u64,
}

impl Watch {
    /// What the report of a finding needs.
    pub fn of(found: &Found) -> Watch {
        let blocks = found.blocks();
        Watch {
            allocations: blocks.iter().map(|block| block.allocation).collect(),
            collections: blocks
                .iter()
                .filter_map(|block| block.freed.map(NonZeroU64::get))
                .collect(),
            log_from: found.allocations.saturating_sub(LAST_ALLOCATIONS),
        }
    }
}

/// A collection that is remembered.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// The program when it began.
    pub moment: Moment,
    /// The number of the allocation that brought it about.
    pub allocation: u64,
    /// Whether the schedule wanted it.
    pub scheduled: bool,
}

/// What was remembered.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// By the number of the allocation: who wanted it.
    pub allocations: BTreeMap<u64, Vec<Place>>,
    /// By the number of the collection.
    pub collections: BTreeMap<u64, Collection>,
    /// What happened, the latest last; each with the function that it happened
    /// in.
    pub log: VecDeque<(String, Vec<Place>)>,
}

/// The fuel that collections took.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    /// What was left when the one under way began.
    began: u64,
    all: u64,
    last: u64,
}

/// The sanitizer of one run.
pub struct Sanitizer {
    heap: Heap,
    memory: Memory,
    shadow: Memory,
    globals: [Global; HEAP_GLOBALS.len()],
    wrap: Option<[Global; WRAP_GLOBALS.len()]>,
    spent: Spent,
    watch: Option<Watch>,
    /// Whether the collection that is about to begin is the schedule's.
    pub scheduled: bool,
    /// What was remembered.
    pub seen: Seen,
    /// What was found.
    pub found: Option<Found>,
}

/// Whether a mode has a sanitizer: with which quarantine, and which seed.
pub fn settings(mode: GcMode) -> Option<(Option<Quarantine>, u64)> {
    match mode {
        GcMode::Checks => Some((None, 0)),
        GcMode::Sanitize(seed) => Some((Some(QUARANTINE), seed.unwrap_or(0))),
        _ => None,
    }
}

impl Sanitizer {
    /// The sanitizer of an instance that was rewritten for one; `None` where it
    /// has no heap.
    pub fn of(
        store: &mut Store<Host>,
        instance: Instance,
        mode: GcMode,
        watch: Option<Watch>,
    ) -> Option<Sanitizer> {
        let (quarantine, seed) = settings(mode)?;
        let shadow = instance.get_memory(&mut *store, SHADOW)?;
        let memory = store.data().guest.as_ref()?.memory()?;
        let mut ours = |name: &str| instance.get_export(&mut *store, &format!("{PREFIX}{name}"));
        let mut global = |name: &str| ours(name).and_then(Extern::into_global);
        let mut globals = Vec::new();
        for name in HEAP_GLOBALS {
            globals.push(global(name)?);
        }
        let globals = globals.try_into().ok()?;
        let wrap = match WRAP_GLOBALS.map(&mut global) {
            [Some(base), Some(pointer)] => Some([base, pointer]),
            _ => None,
        };
        let knows_bases = ours(IS_BASE).is_some();
        let registers = registers(&globals, wrap.as_ref(), &mut *store)?;
        let mut heap = Heap::new(registers, knows_bases, quarantine, seed);
        heap.paint(shadow.data_mut(store));
        Some(Sanitizer {
            heap,
            memory,
            shadow,
            globals,
            wrap,
            spent: Spent::default(),
            watch,
            scheduled: false,
            seen: Seen::default(),
            found: None,
        })
    }

    /// What was done so far, by the fuel that is gone.
    pub fn work(&self, gone: u64) -> Work {
        Work {
            own: gone.saturating_sub(self.spent.all),
            collections: self.spent.all,
            last: self.spent.last,
            allocations: self.heap.allocations(),
        }
    }

    fn remember(&mut self, line: String, stack: Vec<Place>) {
        if self.seen.log.len() >= LOGGED {
            self.seen.log.pop_front();
        }
        self.seen.log.push_back((line, stack));
    }
}

/// The program's own words about its heap.
fn registers(
    globals: &[Global; HEAP_GLOBALS.len()],
    wrap: Option<&[Global; WRAP_GLOBALS.len()]>,
    mut store: impl AsContextMut,
) -> Option<Registers> {
    let mut read = |global: &Global| read_u32(*global, &mut store);
    let [end, start, free, stack_pointer, stack_base, stack_limit] = globals;
    Some(Registers {
        start: read(start)?,
        end: read(end)?,
        free: read(free)?,
        stack_base: read(stack_base)?,
        stack_pointer: read(stack_pointer)?,
        stack_limit: read(stack_limit)?,
        wrap: match wrap {
            Some([base, pointer]) => (read(base)?, read(pointer)?),
            None => (0, 0),
        },
    })
}

type Guest<'a> = Caller<'a, Host>;
type Context<'a> = StoreContextMut<'a, Host>;

/// The registers of a program that has a sanitizer.
fn registers_of(guest: &mut Context<'_>) -> Option<Registers> {
    let sanitizer = guest.data().sanitizer.as_ref()?;
    let (globals, wrap) = (sanitizer.globals, sanitizer.wrap);
    registers(&globals, wrap.as_ref(), guest)
}

/// The call stack, innermost first.
fn stack(store: impl AsContext) -> Vec<Place> {
    let backtrace = WasmBacktrace::force_capture(store);
    let place = |frame: &wasmtime::FrameInfo| Place {
        function: frame.func_index(),
        name: frame.func_name().map(str::to_owned),
        offset: frame.module_offset(),
    };
    backtrace.frames().iter().map(place).collect()
}

/// The program as it is now.
fn moment(guest: &mut Context<'_>) -> Moment {
    let stack = stack(&*guest);
    let memory = guest.data().sanitizer.as_ref().map(|it| it.memory);
    let (Some(registers), Some(memory)) = (registers_of(guest), memory) else {
        return Moment::default();
    };
    let (from, to) = (registers.stack_base, registers.stack_pointer);
    let all = memory.data(&*guest).get(from as usize..to as usize);
    let words = all.unwrap_or_default().chunks_exact(4);
    let roots_in_all = u32::try_from(words.len()).unwrap_or(u32::MAX);
    let topmost = words.len().saturating_sub(ROOTS);
    let root = |word: &[u8]| u32::from_le_bytes(word.try_into().expect("four bytes"));
    Moment {
        stack,
        roots: words.skip(topmost).map(root).collect(),
        roots_in_all,
    }
}

/// Notes what is wrong; the first thing counts.
fn find(guest: &mut Context<'_>, wrong: Wrong) -> Failure {
    let moment = moment(guest);
    let calling = guest.data().calling;
    if let Some(sanitizer) = &mut guest.data_mut().sanitizer {
        let allocations = sanitizer.heap.allocations();
        sanitizer.found.get_or_insert(Found {
            wrong,
            moment,
            calling,
            allocations,
        });
    }
    Failure::Corrupt
}

/// `$alloc` gave a block. This is called as often as the program allocates.
pub fn allocated(
    mut caller: Guest<'_>,
    at: i32,
    size: i32,
    header: i32,
    end: i32,
    free: i32,
) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let Some(sanitizer) = &guest.data().sanitizer else {
        return Ok(());
    };
    let (watched, shadow) = (sanitizer.watch.is_some(), sanitizer.shadow);
    let before = sanitizer.heap.free_before(at.cast_unsigned());
    let link = before.and_then(|it| word(sanitizer.memory.data(&guest), it));
    let (data, host) = shadow.data_and_store_mut(&mut guest);
    let sanitizer = host.sanitizer.as_mut().expect("it was there");
    let given = Given {
        at: at.cast_unsigned(),
        size: size.cast_unsigned(),
        header: header.cast_unsigned(),
        end: end.cast_unsigned(),
        free: free.cast_unsigned(),
        memory: data.len() as u64,
    };
    let noted = sanitizer.heap.allocated(given, link);
    sanitizer.heap.paint(data);
    if watched {
        remember_allocation(&mut guest, given);
    }
    noted.map_err(|why| find(&mut guest, Wrong::Heap(why)).into())
}

fn remember_allocation(guest: &mut Context<'_>, given: Given) {
    let wanted = |it: &Sanitizer| {
        let number = it.heap.allocations();
        let watch = it.watch.as_ref()?;
        let logged = number >= watch.log_from;
        (logged || watch.allocations.contains(&number)).then_some((number, logged))
    };
    let Some((number, logged)) = guest.data().sanitizer.as_ref().and_then(wanted) else {
        return;
    };
    let stack = stack(&*guest);
    let sanitizer = guest.data_mut().sanitizer.as_mut();
    let sanitizer = sanitizer.expect("it was there");
    if logged {
        let Given { at, size, .. } = given;
        let line = format!("allocation {number}: {size} bytes at {at:#x}");
        sanitizer.remember(line, stack.clone());
    }
    sanitizer.seen.allocations.insert(number, stack);
}

/// `$gc_collect` begins.
pub fn collecting(mut caller: Guest<'_>) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let left = guest.get_fuel()?;
    let Some(registers) = registers_of(&mut guest) else {
        return Ok(());
    };
    let sanitizer = guest.data().sanitizer.as_ref().expect("it has registers");
    let memory = sanitizer.memory;
    let (data, host) = memory.data_and_store_mut(&mut guest);
    let sanitizer = host.sanitizer.as_mut().expect("it was there");
    sanitizer.spent.began = left;
    let noted = sanitizer.heap.collecting(data, registers);
    let number = sanitizer.heap.collections();
    let watch = sanitizer.watch.as_ref();
    if watch.is_some_and(|watch| watch.collections.contains(&number)) {
        let moment = moment(&mut guest);
        let sanitizer = guest.data_mut().sanitizer.as_mut();
        let sanitizer = sanitizer.expect("it was there");
        let collection = Collection {
            moment,
            allocation: sanitizer.heap.allocations() + 1,
            scheduled: sanitizer.scheduled,
        };
        sanitizer.seen.collections.insert(number, collection);
    }
    noted.map_err(|why| find(&mut guest, Wrong::Heap(why)).into())
}

/// `$gc_collect` has ended.
pub fn collected(mut caller: Guest<'_>) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let left = guest.get_fuel()?;
    let Some(registers) = registers_of(&mut guest) else {
        return Ok(());
    };
    let sanitizer = guest.data().sanitizer.as_ref().expect("it has registers");
    let (memory, shadow, free) = (sanitizer.memory, sanitizer.shadow, sanitizer.globals[2]);
    let watched = sanitizer.watch.is_some();
    let (data, host) = memory.data_and_store_mut(&mut guest);
    let sanitizer = host.sanitizer.as_mut().expect("it was there");
    sanitizer.spent.last = sanitizer.spent.began.saturating_sub(left);
    sanitizer.spent.all += sanitizer.spent.last;
    let list = sanitizer
        .heap
        .collected(data, registers, sanitizer.scheduled);
    let (data, host) = shadow.data_and_store_mut(&mut guest);
    let sanitizer = host.sanitizer.as_mut().expect("it was there");
    sanitizer.heap.paint(data);
    if watched {
        remember_collection(&mut guest);
    }
    if let Some(sanitizer) = &mut guest.data_mut().sanitizer {
        sanitizer.scheduled = false;
    }
    match list {
        Ok(list) => free.set(&mut guest, Val::I32(list.cast_signed())),
        Err(why) => Err(find(&mut guest, Wrong::Heap(why)).into()),
    }
}

fn remember_collection(guest: &mut Context<'_>) {
    let stack = stack(&*guest);
    let sanitizer = guest.data_mut().sanitizer.as_mut();
    let sanitizer = sanitizer.expect("it was there");
    let heap = &sanitizer.heap;
    let (live, free, kept) = heap.census();
    let line = format!(
        "collection {}{} before allocation {}: {live} live, {free} free ({} in quarantine), {} of heap",
        heap.collections(),
        if sanitizer.scheduled {
            ", scheduled,"
        } else {
            ""
        },
        heap.allocations() + 1,
        Bytes(kept),
        Bytes(heap.bytes().into()),
    );
    sanitizer.remember(line, stack);
}

/// A checked instruction is about to touch what the shadow says it must not.
pub fn bad_access(mut caller: Guest<'_>, at: i32, width: i32, access: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let (at, width) = (at.cast_unsigned(), width.cast_unsigned());
    let Some(registers) = registers_of(&mut guest) else {
        return Ok(());
    };
    // Roots are read and replaced, too, not only pushed.
    let stack = registers.stack_base..registers.stack_pointer;
    let state = shadow_of(&guest).get(at as usize);
    let last = at.saturating_add(width.saturating_sub(1));
    if state == Some(&STACK) && stack.contains(&at) && stack.contains(&last) {
        return Ok(());
    }
    let by = By::Instruction(access.cast_unsigned(), width);
    Err(bad(&mut guest, by, at, 0..width as usize).into())
}

/// A bulk instruction is about to touch a range.
pub fn range(mut caller: Guest<'_>, at: i32, length: i32, stores: i32, access: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let access = access.cast_unsigned();
    let kind = if stores == 0 { Kind::Load } else { Kind::Store };
    let (at, length) = (at.cast_unsigned(), length.cast_unsigned());
    let range = (at as usize)..(at as usize + length as usize);
    // What lies outside of the memory makes the instruction itself trap.
    let state = shadow_of(&guest).get(range).unwrap_or_default();
    let Some(found) = first_bad(state, kind.bit()) else {
        return Ok(());
    };
    let by = By::Bulk(access, length);
    Err(bad(&mut guest, by, at, found..found + 1).into())
}

/// A host function is about to touch a range that the memory has.
pub fn host_access(
    guest: &mut Context<'_>,
    range: std::ops::Range<usize>,
    kind: Kind,
) -> Result<(), Failure> {
    let by = |length| By::Host(kind, length);
    by_host(guest, range, kind, by)
}

/// The host is about to read what `main` returned.
pub fn result_access(
    guest: &mut Context<'_>,
    range: std::ops::Range<usize>,
) -> Result<(), Failure> {
    by_host(guest, range, Kind::Load, By::Result)
}

fn by_host(
    guest: &mut Context<'_>,
    range: std::ops::Range<usize>,
    kind: Kind,
    by: impl FnOnce(u32) -> By,
) -> Result<(), Failure> {
    let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (at, length) = (short(range.start), short(range.len()));
    let state = shadow_of(guest).get(range).unwrap_or_default();
    match first_bad(state, kind.bit()) {
        None => Ok(()),
        Some(found) => Err(bad(guest, by(length), at, found..found + 1)),
    }
}

/// The shadow; empty where there is none.
fn shadow_of<'a>(guest: &'a Context<'_>) -> &'a [u8] {
    let sanitizer = guest.data().sanitizer.as_ref();
    sanitizer.map_or(&[], |it| it.shadow.data(guest))
}

/// Notes an access of which these bytes are of interest.
fn bad(guest: &mut Context<'_>, by: By, at: u32, bytes: std::ops::Range<usize>) -> Failure {
    let shadow = shadow_of(guest);
    let within = |byte: usize| (at as usize + byte).min(shadow.len());
    let states = shadow[within(bytes.start)..within(bytes.end)].to_vec();
    let skipped = u32::try_from(bytes.start).unwrap_or(u32::MAX);
    let sanitizer = guest.data().sanitizer.as_ref();
    let block = |at: u32| sanitizer.and_then(|it| it.heap.around(at)).copied();
    let first = at.saturating_add(skipped);
    let blocks = (first..).take(states.len()).map(block).collect();
    let begins_in = block(at);
    let wrong = Wrong::Access(Bad {
        by,
        at,
        skipped,
        states,
        blocks,
        begins_in,
    });
    find(guest, wrong)
}

/// The shadow stack's pointer is at a wrong place.
pub fn unbalanced(mut caller: Guest<'_>, got: i32, due: i32, is_loop: i32) -> Result<()> {
    let mut guest = caller.as_context_mut();
    let is_loop = is_loop != 0;
    Err(find(&mut guest, Wrong::Unbalanced { got, due, is_loop }).into())
}
