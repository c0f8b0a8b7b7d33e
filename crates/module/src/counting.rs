//! A module that counts what it allocates and collects, and how high its shadow
//! stack rises; and that asks its host before an allocation, or tells it of a
//! collection, where its variant does.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, ConstExpr, ExportKind, Function, Instruction, ValType};

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::names::{
    AFTER_COLLECTION, ALLOCATED, ALLOCATIONS, ASK, BEFORE_COLLECTION, COLLECTIONS, COUNTDOWN,
    RAISE, RAISES, SHADOW_BASE, SHADOW_TOP, shown,
};
use crate::variant::Variant;
use crate::vera_runtime::{RuntimeGlobal, ShadowStack, VeraRuntime};

/// The module with counters; as it is where it has no allocator.
pub(crate) fn graft(anatomy: &Anatomy<'_>, variant: Variant) -> Result<Vec<u8>, Unfit> {
    if !anatomy.has_allocator() {
        return Ok(anatomy.wasm.to_vec());
    }
    let runtime = VeraRuntime::of(anatomy)?;
    let stack = runtime.shadow_stack()?;
    let watched = every_push_is_tested(anatomy, &stack)?;
    let mut graft = Graft::onto(anatomy);
    let nothing = graft.ty(&[], &[]);
    let answer = graft.ty(&[], &[ValType::I64]);
    let ask = match variant {
        Variant::Scheduled | Variant::Sanitized => Some(graft.import(ASK, answer)),
        _ => None,
    };
    let told = match variant {
        Variant::Traced => Some(CollectionImports {
            before: graft.import(BEFORE_COLLECTION, nothing),
            after: graft.import(AFTER_COLLECTION, nothing),
        }),
        _ => None,
    };
    let mut counter = Counter {
        collector_runs: variant != Variant::Uncollected,
        watched,
        ask,
        told,
        collect: graft.indices().moved(runtime.collect),
        raise: graft.function(nothing, Some(RAISE)),
        allocations: graft.counter(),
        allocated: graft.counter(),
        collections: graft.counter(),
        // Below the stack, so that the first push raises it to where it belongs.
        shadow_top: graft.global(ValType::I32, ConstExpr::i32_const(0)),
        raises: graft.counter(),
        countdown: graft.counter(),
        runtime: &runtime,
        stack,
    };
    for (name, index) in [
        (ALLOCATIONS, counter.allocations),
        (ALLOCATED, counter.allocated),
        (COLLECTIONS, counter.collections),
        (RAISES, counter.raises),
        (COUNTDOWN, counter.countdown),
        (SHADOW_BASE, stack.base),
    ] {
        graft.export(name, ExportKind::Global, index);
    }
    if watched {
        graft.export(SHADOW_TOP, ExportKind::Global, counter.shadow_top);
    }
    if counter.told.is_some() {
        for global in RuntimeGlobal::HEAP {
            if let Some(index) = runtime.global(global) {
                graft.export(shown(global), ExportKind::Global, index);
            }
        }
    }
    graft.apply(&mut counter)
}

fn every_push_is_tested(anatomy: &Anatomy<'_>, stack: &ShadowStack) -> Result<bool, Unfit> {
    for body in anatomy.bodies() {
        if !stack.every_push_is_tested(&body?.code) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The imports that are told of a collection.
struct CollectionImports {
    before: u32,
    after: u32,
}

struct Counter<'a> {
    runtime: &'a VeraRuntime,
    stack: ShadowStack,
    collector_runs: bool,
    /// Whether the shadow stack's top is watched.
    watched: bool,
    ask: Option<u32>,
    told: Option<CollectionImports>,
    /// `$gc_collect`, where it is now.
    collect: u32,
    raise: u32,
    allocations: u32,
    allocated: u32,
    collections: u32,
    shadow_top: u32,
    raises: u32,
    countdown: u32,
}

impl Counter<'_> {
    /// What `$alloc` does before its own work: 9 units, and 7 more where it may
    /// have to ask.
    fn before_allocation(&self, code: &mut Function) {
        add_one(code, self.allocations);
        code.instructions()
            .global_get(self.allocated)
            .local_get(0)
            .i64_extend_i32_u()
            .i64_add()
            .global_set(self.allocated);
        let Some(ask) = self.ask else {
            return;
        };
        code.instructions()
            .global_get(self.countdown)
            .i64_const(1)
            .i64_sub()
            .global_set(self.countdown)
            .global_get(self.countdown)
            .i64_eqz()
            .if_(BlockType::Empty)
            // 6 units for asking ...
            .call(ask)
            .global_set(self.countdown)
            .global_get(self.countdown)
            .i64_const(0)
            .i64_lt_s()
            .if_(BlockType::Empty)
            // ... and 4 for an answer that says not now.
            .i64_const(0)
            .global_get(self.countdown)
            .i64_sub()
            .global_set(self.countdown)
            .else_()
            .call(self.collect)
            .end()
            .end();
    }

    /// A function that notes a new highest use of the shadow stack, and traps
    /// as the test it stands in for where that is beyond the limit. 16 units,
    /// with one for the call and one that wasmtime charges for entering.
    fn raise_body(&self) -> Function {
        let mut code = Function::new([]);
        add_one(&mut code, self.raises);
        code.instructions()
            .global_get(self.stack.pointer)
            .i32_const(4)
            .i32_add()
            .global_set(self.shadow_top)
            .global_get(self.stack.pointer)
            .i32_const(4)
            .i32_add()
            .global_get(self.stack.limit)
            .i32_gt_u()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .end();
        code
    }
}

