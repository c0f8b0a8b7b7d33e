//! Which functions of a module are the runtime's, and how their branches are told.

use std::collections::BTreeMap;

use super::Fork;
use crate::anatomy::Anatomy;
use crate::vera_runtime::{COLLECTOR_PREFIX, RuntimeFunction, declared};

/// How the branches of a function are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Each by itself: the function is the same in every module.
    Each,
    /// By what they are: the function is made for a type of the program's, and has
    /// other branches for another one.
    Kinds,
}

/// A function of the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Helper {
    /// What it is called, a type that it is made for left out.
    pub name: String,
    /// How its branches are told.
    pub told: Told,
}

/// What the names of functions begin with that are made for a type of the program's:
/// equality, order, hash and text of data, and measures of `decreases`.
const FOR_A_TYPE: [&str; 5] = ["eq_", "cmp_", "hash_", "show_", "dec_size_"];

/// Those of them that are the same everywhere.
const OF_TEXTS: [&str; 2] = ["eq_String", "cmp_String"];

/// The end of the names of wrappers that report an exception which nobody caught.
const BOUNDARY: &str = "$exn_boundary";

/// What the functions of a map's tree are called.
const TREE: &str = "hamt";

/// What separates the name of a function from the types of keys and values that it is
/// made for.
const FOR_SLOTS: char = '$';

impl Helper {
    fn of(name: &str) -> Helper {
        let each = |name: &str| Helper {
            name: name.to_owned(),
            told: Told::Each,
        };
        let for_a_type = FOR_A_TYPE.iter().find(|it| name.starts_with(**it));
        match for_a_type {
            _ if name.ends_with(BOUNDARY) => Helper {
                name: format!("*{BOUNDARY}"),
                told: Told::Kinds,
            },
            Some(prefix) if !OF_TEXTS.contains(&name) => Helper {
                name: format!("{prefix}*"),
                told: Told::Kinds,
            },
            _ if name.starts_with(TREE) => each(name),
            _ => each(name.split(FOR_SLOTS).next().unwrap_or(name)),
        }
    }

    /// The name of the mark at its start.
    pub(super) fn entered(&self) -> String {
        match super::events::entered(&self.name) {
            Some(event) => format!("{}: {event}", self.name),
            None => format!("{}: entered", self.name),
        }
    }

    /// The name of a side of its branch `number`, which may have one of its own.
    pub(super) fn side(
        &self,
        number: usize,
        known: Option<&str>,
        fork: &Fork,
        taken: bool,
    ) -> String {
        let way = if taken { "taken" } else { "not taken" };
        let kind = match fork {
            Fork::If { .. } => "an `if`",
            Fork::BrIf => "a `br_if`",
        };
        match (known, self.told) {
            (Some(event), _) => format!("{}: {event}", self.name),
            (None, Told::Each) => format!("{}: branch {number} {way}", self.name),
            (None, Told::Kinds) => format!("{}: {kind} {way}", self.name),
        }
    }
}

/// The runtime's functions in a module. From 0.2.5 on the program's own have a marker;
/// before that, only those are known by their name that no program can have.
pub(super) fn helpers(anatomy: &Anatomy<'_>) -> BTreeMap<u32, Helper> {
    let all = anatomy.function_names();
    let marked = all.into_iter().any(|(name, _)| declared(name).is_some());
    let is_helper = |name: &str| {
        let known = RuntimeFunction::named(name).is_some() || name.starts_with(COLLECTOR_PREFIX);
        let in_tree = name.starts_with(TREE) && name.contains(FOR_SLOTS);
        let added = marked && declared(name).is_none() && !name.starts_with(CLOSURE);
        known || in_tree || added
    };
    let own = anatomy.function_names();
    own.filter(|(name, index)| *index >= anatomy.imported() && is_helper(name))
        .map(|(name, index)| (index, Helper::of(name)))
        .collect()
}

/// What the functions are called that are lifted out of closures.
const CLOSURE: &str = "anon_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_is_made_for_is_no_part_of_its_name() {
        let named = |name| {
            let Helper { name, told } = Helper::of(name);
            (name, told)
        };
        assert_eq!(named("gc_collect"), ("gc_collect".to_owned(), Told::Each));
        assert_eq!(named("hamt_ins$w"), ("hamt_ins$w".to_owned(), Told::Each));
        assert_eq!(named("map_get$ki_vs"), ("map_get".to_owned(), Told::Each));
        assert_eq!(named("eq_String"), ("eq_String".to_owned(), Told::Each));
        assert_eq!(named("eq_Chain"), ("eq_*".to_owned(), Told::Kinds));
        let boundary = ("*$exn_boundary".to_owned(), Told::Kinds);
        assert_eq!(named("main$exn_boundary"), boundary);
    }

    #[test]
    fn the_program_has_no_part_in_it() {
        let module = |names: &str| wat::parse_str(format!("(module {names})")).unwrap();
        let found = |wasm: &[u8]| {
            let helpers = helpers(&Anatomy::of(wasm).unwrap());
            helpers.into_values().map(|it| it.name).collect::<Vec<_>>()
        };
        let marked = module("(func $\":alloc\") (func $alloc) (func $anon_0) (func $eq_Key)");
        assert_eq!(found(&marked), ["alloc", "eq_*"]);
        let plain = module("(func $main) (func $eq_Key) (func $gc_collect) (func $hamt$new)");
        assert_eq!(found(&plain), ["gc_collect", "hamt$new"]);
    }
}
