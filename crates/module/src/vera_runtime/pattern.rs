//! Instruction sequences written as text, with names where code may differ.
//!
//! A pattern is a list of instructions as WebAssembly's text format has them.
//! `$name` stands for a local, the same one wherever the name is repeated and
//! another one for each other name; `@name` is the global that the name section
//! calls so. The same text, with its names bound by a match, is what a rule
//! writes in the place of what it found; a `$name` that nothing bound is a new
//! local there.

use std::collections::BTreeMap;

use wasm_encoder::{BlockType, Instruction, MemArg};
use wasmparser::Operator;

/// Locals by the name that a pattern has for them.
pub(crate) type Locals = BTreeMap<String, u32>;

/// One instruction of a pattern.
#[derive(Debug, PartialEq)]
struct Step<'a> {
    name: &'a str,
    operand: Operand<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operand<'a> {
    None,
    Local(&'a str),
    Global(u32),
    Number(i32),
}

/// A sequence of instructions.
#[derive(Debug, PartialEq)]
pub(crate) struct Pattern<'a>(Vec<Step<'a>>);

/// What an instruction of a module is called, and its operand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Argument {
    None,
    Local(u32),
    Global(u32),
    Number(i32),
    /// An operand that no pattern speaks of.
    Other,
}

/// The instructions without an operand, once for reading and once for writing.
macro_rules! plain {
    ($($name:literal $variant:ident,)*) => {
        fn plain_name(operator: &Operator<'_>) -> Option<&'static str> {
            match operator {
                $(Operator::$variant => Some($name),)*
                _ => None,
            }
        }

        fn plain_instruction(name: &str) -> Option<Instruction<'static>> {
            match name {
                $($name => Some(Instruction::$variant),)*
                _ => None,
            }
        }
    };
}

plain! {
    "i32.add" I32Add,
    "i32.and" I32And,
    "i32.eq" I32Eq,
    "i32.eqz" I32Eqz,
    "i32.ge_u" I32GeU,
    "i32.gt_u" I32GtU,
    "i32.le_u" I32LeU,
    "i32.lt_u" I32LtU,
    "i32.ne" I32Ne,
    "i32.or" I32Or,
    "i32.shl" I32Shl,
    "i32.shr_u" I32ShrU,
    "i32.sub" I32Sub,
    "drop" Drop,
    "end" End,
}

/// An instruction in the words of a pattern; `None` for one that none has.
fn read(operator: &Operator<'_>) -> Option<(&'static str, Argument)> {
    if let Some(name) = plain_name(operator) {
        return Some((name, Argument::None));
    }
    Some(match *operator {
        Operator::LocalGet { local_index } => ("local.get", Argument::Local(local_index)),
        Operator::LocalSet { local_index } => ("local.set", Argument::Local(local_index)),
        Operator::LocalTee { local_index } => ("local.tee", Argument::Local(local_index)),
        Operator::GlobalGet { global_index } => ("global.get", Argument::Global(global_index)),
        Operator::GlobalSet { global_index } => ("global.set", Argument::Global(global_index)),
        Operator::I32Const { value } => ("i32.const", Argument::Number(value)),
        Operator::I32Load { memarg } if memarg.offset == 0 => ("i32.load", Argument::None),
        Operator::I32Store { memarg } if memarg.offset == 0 => ("i32.store", Argument::None),
        Operator::If {
            blockty: wasmparser::BlockType::Empty,
        } => ("if", Argument::None),
        Operator::BrIf { .. } => ("br_if", Argument::Other),
        Operator::Call { .. } => ("call", Argument::Other),
        Operator::MemoryGrow { mem: 0 } => ("memory.grow", Argument::None),
        Operator::MemorySize { mem: 0 } => ("memory.size", Argument::None),
        Operator::ReturnCall { .. } => ("return_call", Argument::Other),
        _ => return None,
    })
}

/// An instruction as a pattern has it, with locals by their number, where `global`
/// names its global; `None` for one that no pattern speaks of.
pub(crate) fn shown_as(
    operator: &Operator<'_>,
    global: impl Fn(u32) -> Option<String>,
) -> Option<String> {
    let (name, argument) = read(operator)?;
    Some(match argument {
        Argument::None | Argument::Other => name.to_owned(),
        Argument::Local(local) => format!("{name} {local}"),
        Argument::Number(number) => format!("{name} {number}"),
        Argument::Global(index) => format!("{name} ${}", global(index)?),
    })
}

