//! Where the tables of Vera's runtime lie, as the module's globals say it:
//! `vera/codegen/assembly.py` (`_assemble_module`) of releases 0.1.5 to 0.2.5.

use super::names::RuntimeGlobal;
use super::parts::VeraRuntime;
use crate::anatomy::{Anatomy, Unfit};

/// The tables that lie between the literals and the heap, which touch one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Regions {
    /// Where the literals end, and the shadow stack begins.
    pub start: u32,
    /// How long the shadow stack is.
    pub stack: u32,
    /// How long the worklist is.
    pub worklist: u32,
    /// How long the wrap table is, in a module that has one.
    pub wrap_table: Option<u32>,
}

impl Regions {
    /// The regions of a module; an error that says what lies elsewhere.
    pub(crate) fn of(anatomy: &Anatomy<'_>, runtime: &VeraRuntime) -> Result<Regions, Unfit> {
        let other = |why: String| Unfit::UnknownLayout(why);
        let first = |global: RuntimeGlobal| {
            let name = global.name();
            let index = runtime
                .global(global)
                .ok_or_else(|| other(format!("it has no `{name}`")))?;
            let value = anatomy.first_value(index).map(i32::cast_unsigned);
            value.ok_or_else(|| other(format!("its `{name}` is no constant")))
        };
        let between = |from: RuntimeGlobal, to: RuntimeGlobal| {
            let length = first(to)?.checked_sub(first(from)?);
            length.ok_or_else(|| {
                other(format!(
                    "its `{}` is above its `{}`",
                    from.name(),
                    to.name()
                ))
            })
        };
        let has_table = runtime.global(RuntimeGlobal::WrapBase).is_some();
        let wrap_table =
            has_table.then(|| between(RuntimeGlobal::WrapBase, RuntimeGlobal::WrapEnd));
        let regions = Regions {
            start: first(RuntimeGlobal::ShadowBase)?,
            stack: between(RuntimeGlobal::ShadowBase, RuntimeGlobal::ShadowLimit)?,
            worklist: between(RuntimeGlobal::ShadowLimit, RuntimeGlobal::WorklistEnd)?,
            wrap_table: wrap_table.transpose()?,
        };
        for (global, value) in regions.globals() {
            let found = first(global)?;
            if found != value {
                let name = global.name();
                return Err(other(format!("its `{name}` is {found}, not {value}")));
            }
        }
        Ok(regions)
    }

    /// The same with each table at a part of its length.
    pub(crate) fn divided(self, by: u32) -> Regions {
        self.sized(|it| it / by)
    }

    /// The same with each table at some times its length.
    pub(crate) fn multiplied(self, by: u32) -> Regions {
        self.sized(|it| it.saturating_mul(by))
    }

    fn sized(self, length: impl Fn(u32) -> u32) -> Regions {
        Regions {
            start: self.start,
            stack: length(self.stack),
            worklist: length(self.worklist),
            wrap_table: self.wrap_table.map(length),
        }
    }

    /// How long all tables are.
    pub(crate) fn length(self) -> u32 {
        let wrap_table = self.wrap_table.unwrap_or(0);
        self.stack
            .saturating_add(self.worklist)
            .saturating_add(wrap_table)
    }

    /// What the globals of the runtime that these are of begin with, by index.
    pub(crate) fn first_values(
        self,
        runtime: &VeraRuntime,
    ) -> impl Iterator<Item = (u32, i32)> + use<'_> {
        self.globals().into_iter().map(|(global, value)| {
            let index = runtime.global(global);
            let index = index.expect("the regions are of globals that it has");
            (index, value.cast_signed())
        })
    }

    /// Each global that follows from them, with the value that it begins with.
    pub(crate) fn globals(self) -> Vec<(RuntimeGlobal, u32)> {
        let limit = self.start.saturating_add(self.stack);
        let worklist_end = limit.saturating_add(self.worklist);
        let heap = worklist_end.saturating_add(self.wrap_table.unwrap_or(0));
        let mut all = vec![
            (RuntimeGlobal::ShadowBase, self.start),
            (RuntimeGlobal::ShadowPointer, self.start),
            (RuntimeGlobal::ShadowLimit, limit),
            (RuntimeGlobal::WorklistEnd, worklist_end),
            (RuntimeGlobal::HeapStart, heap),
            (RuntimeGlobal::HeapEnd, heap),
        ];
        if self.wrap_table.is_some() {
            all.push((RuntimeGlobal::WrapBase, worklist_end));
            all.push((RuntimeGlobal::WrapPointer, worklist_end));
            all.push((RuntimeGlobal::WrapEnd, heap));
        }
        all
    }
}
