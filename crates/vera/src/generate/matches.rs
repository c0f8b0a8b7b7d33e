//! Matches, and their patterns.

use super::kinds::named;
use super::{Generator, typed};
use crate::tree::{Arm, Expr, Kind, Pattern, Type};

impl Generator<'_> {
    /// A match of something that comes to this type.
    pub fn matching(&mut self, ty: &Type, nodes: usize) -> Option<Expr> {
        let of = self.type_that(|it, ty| {
            !it.constructors(ty).is_empty() || matches!(ty, Type::Named(name, _) if matches!(name.as_str(), "Int" | "Bool" | "String"))
        });
        let scrutinee = Box::new(self.operand(&of, nodes / 3));
        let left = nodes - nodes / 3;
        let constructors = self.constructors(&of);
        let mut patterns = Vec::new();
        let depth = self.scope.depth();
        if constructors.is_empty() {
            for _ in 0..=self.dice.below(2) {
                let pattern = self.pattern_literal(&of)?;
                if !patterns.contains(&pattern) {
                    patterns.push(pattern);
                }
            }
            patterns.push(Pattern::Wildcard);
        }
        for constructor in &constructors {
            if self.knobs.has("patterns") && self.dice.percent(40) && !constructor.fields.is_empty()
            {
                let parts = constructor
                    .fields
                    .iter()
                    .map(|it| self.pattern(it, 2))
                    .collect();
                patterns.push(Pattern::Constructor(constructor.name.clone(), parts));
            }
            patterns.push(match constructor.fields.is_empty() {
                true => Pattern::Nullary(constructor.name.clone()),
                false => {
                    let bind = |it: &Type| Pattern::Binding(self.binder(it));
                    let parts = constructor.fields.iter().map(bind).collect();
                    Pattern::Constructor(constructor.name.clone(), parts)
                }
            });
        }
        let each = left / patterns.len().max(1);
        let mut arms = Vec::new();
        for pattern in patterns {
            for binder in pattern.binders() {
                self.scope.bind(binder);
            }
            let body = self.expr(ty, each);
            self.scope.forget(depth);
            arms.push(Arm { pattern, body });
        }
        Some(typed(Kind::Match(scrutinee, arms), ty))
    }

    /// A pattern of a type that not every value has.
    fn pattern(&mut self, ty: &Type, left: usize) -> Pattern {
        let constructors = self.constructors(ty);
        if left > 0 && self.dice.percent(50) {
            if let Some(constructor) = self.dice.one(&constructors).cloned() {
                if constructor.fields.is_empty() {
                    return Pattern::Nullary(constructor.name);
                }
                let parts = (constructor.fields.iter())
                    .map(|it| self.pattern(it, left - 1))
                    .collect();
                return Pattern::Constructor(constructor.name, parts);
            }
            if let Some(literal) = self.pattern_literal(ty) {
                return literal;
            }
        }
        match self.dice.percent(20) || *ty == named("Unit") {
            true => Pattern::Wildcard,
            false => Pattern::Binding(self.binder(ty)),
        }
    }

    fn pattern_literal(&mut self, ty: &Type) -> Option<Pattern> {
        let Type::Named(name, _) = ty else {
            return None;
        };
        match name.as_str() {
            "Int" | "Nat" => Some(Pattern::Int(self.dice.below(4).to_string())),
            "Bool" => Some(Pattern::Bool(self.dice.percent(50))),
            "String" => {
                let text = *self.dice.one(&["", "a", "ab"])?;
                Some(Pattern::Text(text.to_owned()))
            }
            _ => None,
        }
    }
}
