//! Whether a table that is full in a tight lane, where it is smaller than as shipped,
//! tells of a fault: what the same program takes of it as shipped, at this n and at
//! half of it, tells a leak from a depth.

use super::not_run::NotRun;
use crate::case::{Ending, Outcome, Scale, Table};
use crate::judge::growth::ROUGHLY;
use crate::scenario::{Cost, Growth, Shape};

/// What a program took at an n as shipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Taken {
    /// Of the table, in entries.
    pub entries: u64,
    /// How many it has.
    pub room: u64,
    /// Of the WebAssembly stack, in bytes.
    pub stack: u64,
}

/// Runs of the same program that say more of it.
pub(super) trait Looks {
    /// What it takes of a table as shipped, where it returns.
    fn taken(&self, table: Table, n: Scale) -> Result<Option<Taken>, NotRun>;

    /// Whether the table is full in the tight lane.
    fn fills(&self, table: Table, n: Scale) -> Result<bool, NotRun>;
}

/// What comes of an outcome that ended because a table was full. Where that is
/// explained, nothing is known of the program in this lane, and the case is none that
/// it can run; else the message says what grows.
pub(super) fn told(
    outcome: Outcome,
    table: Table,
    (growth, n): (&Growth, Scale),
    looks: &impl Looks,
) -> Result<Outcome, NotRun> {
    let Ending::Trapped(trap) = &outcome.ending else {
        return Ok(outcome);
    };
    let Some((found, explained)) = story(table, growth, n, looks)? else {
        return Ok(outcome);
    };
    let message = format!("{}{found}", trap.message);
    Ok(match explained {
        true => Outcome {
            ending: Ending::Unsupported { message },
            ..outcome
        },
        false => {
            let mut trap = trap.clone();
            trap.message = message;
            Outcome {
                ending: Ending::Trapped(trap),
                ..outcome
            }
        }
    })
}

