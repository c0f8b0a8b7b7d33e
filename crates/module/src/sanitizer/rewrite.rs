//! Adding the checks to a module.
//!
//! Each load, store and bulk operation in code that is not the allocator's or
//! the collector's is preceded by a look into the shadow, a second memory of the
//! same size. `$alloc` and `$gc_collect` get wrappers, which log what was
//! allocated, and tell the host when a collection begins and has ended. A function that
//! saves the shadow stack's pointer when it is entered is held to where it must
//! stand when it returns.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{ExportKind, Function, MemoryType, ValType};
use wasmparser::Operator;

use super::access::{Access, Touch, touch};
use super::check::{Checks, Scratch};
use super::log;
use super::scope::Scope;
pub use super::scope::{HELD_TO, WRAP_TABLE, is_runtime};
use super::wrapper::{self, Wrapped};
use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::names::{PREFIX, shown};
use crate::vera_runtime::RuntimeFunction;

/// Exported: the shadow.
pub const SHADOW: &str = "vera-stress.shadow";
/// Exported: the log of allocations.
pub const LOG: &str = "vera-stress.log";

/// An access is about to touch what the shadow says it must not: the address,
/// how many bytes, and the number of the access.
pub const BAD: &str = "bad-access";
/// A bulk operation is about to touch a range that is long, or of which the
/// shadow has something against: where it begins, its length, whether it stores,
/// which is [`super::access::FILLS`] where what it stores is no copy, and the number of the access.
pub const RANGE: &str = "range";
/// A bulk copy is about to touch such ranges, which it may: to where, from where, and
/// how long.
pub const COPIED: &str = "copied";
/// `$alloc` gave a block that is not logged: the address, what was asked for, the header, where the
/// heap ends, and where the free list begins.
pub const ALLOCATED: &str = "allocated";
/// The log has as many entries as it was to have.
pub const LOGGED: &str = "logged";
/// `$gc_collect` begins.
pub const COLLECTING: &str = "collecting";
/// `$gc_collect` has ended.
pub const COLLECTED: &str = "collected";
/// The shadow stack's pointer is at a wrong place: how far above where it was
/// when the function was entered, or the loop, how far it should be, and whether
/// it is a loop that begins another round; else the function returns.
pub const UNBALANCED: &str = "unbalanced";

/// What the function is exported as by which the collector knows where blocks
/// begin. Without it the collector may take any word for a pointer.
pub fn shown_is_base() -> String {
    format!("{PREFIX}{}", RuntimeFunction::IsBase.name())
}

/// A module with checks.
#[derive(Debug)]
pub struct SanitizedModule {
    /// The module.
    pub wasm: Vec<u8>,
    /// Each place that is checked: the imports name it by its number.
    pub accesses: Vec<Access>,
}

/// Adds checks to a module. One that has no allocator has no heap to check, and
/// is `None`.
///
/// # Errors
///
/// Where it is no valid module, or the runtime in it is not as it is known.
pub fn sanitize(module: &[u8]) -> Result<Option<SanitizedModule>, Unfit> {
    let anatomy = Anatomy::of(module)?;
    if !anatomy.has_allocator() {
        return Ok(None);
    }
    let scope = Scope::of(&anatomy)?;
    let mut graft = Graft::onto(&anatomy);
    let i32s = |count| [ValType::I32].repeat(count);
    let told = |graft: &mut Graft<'_>, parameters: usize| graft.ty(&i32s(parameters), &[]);
    // The types of the imports, in their order.
    let [
        bad,
        range,
        copied,
        allocated,
        logged,
        collecting,
        collected,
        unbalanced,
    ] = [3, 4, 3, 5, 0, 0, 0, 3].map(|parameters| told(&mut graft, parameters));
    let type_of_alloc = graft.ty(&i32s(1), &i32s(1));
    let type_of_collect = told(&mut graft, 0);
    let type_of_is_clean = graft.ty(&i32s(3), &i32s(1));
    let mut blocks = Vec::new();
    for results in several_results(&anatomy) {
        let types = results.iter().map(|ty| ValType::try_from(*ty));
        let types = types.collect::<Result<Vec<ValType>, _>>();
        let types = types.map_err(|_| Unfit::Invalid("a type of another module".to_owned()))?;
        blocks.push((results, graft.ty(&[], &types)));
    }
    let bad = graft.import(BAD, bad);
    let range = graft.import(RANGE, range);
    let copied = graft.import(COPIED, copied);
    let allocated = graft.import(ALLOCATED, allocated);
    let logged = graft.import(LOGGED, logged);
    let collecting = graft.import(COLLECTING, collecting);
    let collected = graft.import(COLLECTED, collected);
    let unbalanced = graft.import(UNBALANCED, unbalanced);
    // As large as the program's memory, and as large as it becomes.
    let shadow = graft.memory(MemoryType {
        maximum: None,
        ..scope.memory.into()
    });
    graft.export(SHADOW, ExportKind::Memory, shadow);
    let log = graft.memory(log::memory());
    graft.export(LOG, ExportKind::Memory, log);
    let wrapped = Wrapped {
        allocated,
        logged,
        collecting,
        collected,
        alloc: graft.function(type_of_alloc, None),
        collect: graft.function(type_of_collect, None),
        heap_end: scope.heap_end,
        free_head: scope.free_head,
        log,
        page: scope.page(),
    };
    let checks = Checks {
        bad,
        range,
        copied,
        unbalanced,
        is_clean: graft.function(type_of_is_clean, None),
        stack: scope.stack,
        page: scope.page(),
        blocks,
        accesses: Vec::new(),
        touched: 0,
    };
    for (global, index) in &scope.shown {
        graft.export(shown(*global), ExportKind::Global, *index);
    }
    if let Some(is_base) = scope.runtime.function(RuntimeFunction::IsBase) {
        let index = graft.indices().moved(is_base);
        graft.export(shown_is_base(), ExportKind::Func, index);
    }
    let mut rewriter = Rewriter {
        anatomy: &anatomy,
        scope,
        checks,
        wrapped,
        alloc: None,
        collect: None,
    };
    Ok(Some(SanitizedModule {
        wasm: graft.apply(&mut rewriter)?,
        accesses: rewriter.checks.accesses,
    }))
}

