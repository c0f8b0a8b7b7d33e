//! What the sanitizer found, in words.

use super::artifact::Rewriting;
use super::functions::{Body, Functions};
use super::request::CompiledProgram;
use super::sanitizer::books::{PastCollection, Recollection};
use super::sanitizer::defect::{Bad, By, Defect, Moment, Place, Wrong};
use super::trap;
use crate::case::{BlockStory, Call, Finding, Freed};
use crate::instrument::Anatomy;
use crate::instrument::text::Text;
use crate::sanitizer::access::{Access, Kind};
use crate::sanitizer::broken::Block;
use crate::sanitizer::rewrite::{is_runtime, sanitize};
use crate::sanitizer::shadow::{self, first_bad};
use crate::toolchain::about::About;

/// The finding of a run of `wasm`, with what another run of it remembered.
pub fn tell(
    program: &CompiledProgram<'_>,
    rewriting: Rewriting,
    found: &Defect,
    seen: &Recollection,
) -> Finding {
    let teller = Teller::new(program, rewriting);
    let mut calls = teller.calls(&found.moment.stack);
    let (kind, what) = match &found.wrong {
        Wrong::Access(bad) => teller.access(bad, found, &mut calls),
        Wrong::Unbalanced { got, due, is_loop } => unbalanced(*got, *due, *is_loop),
        Wrong::Heap(broken) => (broken.kind().to_owned(), broken.to_string()),
    };
    let instruction = match &found.wrong {
        Wrong::Access(Bad {
            by: By::Instruction(..) | By::Bulk(..),
            ..
        }) => calls
            .first()
            .and_then(|call| teller.instruction(call.text_line?)),
        Wrong::Access(_) | Wrong::Unbalanced { .. } | Wrong::Heap(_) => None,
    };
    let blocks = found.blocks();
    let log = seen.log.iter().map(|(line, stack)| {
        let calls = teller.calls(stack);
        let call = calls.iter().find(|it| it.frame.source().is_some());
        match call.or(calls.first()) {
            Some(call) => format!("{line}, in {call}"),
            None => line.clone(),
        }
    });
    Finding {
        kind,
        what,
        instruction,
        calls,
        blocks: blocks.iter().map(|it| teller.story(it, seen)).collect(),
        roots: found.moment.roots.clone(),
        roots_in_all: found.moment.roots_in_all,
        log: log.collect(),
    }
}

/// The kind of an imbalance of the shadow stack, and the sentence about it.
fn unbalanced(got: i32, due: i32, is_loop: bool) -> (String, String) {
    let place = match is_loop {
        true => "a loop",
        false => "a function",
    };
    let roots = (got - due).abs() / 4;
    let roots = match roots {
        1 => "1 root".to_owned(),
        _ => format!("{roots} roots"),
    };
    let when = match is_loop {
        true => "each round of a loop",
        false => "a function that returns",
    };
    match got > due {
        true => (
            format!("roots left behind by {place}"),
            format!("{when} leaves {roots} behind on the shadow stack"),
        ),
        false => (
            format!("roots taken away by {place}"),
            format!("{when} takes {roots} too many off the shadow stack"),
        ),
    }
}

/// Where in the module as Vera compiled it something stands.
struct Teller<'a> {
    about: &'a About,
    /// The functions as Vera compiled them.
    original: Functions,
    /// The functions as they ran.
    ran: Functions,
    /// How many imports the module as it ran has more.
    added: u32,
    accesses: Vec<Access>,
    imports: Vec<String>,
    text: Option<Text>,
}

