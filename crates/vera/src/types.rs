//! Types, read from how the checker spells them.

use super::tree::{Effect, Effects, Type};

/// A type in Vera's syntax; `None` where part of it has no name.
pub fn parse(text: &str) -> Option<Type> {
    let mut reader = Reader { rest: text };
    let ty = reader.ty()?;
    reader.rest.trim().is_empty().then_some(ty)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let starts = rest.chars().next().is_some_and(char::is_alphabetic);
        if !starts {
            return None;
        }
        self.rest = &rest[end..];
        Some(rest[..end].to_owned())
    }

    fn ty(&mut self) -> Option<Type> {
        if self.take("fn(") {
            let mut params = Vec::new();
            while !self.take("->") {
                params.push(self.ty()?);
                self.take(",");
            }
            let returns = Box::new(self.ty()?);
            if !self.take(")") || !self.take("effects(") {
                return None;
            }
            let effects = self.effects()?;
            return self.take(")").then_some(Type::Function {
                params,
                returns,
                effects,
            });
        }
        let name = self.name()?;
        Some(Type::Named(name, self.args()?))
    }

    fn args(&mut self) -> Option<Vec<Type>> {
        let mut args = Vec::new();
        if self.take("<") {
            while !self.take(">") {
                args.push(self.ty()?);
                self.take(",");
            }
        }
        Some(args)
    }

    fn effects(&mut self) -> Option<Effects> {
        if self.take("pure") {
            return Some(Effects::Pure);
        }
        if !self.take("<") {
            return None;
        }
        let mut effects = Vec::new();
        while !self.take(">") {
            let name = self.name()?;
            let args = self.args()?;
            effects.push(Effect { name, args });
            self.take(",");
        }
        Some(Effects::Set(effects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::Printer;
    use crate::scope::Aliases;

    #[test]
    fn what_the_checker_spells_is_read() {
        for text in [
            "Int",
            "Map<String, Array<Int>>",
            "fn(Int, Json -> Int) effects(pure)",
            "Array<fn(-> T) effects(<IO, State<Int>>)>",
        ] {
            let ty = parse(text).expect(text);
            assert_eq!(Printer::new(&Aliases::default()).ty(&ty), text);
        }
        for text in ["?", "Array<?>", "", "Int Int"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