impl<'a> Pattern<'a> {
    /// Reads a pattern; the error is the first global that the module does not
    /// have.
    pub(crate) fn parse(
        text: &'a str,
        global: impl Fn(&str) -> Option<u32>,
    ) -> Result<Pattern<'a>, &'a str> {
        let mut words = text.split_whitespace().peekable();
        let mut steps = Vec::new();
        while let Some(name) = words.next() {
            let operand = words.peek().and_then(|word| {
                if let Some(local) = word.strip_prefix('$') {
                    return Some(Ok(Operand::Local(local)));
                }
                if let Some(name) = word.strip_prefix('@') {
                    return Some(global(name).map(Operand::Global).ok_or(name));
                }
                word.parse().ok().map(|number| Ok(Operand::Number(number)))
            });
            if operand.is_some() {
                words.next();
            }
            let operand = operand.unwrap_or(Ok(Operand::None))?;
            steps.push(Step { name, operand });
        }
        Ok(Pattern(steps))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What the names stand for where the pattern matches the beginning of
    /// `code`.
    pub(crate) fn matches(&self, code: &[Operator<'_>]) -> Option<Locals> {
        let mut locals = Locals::new();
        let code = code.get(..self.len())?;
        let mut all = self.0.iter().zip(code);
        all.all(|(step, operator)| step.matches(operator, &mut locals))
            .then_some(locals)
    }

    /// The instructions of the pattern. A local that is not in `locals` is
    /// added, with an index from `fresh` on.
    pub(crate) fn write(&self, locals: &mut Locals, fresh: &mut u32) -> Vec<Instruction<'static>> {
        let steps = self.0.iter();
        steps.map(|step| step.write(locals, fresh)).collect()
    }
}

impl Step<'_> {
    fn matches(&self, operator: &Operator<'_>, locals: &mut Locals) -> bool {
        let Some((name, given)) = read(operator) else {
            return false;
        };
        name == self.name
            && match (self.operand, given) {
                (Operand::None, Argument::None | Argument::Other) => true,
                (Operand::Global(wanted), Argument::Global(given)) => wanted == given,
                (Operand::Number(wanted), Argument::Number(given)) => wanted == given,
                (Operand::Local(name), Argument::Local(given)) => match locals.get(name) {
                    Some(bound) => *bound == given,
                    None if locals.values().any(|bound| *bound == given) => false,
                    None => {
                        locals.insert(name.to_owned(), given);
                        true
                    }
                },
                _ => false,
            }
    }

    fn write(&self, locals: &mut Locals, fresh: &mut u32) -> Instruction<'static> {
        let memory = MemArg {
            offset: 0,
            align: 2,
            memory_index: 0,
        };
        let mut local = |name: &str| {
            *locals.entry(name.to_owned()).or_insert_with(|| {
                *fresh += 1;
                *fresh - 1
            })
        };
        match (self.name, self.operand) {
            ("local.get", Operand::Local(name)) => Instruction::LocalGet(local(name)),
            ("local.set", Operand::Local(name)) => Instruction::LocalSet(local(name)),
            ("local.tee", Operand::Local(name)) => Instruction::LocalTee(local(name)),
            ("global.get", Operand::Global(index)) => Instruction::GlobalGet(index),
            ("global.set", Operand::Global(index)) => Instruction::GlobalSet(index),
            ("i32.const", Operand::Number(number)) => Instruction::I32Const(number),
            ("i32.load", Operand::None) => Instruction::I32Load(memory),
            ("i32.store", Operand::None) => Instruction::I32Store(memory),
            ("if", Operand::None) => Instruction::If(BlockType::Empty),
            ("memory.grow", Operand::None) => Instruction::MemoryGrow(0),
            ("memory.size", Operand::None) => Instruction::MemorySize(0),
            (name, _) => plain_instruction(name)
                .unwrap_or_else(|| panic!("a rule writes only what `read` knows: {self:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse(text, |name| (name == "sp").then_some(3)).unwrap()
    }

    fn get(local_index: u32) -> Operator<'static> {
        Operator::LocalGet { local_index }
    }

    fn bound(all: &[(&str, u32)]) -> Option<Locals> {
        Some(all.iter().map(|(name, at)| ((*name).into(), *at)).collect())
    }

    #[test]
    fn a_name_is_one_local_and_no_other_name_is_the_same_one() {
        let sum = pattern("local.get $a local.get $b i32.add");
        let matches = |a, b| sum.matches(&[get(a), get(b), Operator::I32Add]);
        assert_eq!(matches(1, 2), bound(&[("a", 1), ("b", 2)]));
        assert_eq!(matches(1, 1), None);
        let double = pattern("local.get $a local.get $a i32.add");
        assert!(
            double
                .matches(&[get(7), get(7), Operator::I32Add])
                .is_some()
        );
        assert!(
            double
                .matches(&[get(7), get(8), Operator::I32Add])
                .is_none()
        );
    }

    #[test]
    fn globals_and_numbers_are_those_that_are_written() {
        let code = |global_index, value| {
            [
                Operator::GlobalGet { global_index },
                Operator::I32Const { value },
            ]
        };
        let written = pattern("global.get @sp i32.const -2");
        assert!(written.matches(&code(3, -2)).is_some());
        assert!(written.matches(&code(4, -2)).is_none());
        assert!(written.matches(&code(3, 2)).is_none());
        assert!(written.matches(&code(3, -2)[..1]).is_none());
        assert_eq!(Pattern::parse("global.get @no", |_| None), Err("no"));
    }

    #[test]
    fn what_is_written_uses_the_locals_found_and_adds_the_others() {
        let mut locals = bound(&[("a", 5)]).unwrap();
        let mut fresh = 9;
        let written = pattern("local.get $a local.get $x local.tee $x i32.add");
        let [first, second, third, _] = &written.write(&mut locals, &mut fresh)[..] else {
            panic!("four instructions");
        };
        assert!(matches!(first, Instruction::LocalGet(5)));
        assert!(matches!(second, Instruction::LocalGet(9)));
        assert!(matches!(third, Instruction::LocalTee(9)));
        assert_eq!(fresh, 10);
    }
}
