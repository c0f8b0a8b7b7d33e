//! The shadow stack, and the code by which a program uses it, as
//! `vera/wasm/helpers.py` (`gc_shadow_push`) of the releases emits it.

use wasmparser::{Operator, ValType};

/// The shadow stack of a module, by the globals that it lies between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShadowStack {
    /// Says where the next root goes.
    pub pointer: u32,
    /// Says where the stack begins.
    pub base: u32,
    /// Says where it ends.
    pub limit: u32,
}

impl ShadowStack {
    fn reads_pointer(&self, operator: Option<&Operator<'_>>) -> bool {
        matches!(operator, Some(Operator::GlobalGet { global_index }) if *global_index == self.pointer)
    }

    /// Whether an instruction moves the pointer.
    pub(crate) fn moves_pointer(&self, operator: &Operator<'_>) -> bool {
        matches!(operator, Operator::GlobalSet { global_index } if *global_index == self.pointer)
    }

    /// Whether a push's test against the limit ends at `at`, which is the `end`
    /// of `if unreachable end`.
    pub(crate) fn test_ends_at(&self, code: &[Operator<'_>], at: usize) -> bool {
        let Some(start) = at.checked_sub(4) else {
            return false;
        };
        let Some(
            [
                Operator::GlobalGet { global_index },
                compare,
                Operator::If { .. },
                Operator::Unreachable,
                Operator::End,
            ],
        ) = code.get(start..=at)
        else {
            return false;
        };
        if *global_index != self.limit {
            return false;
        }
        let before = &code[..start];
        match compare {
            // Up to 0.1.13: `gc_sp >= gc_stack_limit`.
            Operator::I32GeU => self.reads_pointer(before.last()),
            // From 0.2.0: `gc_sp + 4 > gc_stack_limit`.
            Operator::I32GtU => {
                matches!(
                    before,
                    [.., _, Operator::I32Const { value: 4 }, Operator::I32Add]
                ) && self.reads_pointer(before.iter().nth_back(2))
            }
            _ => false,
        }
    }

    /// Whether every move of the pointer in a function is one that
    /// [`ShadowStack::test_ends_at`] sees or need not see: a push right behind its
    /// test, or a return to an earlier place.
    pub(crate) fn every_push_is_tested(&self, code: &[Operator<'_>]) -> bool {
        let mut moves = code
            .iter()
            .enumerate()
            .filter(|(_, operator)| self.moves_pointer(operator));
        moves.all(
            |(at, _)| match at.checked_sub(1).map(|before| &code[before]) {
                // Restoring what was read before, or a pop.
                Some(Operator::LocalGet { .. } | Operator::I32Sub) => true,
                // `end; gc_sp; value; i32.store; gc_sp; i32.const 4; i32.add`.
                Some(Operator::I32Add) => at
                    .checked_sub(7)
                    .is_some_and(|test| self.test_ends_at(code, test)),
                _ => false,
            },
        )
    }

    /// Whether the store at `at` is a push: it is followed by raising the pointer
    /// by the four bytes that it wrote.
    pub(crate) fn is_push(&self, code: &[Operator<'_>], at: usize) -> bool {
        matches!(
            code.get(at..at + 5),
            Some([
                Operator::I32Store { memarg },
                read,
                Operator::I32Const { value: 4 },
                Operator::I32Add,
                write,
            ]) if memarg.offset == 0 && self.reads_pointer(Some(read)) && self.moves_pointer(write)
        )
    }

    /// Where the pointer stands at the end of a function that saves it when it is
    /// entered, from there: at the root of what it returns, where its last move
    /// is a push, else where it stood. `None` for a function that does not save
    /// it, which leaves it to its caller.
    pub(crate) fn rise(&self, code: &[Operator<'_>], results: &[ValType]) -> Option<i32> {
        let gives_pointer = results.contains(&ValType::I32);
        let saves = self.reads_pointer(code.first())
            && matches!(code.get(1), Some(Operator::LocalSet { .. }));
        if !saves {
            return (!gives_pointer).then_some(0);
        }
        let last = code.iter().rposition(|it| self.moves_pointer(it))?;
        let pushed = last.checked_sub(4).is_some_and(|at| self.is_push(code, at));
        Some(if pushed && gives_pointer { 4 } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: ShadowStack = ShadowStack {
        pointer: 0,
        base: 1,
        limit: 2,
    };

    const PUSH: &str =
        "global.get 0 local.get 0 i32.store global.get 0 i32.const 4 i32.add global.set 0";
    const OLD_TEST: &str = "global.get 0 global.get 2 i32.ge_u if unreachable end";
    const NEW_TEST: &str =
        "global.get 0 i32.const 4 i32.add global.get 2 i32.gt_u if unreachable end";

    /// What `look` makes of the instructions of a function.
    fn see<T>(code: &str, look: impl FnOnce(&[Operator<'_>]) -> T) -> T {
        let module = wat::parse_str(format!(
            "(module (memory 1) (global (mut i32) (i32.const 0)) (global i32 (i32.const 0))
               (global i32 (i32.const 0)) (func (param i32) {code}))"
        ))
        .unwrap();
        let anatomy = crate::anatomy::Anatomy::of(&module).unwrap();
        let body = anatomy.bodies().next().unwrap();
        look(&body.unwrap().code)
    }

    #[test]
    fn both_forms_of_the_test_are_known() {
        for (test, end) in [(OLD_TEST, 5), (NEW_TEST, 7)] {
            let found = see(test, |code| {
                let all = 0..code.len() + 9;
                all.filter(|at| STACK.test_ends_at(code, *at)).collect()
            });
            let found: Vec<usize> = found;
            assert_eq!(found, [end]);
        }
    }

    #[test]
    fn a_push_without_its_test_is_seen() {
        let tested = |code: &str| see(code, |code| STACK.every_push_is_tested(code));
        assert!(tested(""));
        assert!(tested(&format!("{OLD_TEST} {PUSH} {NEW_TEST} {PUSH}")));
        assert!(tested("local.get 0 global.set 0"));
        assert!(tested("global.get 0 i32.const 4 i32.sub global.set 0"));
        assert!(!tested(PUSH));
        assert!(!tested(&format!("{NEW_TEST} nop {PUSH}")));
        assert!(!tested("global.get 0 global.set 0"));
    }

    #[test]
    fn a_push_is_a_store_that_raises_the_pointer() {
        let pushes = |code: &str| {
            see(code, |code| {
                let all = 0..code.len();
                all.filter(|at| STACK.is_push(code, *at)).collect()
            })
        };
        let found: Vec<usize> = pushes(PUSH);
        assert_eq!(found, [2]);
        let other: Vec<usize> = pushes(&PUSH.replace("const 4", "const 8"));
        assert!(other.is_empty(), "{other:?}");
    }

    #[test]
    fn a_function_that_returns_a_pointer_may_leave_its_root() {
        let rise = |code: &str, results: &[ValType]| see(code, |code| STACK.rise(code, results));
        let saves = "global.get 0 local.set 0";
        let restores = "local.get 0 global.set 0";
        let i32 = [ValType::I32];
        assert_eq!(rise(&format!("{saves} {restores}"), &i32), Some(0));
        let rooted = format!("{saves} {restores} {PUSH}");
        assert_eq!(rise(&rooted, &i32), Some(4));
        assert_eq!(rise(&rooted, &[]), Some(0));
        assert_eq!(rise("nop", &[]), Some(0));
        assert_eq!(rise("nop", &i32), None);
    }
}
