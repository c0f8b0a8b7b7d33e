//! Declarations that nothing needs.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::scope::Scope;
use crate::tree::{
    Callee, Decl, Effect, Effects, Expr, Function, Item, Kind, Pattern, Program, Type,
};
use crate::walk::{Visit, walk};

/// Without what `main` does not reach.
pub fn reachable_only(program: &Program) -> Program {
    let mut owners: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, item) in program.items.iter().enumerate() {
        for name in names_of(item) {
            owners.entry(name).or_default().push(place);
        }
    }
    let uses: Vec<HashSet<String>> = program.items.iter().map(uses).collect();
    let is_root = |item: &Item| match &item.decl {
        Decl::Function(function) => function.name == "main",
        Decl::Unread(_) => true,
        _ => false,
    };
    let all: Vec<usize> = (0..program.items.len()).collect();
    let mut open: Vec<usize> = all
        .iter()
        .copied()
        .filter(|&it| is_root(&program.items[it]))
        .collect();
    let mut reached: HashSet<usize> = open.iter().copied().collect();
    while let Some(place) = open.pop() {
        for owner in uses[place].iter().filter_map(|name| owners.get(name)) {
            for &owner in owner {
                if reached.insert(owner) {
                    open.push(owner);
                }
            }
        }
    }
    let mut program = program.clone();
    program.items = kept(&program.items, |place| reached.contains(&place));
    program
}

/// How many declarations beside `main` there are, with imports.
pub fn count(program: &Program) -> usize {
    program.items.len() + program.imports.len()
}

/// Without these; what calls them is mended. `None` where `main` is among them.
pub fn without(program: &Program, range: Range<usize>) -> Option<Program> {
    let mut program = program.clone();
    let items = program.items.len();
    program.items = kept(&program.items, |place| !range.contains(&place));
    let imports = std::mem::take(&mut program.imports).into_iter().enumerate();
    let imports = imports.filter(|(place, _)| !range.contains(&(place + items)));
    program.imports = imports.map(|(_, import)| import).collect();
    let has_main = program
        .items
        .iter()
        .any(|it| it.decl.name() == Some("main"));
    has_main.then_some(program)
}

fn kept(items: &[Item], keep: impl Fn(usize) -> bool) -> Vec<Item> {
    let items = items.iter().enumerate();
    let items = items.filter(|(place, _)| keep(*place));
    items.map(|(_, item)| item.clone()).collect()
}

fn names_of(item: &Item) -> Vec<String> {
    let mut names: Vec<String> = item.decl.name().map(str::to_owned).into_iter().collect();
    match &item.decl {
        Decl::Data(data) => names.extend(data.constructors.iter().map(|it| it.name.clone())),
        Decl::Effect(it) | Decl::Ability(it) => {
            names.extend(it.operations.iter().map(|it| it.name.clone()));
        }
        Decl::Function(_) | Decl::Alias(_) | Decl::Unread(_) => {}
    }
    names
}

/// Every name that a program writes.
pub fn used(program: &Program) -> HashSet<String> {
    program.items.iter().flat_map(uses).collect()
}

/// Every name that a declaration writes.
fn uses(item: &Item) -> HashSet<String> {
    let mut uses = Uses(HashSet::new());
    let mut alone = Program {
        items: vec![item.clone()],
        ..Program::default()
    };
    walk(&mut alone, &mut uses);
    uses.0
}

struct Uses(HashSet<String>);

impl Uses {
    fn effect(&mut self, effect: &Effect) {
        self.0.insert(effect.name.clone());
    }

    fn effects(&mut self, effects: &Effects) {
        if let Effects::Set(effects) = effects {
            effects.iter().for_each(|it| self.effect(it));
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Constructor(name, parts) => {
                self.0.insert(name.clone());
                parts.iter().for_each(|it| self.pattern(it));
            }
            Pattern::Nullary(name) => {
                self.0.insert(name.clone());
            }
            _ => {}
        }
    }
}

impl Visit for Uses {
    fn function(&mut self, function: &mut Function) {
        self.effects(&function.effects);
        let abilities = function.constraints.iter();
        self.0.extend(abilities.map(|(ability, _)| ability.clone()));
    }

    fn ty(&mut self, ty: &mut Type) {
        match ty {
            Type::Named(name, _) => {
                self.0.insert(name.clone());
            }
            Type::Function { effects, .. } => self.effects(effects),
            Type::Refined(..) | Type::Unread(_) => {}
        }
    }

    fn expr(&mut self, expr: &mut Expr, _: &Scope) {
        match &expr.kind {
            Kind::Call { callee, .. } => match callee {
                Callee::Function(name) | Callee::Constructor(name) => {
                    self.0.insert(name.clone());
                }
                Callee::Qualified(of, name) | Callee::Module(of, name) => {
                    self.0.insert(of.clone());
                    self.0.insert(name.clone());
                }
            },
            Kind::Nullary(name) => {
                self.0.insert(name.clone());
            }
            Kind::Lambda(lambda) => self.effects(&lambda.effects),
            Kind::Match(_, arms) => arms.iter().for_each(|it| self.pattern(&it.pattern)),
            Kind::Handle(handle) => self.effect(&handle.effect),
            Kind::Old(effect) | Kind::New(effect) => self.effect(effect),
            _ => {}
        }
    }

    fn block(&mut self, block: &mut crate::tree::Block, _: &Scope) {
        for statement in &block.statements {
            if let crate::tree::Statement::Destructure(name, ..) = statement {
                self.0.insert(name.clone());
            }
        }
    }
}