impl<'a> Teller<'a> {
    fn new(program: &CompiledProgram<'a>, rewriting: Rewriting) -> Teller<'a> {
        let CompiledProgram { wasm, about, .. } = *program;
        let scheduled = rewriting.unchecked(wasm).unwrap_or_default();
        let sanitized = sanitize(&scheduled).ok().flatten();
        let ran = rewriting.of(wasm).unwrap_or_default();
        let (original, ran) = (Functions::of(wasm), Functions::of(&ran));
        Teller {
            about,
            added: ran.imports.saturating_sub(original.imports),
            original,
            ran,
            accesses: sanitized.map(|it| it.accesses).unwrap_or_default(),
            imports: Anatomy::of(wasm)
                .map(|it| it.imports.into_iter().map(|import| import.name).collect())
                .unwrap_or_default(),
            text: Text::of(wasm),
        }
    }

    /// The program's own functions on a call stack.
    fn calls(&self, stack: &[Place]) -> Vec<Call> {
        let own = stack.iter().filter_map(|place| {
            let name = place.name.as_deref().filter(|name| !is_runtime(name))?;
            Some(Call {
                frame: trap::frame(name, self.about),
                text_line: self.call_line(place),
            })
        });
        own.collect()
    }

    /// The functions of a place, as it was compiled and as it ran.
    fn functions(&self, place: &Place) -> Option<(&Body, &Body)> {
        let compiled = place.function.checked_sub(self.added)?;
        Some((
            self.original.body(compiled)?,
            self.ran.body(place.function)?,
        ))
    }

    /// The line of the call that a function is at, or else of the function.
    fn call_line(&self, place: &Place) -> Option<u32> {
        let (compiled, ran) = self.functions(place)?;
        let call = ran.calls.iter().position(|at| Some(*at) == place.offset);
        let at = call.and_then(|call| compiled.calls.get(call));
        self.text.as_ref()?.line(*at.unwrap_or(&compiled.first))
    }

    /// The instruction on a line of the module's text form, without its operands.
    fn instruction(&self, line: u32) -> Option<String> {
        let text = &self.text.as_ref()?.text;
        let line = text.lines().nth(line.checked_sub(1)? as usize)?;
        line.split_whitespace().next().map(str::to_owned)
    }

    /// The kind of an access, and the access in words; the innermost call is at it.
    fn access(&self, bad: &Bad, found: &Defect, calls: &mut [Call]) -> (String, String) {
        let kind_of = |number: u32| {
            let access = self.accesses.get(number as usize);
            access.map_or(Kind::Load, |it| it.kind)
        };
        let (kind, width) = match bad.by {
            By::Instruction(number, width) | By::Bulk(number, width) => (kind_of(number), width),
            By::Host(kind, width) => (kind, width),
            By::Result(width) => (Kind::Load, width),
        };
        if let By::Instruction(number, _) | By::Bulk(number, _) = bad.by
            && let Some(access) = self.accesses.get(number as usize)
            && let Some(place) = found.moment.stack.first()
            && let Some((compiled, _)) = self.functions(place)
            && let Some(call) = calls.first_mut()
        {
            let at = compiled.touches.get(access.ordinal as usize);
            call.text_line = at.and_then(|at| self.text.as_ref()?.line(*at));
        }
        let bytes = match width {
            1 => "1 byte".to_owned(),
            _ => format!("{width} bytes"),
        };
        let word = match kind {
            Kind::Load => "load",
            Kind::Store => "store",
        };
        let host = |name: &str| format!("{word} of {bytes} by the host's {name}");
        let access = match bad.by {
            By::Instruction(..) => format!("{word} of {bytes}"),
            By::Bulk(..) => format!("{word} of {bytes} at once"),
            By::Host(..) => {
                let name = found.calling.and_then(|slot| self.imports.get(slot));
                host(name.map_or("functions", String::as_str))
            }
            By::Result(_) => format!("{word} of {bytes}, the text that `main` returned,"),
        };
        let by = match bad.by {
            By::Instruction(..) | By::Bulk(..) => "",
            By::Host(..) => " by the host",
            By::Result(_) => " of the text that `main` returned",
        };
        let Target { kind, place } = Target::of(bad, kind);
        (format!("{word}{by} {kind}"), format!("{access} {place}"))
    }

    /// The story of a block.
    fn story(&self, block: &Block, seen: &Recollection) -> BlockStory {
        let allocated_by = seen.allocations.get(&block.allocation);
        BlockStory {
            address: block.at,
            size: block.size,
            capacity: block.capacity,
            allocation: block.allocation,
            allocated_by: allocated_by.map_or_else(Vec::new, |it| self.calls(it)),
            freed: block.freed.map(|number| self.freed(number.get(), seen)),
        }
    }

    fn freed(&self, number: u64, seen: &Recollection) -> Freed {
        let collection = seen.collections.get(&number).cloned();
        let PastCollection {
            moment,
            allocation,
            scheduled,
        } = collection.unwrap_or_default();
        let Moment {
            stack,
            roots,
            roots_in_all,
        } = moment;
        Freed {
            collection: number,
            allocation,
            scheduled,
            calls: self.calls(&stack),
            roots,
            roots_in_all,
        }
    }
}

/// What an access touches that it must not.
struct Target {
    /// The kind of place.
    kind: String,
    /// Where that is.
    place: String,
}

impl Target {
    fn of(bad: &Bad, access: Kind) -> Target {
        let at = bad.at;
        let (state, touched) = bad.first(access);
        let Some(first) = first_bad(&bad.states, access.bits()) else {
            return Target {
                kind: "outside of the shadow stack".to_owned(),
                place: format!("at {at:#x}, pushed outside of the shadow stack"),
            };
        };
        let is = |block: &Block| match block.freed {
            Some(_) => "freed",
            None => "live",
        };
        if let Some(block) = bad.block()
            && let Some(byte) = at.checked_sub(block.at)
        {
            let is = is(&block);
            return match state == shadow::FREED && touched == Some(block) {
                _ if state == shadow::UNWRITTEN => Target {
                    kind: format!("of what was never written in a {is} block"),
                    place: format!(
                        "at byte {byte} of the {is} {block}, of which byte {} was never written",
                        byte as usize + bad.skipped as usize + first
                    ),
                },
                true => Target {
                    kind: format!("in a {is} block"),
                    place: format!("at byte {byte} of the {is} {block}"),
                },
                false => Target {
                    kind: format!("past the end of a {is} block"),
                    place: format!("at byte {byte}, past the end of the {is} {block}"),
                },
            };
        }
        if let Some(block) = touched {
            let is = is(&block);
            return Target {
                kind: format!("in the header of a {is} block"),
                place: format!("at {at:#x}, in the header of the {is} {block}"),
            };
        }
        let what = match state {
            shadow::STATIC => "in the module's string literals and other static data",
            shadow::STACK => "on the shadow stack, where there is no root",
            shadow::INTERNAL => "in the collector's worklist or the wrap table",
            _ => "past the end of the heap",
        };
        Target {
            kind: what.to_owned(),
            place: format!("at {at:#x}, {what}"),
        }
    }
}