/// What is found of the table, and whether that explains why it is full; `None` where
/// the program fails as shipped as well.
fn story(
    table: Table,
    growth: &Growth,
    n: Scale,
    looks: &impl Looks,
) -> Result<Option<(String, bool)>, NotRun> {
    let cost = match table {
        Table::ShadowStack => Cost::Roots,
        Table::WrapTable => Cost::Handles,
        // Nobody counts what is in it: what fills it at every n does not grow.
        Table::Worklist => {
            let always = looks.fills(table, Scale::ONE)?;
            let found = match always {
                true => "; it is at n=1, too, so that this does not grow with n",
                false => "; it is not at n=1",
            };
            return Ok(Some((found.to_owned(), always)));
        }
    };
    let Some(here) = looks.taken(table, n)? else {
        return Ok(None);
    };
    let half = Scale::new(n.get() / 2);
    let before = match half {
        Some(half) => looks.taken(table, half)?.map(|it| (half, it)),
        None => None,
    };
    let Some((half, before)) = before else {
        let found = format!(
            ", of which it takes {} at n={n}; there is no smaller n to tell a leak by",
            here.entries
        );
        return Ok(Some((found, true)));
    };
    let pace = |from: u64, to: u64| (to.max(1) as f64 / from.max(1) as f64).log2();
    let grows = pace(before.entries, here.entries);
    let declared = cost.declared(growth);
    // Of a program that nobody has looked at, its recursion says what it needs.
    let (may, because) = match declared {
        Some(shape) => (
            shape.slope(half.get() as f64, n.get() as f64),
            format!("{shape} is declared"),
        ),
        None => {
            let deeper = pace(before.stack, here.stack);
            let recursion = match deeper + ROUGHLY >= grows {
                true => "its recursion is as deep",
                false => "its recursion is no deeper",
            };
            (deeper, recursion.to_owned())
        }
    };
    let explained = grows <= may + ROUGHLY;
    let because = match explained && grows <= ROUGHLY && declared != Some(Shape::CONSTANT) {
        true => "that does not grow with n".to_owned(),
        false => because,
    };
    let each = (here.entries as f64 - before.entries as f64) / (n.get() - half.get()) as f64;
    let end = match explained {
        true => String::new(),
        false => {
            let left = here.room.saturating_sub(here.entries) as f64;
            format!(
                ", which fill it at about n={:.0}",
                n.get() as f64 + left / each
            )
        }
    };
    let found = format!(
        ", of which it takes {} at n={half} and {} at n={n}{end}, and {because}",
        before.entries, here.entries
    );
    Ok(Some((found, explained)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::case::Trap;

    /// A program by what it takes at each n: entries, and bytes of stack.
    struct Program(BTreeMap<u64, (u64, u64)>);

    impl Looks for Program {
        fn taken(&self, _: Table, n: Scale) -> Result<Option<Taken>, NotRun> {
            let found = self.0.get(&n.get());
            Ok(found.map(|&(entries, stack)| Taken {
                entries,
                room: 4_096,
                stack,
            }))
        }

        fn fills(&self, _: Table, n: Scale) -> Result<bool, NotRun> {
            Ok(self.0.contains_key(&n.get()))
        }
    }

    /// What is said of a program that fills a table at n = 400.
    fn said(table: Table, growth: &Growth, takes: &[(u64, (u64, u64))]) -> (bool, String) {
        let trap = Trap {
            kind: "unreachable".to_owned(),
            message: "full".to_owned(),
            frames: Vec::new(),
        };
        let outcome = Outcome::new(Ending::Trapped(trap));
        let program = Program(takes.iter().copied().collect());
        let n = Scale::new(400).unwrap();
        match told(outcome, table, (growth, n), &program).unwrap().ending {
            Ending::Trapped(trap) => (true, trap.message),
            Ending::Unsupported { message } => (false, message),
            other => panic!("{other:?}"),
        }
    }

    fn roots(growth: &Growth, half: (u64, u64), here: (u64, u64)) -> (bool, String) {
        said(Table::ShadowStack, growth, &[(200, half), (400, here)])
    }

    #[test]
    fn what_grows_and_is_not_declared_fails() {
        let (fails, message) = roots(&Growth::default(), (202, 64), (402, 64));
        assert!(fails);
        assert_eq!(
            message,
            "full, of which it takes 202 at n=200 and 402 at n=400, which fill it at about n=4094, and constant is declared"
        );
    }

    #[test]
    fn what_is_declared_or_does_not_grow_is_explained() {
        let linear = Growth {
            roots: Some(Shape::power(1.0)),
            ..Growth::default()
        };
        let (fails, message) = roots(&linear, (200, 64), (400, 64));
        assert!(!fails);
        assert_eq!(
            message,
            "full, of which it takes 200 at n=200 and 400 at n=400, and n is declared"
        );
        assert!(!roots(&Growth::default(), (300, 64), (302, 64)).0);
        // Twice what is declared is not.
        assert!(roots(&linear, (100, 64), (400, 64)).0);
    }

    #[test]
    fn where_nothing_is_declared_the_recursion_says_it() {
        let free = Growth::free();
        let (fails, message) = roots(&free, (200, 20_000), (400, 40_000));
        assert!(
            !fails && message.ends_with("its recursion is as deep"),
            "{message}"
        );
        let (fails, message) = roots(&free, (200, 640), (400, 640));
        assert!(
            fails && message.ends_with("its recursion is no deeper"),
            "{message}"
        );
        let (fails, message) = roots(&free, (300, 640), (300, 640));
        assert!(
            !fails && message.ends_with("does not grow with n"),
            "{message}"
        );
    }

    #[test]
    fn what_fails_as_shipped_is_no_matter_of_room() {
        let (fails, message) = said(Table::WrapTable, &Growth::default(), &[]);
        assert!(fails);
        assert_eq!(message, "full");
    }

    #[test]
    fn a_worklist_that_is_full_at_every_n_is_explained() {
        let growth = Growth::default();
        assert!(!said(Table::Worklist, &growth, &[(1, (0, 0))]).0);
        assert!(said(Table::Worklist, &growth, &[]).0);
    }
}