/// The lists of several results that functions have, each once.
fn several_results(anatomy: &Anatomy) -> Vec<Vec<wasmparser::ValType>> {
    let mut lists: Vec<Vec<wasmparser::ValType>> = Vec::new();
    for function in 0..anatomy.functions {
        if let Some(ty) = anatomy.function_type(function)
            && ty.results().len() > 1
            && !lists.iter().any(|list| list == ty.results())
        {
            lists.push(ty.results().to_vec());
        }
    }
    lists
}

struct Rewriter<'a> {
    anatomy: &'a Anatomy<'a>,
    scope: Scope,
    checks: Checks,
    wrapped: Wrapped,
    /// The bodies that the wrappers stand before.
    alloc: Option<Function>,
    collect: Option<Function>,
}

impl Rewriter<'_> {
    fn checked_body(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let checks = &mut self.checks;
        checks.touched = 0;
        let results = self.anatomy.results(body.function);
        let scratch = Scratch::behind(body.next_local);
        let mut locals: Vec<(u32, ValType)> = Scratch::TYPES.map(|ty| (1, ty)).into();
        // Behind these, for each loop where the pointer stood when it was entered.
        let mut loops = scratch.v128 + 1..;
        let is_loop = |it: &&Operator<'_>| matches!(it, Operator::Loop { .. });
        let count = body.code.iter().filter(is_loop).count();
        let count = u32::try_from(count).expect("a validated function has few");
        locals.push((count, ValType::I32));
        let mut code = indices.begin(body, locals)?;
        let rise = checks.stack.rise(&body.code, results);
        if rise.is_some() {
            code.instructions()
                .global_get(checks.stack.pointer)
                .local_set(scratch.pointer);
        }
        // A branch to the function's own label must come by the check as well.
        code.instructions().block(checks.block(results)?);
        for (at, operator) in body.code.iter().enumerate() {
            let touch = touch(operator);
            let last = at + 1 == body.code.len();
            match (operator, rise) {
                (Operator::Return, Some(rise)) => checks.check_return(&mut code, scratch, rise),
                (
                    Operator::ReturnCall { .. }
                    | Operator::ReturnCallIndirect { .. }
                    | Operator::ReturnCallRef { .. },
                    Some(_),
                ) => {
                    checks.check_return(&mut code, scratch, 0);
                }
                (_, Some(rise)) if last => {
                    code.instructions().end();
                    checks.check_return(&mut code, scratch, rise);
                }
                (_, None) if last => {
                    code.instructions().end();
                }
                _ => {}
            }
            if let Some(touch) = &touch {
                let is_push = checks.stack.is_push(&body.code, at);
                checks.before(&mut code, body.function, scratch, touch, is_push);
            }
            let since = is_loop(&operator).then(|| loops.next().expect("there is no end"));
            if let Some(since) = since {
                code.instructions()
                    .global_get(checks.stack.pointer)
                    .local_set(since);
            }
            code.instruction(&indices.instruction(operator.clone())?);
            if let Some(since) = since {
                checks.check_balance(&mut code, scratch, since, 0, true);
            }
            if matches!(touch, Some(Touch::Grow)) {
                checks.after_growing(&mut code, scratch);
            }
        }
        Ok(code)
    }

    /// A body that is not checked; only the shadow grows with the memory.
    fn exempt_body(&self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let scratch = Scratch::behind(body.next_local);
        let mut code = indices.begin(body, [(4, ValType::I32)])?;
        for operator in &body.code {
            let grows = matches!(operator, Operator::MemoryGrow { .. });
            if grows {
                code.instructions().local_tee(scratch.address);
            }
            code.instruction(&indices.instruction(operator.clone())?);
            if grows {
                self.checks.after_growing(&mut code, scratch);
            }
        }
        Ok(code)
    }
}

impl Surgeon for Rewriter<'_> {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        if !self.scope.exempt.contains(&body.function) {
            return self.checked_body(indices, body);
        }
        let own = self.exempt_body(indices, body)?;
        Ok(if body.function == self.scope.runtime.alloc {
            self.alloc = Some(own);
            self.wrapped.alloc()
        } else if body.function == self.scope.runtime.collect {
            self.collect = Some(own);
            self.wrapped.collect()
        } else {
            own
        })
    }

    fn added(&mut self) -> Vec<Function> {
        let own = [self.alloc.take(), self.collect.take()];
        let is_clean = [wrapper::is_clean()];
        own.into_iter().flatten().chain(is_clean).collect()
    }
}
