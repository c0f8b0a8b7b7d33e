//! A module that tells its host how deep it calls, and when it collects, in
//! frames of the size that they have without that.
//!
//! A counter goes up before each call and down behind it. A function that is
//! entered deeper than any before it tells the host, which looks at the stack
//! that is in use. Nothing is held across a call but on the way: a throw leaves
//! the counter too high, which costs the host a few looks more, and hides none.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, ConstExpr, ExportKind, Function, ValType};
use wasmparser::Operator;

use crate::anatomy::{Anatomy, Body, Unfit};
use crate::graft::{Graft, Indices, Rewritten, Surgeon};
use crate::names::{AFTER_COLLECTION, BEFORE_COLLECTION, DEEPER, shown};
use crate::vera_runtime::{RuntimeFunction, RuntimeGlobal};

/// The module, whose steps are counted, with probes.
pub(crate) fn graft(anatomy: &Anatomy<'_>) -> Result<Vec<u8>, Unfit> {
    let mut graft = Graft::onto(anatomy);
    let nothing = graft.ty(&[], &[]);
    let mut prober = Prober {
        imported: anatomy.imported(),
        collect: RuntimeFunction::Collect.find(anatomy),
        deeper: graft.import(DEEPER, nothing),
        before_collection: graft.import(BEFORE_COLLECTION, nothing),
        after_collection: graft.import(AFTER_COLLECTION, nothing),
        depth: graft.counter(),
        // The first function that is entered is deeper than none.
        deepest: graft.global(ValType::I64, ConstExpr::i64_const(-1)),
    };
    for global in [RuntimeGlobal::HEAP, RuntimeGlobal::WRAP_TABLE].concat() {
        if let Some(index) = anatomy.global(global.name()) {
            graft.export(shown(global), ExportKind::Global, index);
        }
    }
    graft.apply(&mut prober)
}

struct Prober {
    /// How many functions the module imported before.
    imported: u32,
    collect: Option<u32>,
    deeper: u32,
    before_collection: u32,
    after_collection: u32,
    /// How deep the program is.
    depth: u32,
    /// How deep it has been.
    deepest: u32,
}

impl Prober {
    fn entered(&self, code: &mut Function) {
        code.instructions()
            .global_get(self.depth)
            .global_get(self.deepest)
            .i64_gt_s()
            .if_(BlockType::Empty)
            .global_get(self.depth)
            .global_set(self.deepest)
            .call(self.deeper)
            .end();
    }

    fn descend(&self, code: &mut Function, by: i64) {
        code.instructions()
            .global_get(self.depth)
            .i64_const(by)
            .i64_add()
            .global_set(self.depth);
    }

    /// Whether an operator calls a function of the module, and comes back.
    fn calls(&self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::Call { function_index } => *function_index >= self.imported,
            Operator::CallIndirect { .. } | Operator::CallRef { .. } => true,
            _ => false,
        }
    }
}

impl Surgeon for Prober {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        self.entered(&mut code);
        for operator in &body.code {
            let calls = self.calls(operator);
            let collects = matches!(
                operator,
                Operator::Call { function_index } if Some(*function_index) == self.collect
            );
            if calls {
                self.descend(&mut code, 1);
            }
            if collects {
                code.instructions().call(self.before_collection);
            }
            code.instruction(&indices.instruction(operator.clone())?);
            if collects {
                code.instructions().call(self.after_collection);
            }
            if calls {
                self.descend(&mut code, -1);
            }
        }
        Ok(code)
    }
}