/// Adds one to a counter: 4 units.
fn add_one(code: &mut Function, counter: u32) {
    code.instructions()
        .global_get(counter)
        .i64_const(1)
        .i64_add()
        .global_set(counter);
}

impl Surgeon for Counter<'_> {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        if body.function == self.runtime.alloc {
            self.before_allocation(&mut code);
        }
        if body.function == self.runtime.collect {
            if !self.collector_runs {
                code.instructions().end();
                return Ok(code);
            }
            add_one(&mut code, self.collections);
            if let Some(told) = &self.told {
                code.instructions().call(told.before);
            }
        }
        for (at, operator) in body.code.iter().enumerate() {
            // The limit that a push is tested against, and the trap where it is
            // reached, become the top so far, and the function that raises it.
            let tested = |end: usize| self.watched && self.stack.test_ends_at(&body.code, end);
            let instruction = if tested(at + 4) {
                Instruction::GlobalGet(self.shadow_top)
            } else if tested(at + 1) {
                Instruction::Call(self.raise)
            } else {
                indices.instruction(operator.clone())?
            };
            code.instruction(&instruction);
            if let Some(told) = &self.told
                && self.runtime.collects(operator)
            {
                code.instructions().call(told.after);
            }
        }
        Ok(code)
    }

    fn added(&mut self) -> Vec<Function> {
        vec![self.raise_body()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::instrument;

    const RUNTIME: &str = r#"
        (memory (export "vera.memory") 1)
        (global $gc_sp (mut i32) (i32.const 8))
        (global $gc_stack_base i32 (i32.const 8))
        (global $gc_stack_limit i32 (i32.const 16))
        (func $gc_collect)
        (func $alloc (export "vera.alloc") (param i32) (result i32) i32.const 64)"#;

    fn rewritten(text: &str, variant: Variant) -> Result<Vec<u8>, Unfit> {
        let module = wat::parse_str(format!("(module {text})")).unwrap();
        instrument(&module, variant)
    }

    #[test]
    fn a_runtime_that_is_not_known_is_refused_by_the_part_that_is_missing() {
        for part in ["gc_collect", "gc_sp", "gc_stack_base", "gc_stack_limit"] {
            let moved = RUNTIME.replace(&format!("${part} "), "$elsewhere ");
            let moved = moved.replace(&format!("${part})"), "$elsewhere)");
            for variant in [
                Variant::Counted,
                Variant::Traced,
                Variant::Scheduled,
                Variant::Uncollected,
            ] {
                assert_eq!(
                    rewritten(&moved, variant),
                    Err(Unfit::UnknownRuntime(part.to_owned()))
                );
            }
        }
        assert!(rewritten(RUNTIME, Variant::Counted).is_ok());
    }

    #[test]
    fn without_an_allocator_there_is_nothing_to_rewrite() {
        let text = "(func $alloc (export \"alloc\") (param i64))";
        let module = wat::parse_str(format!("(module {text})")).unwrap();
        assert_eq!(rewritten(text, Variant::Scheduled), Ok(module));
    }

    #[test]
    fn an_invalid_module_is_refused_before_it_is_rewritten() {
        let module = wat::parse_str("(module (func (result i32)))").unwrap();
        for variant in [Variant::Counted, Variant::Stepped] {
            let why = instrument(&module, variant).unwrap_err();
            assert!(matches!(why, Unfit::Invalid(_)), "{why}");
        }
    }

    #[test]
    fn a_push_that_is_not_recognised_leaves_the_high_water_mark_out() {
        let push = "global.get $gc_sp i32.const 4 i32.add global.set $gc_sp";
        let test = "global.get $gc_sp i32.const 4 i32.add global.get $gc_stack_limit i32.gt_u \
                    if unreachable end global.get $gc_sp i32.const 7 i32.store";
        let exported = |body: &str| {
            let text = format!("{RUNTIME} (func (export \"main\") {body})");
            let module = rewritten(&text, Variant::Counted).unwrap();
            let text = wasmprinter::print_bytes(module).unwrap();
            text.contains("(export \"vera-stress.shadow-top\"")
        };
        assert!(exported(&format!("{test} {push}")));
        assert!(exported("global.get $gc_sp global.set $gc_sp").eq(&false));
        assert!(!exported(push));
        assert!(!exported(&format!("{test} nop {push}")));
    }
}
