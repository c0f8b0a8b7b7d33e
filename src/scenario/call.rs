//! What a program is called with.

use super::script::{Expression, ScriptError};
use crate::case::{Arguments, Scale, Value};

/// What the `main` of a scenario is called with.
#[derive(Debug)]
pub enum Call {
    /// Nothing: the program is another one for each n, or the same thing always.
    Nothing,
    /// n.
    Scale,
    /// What these say at n.
    Computed(Vec<Expression>),
    /// The same at every n.
    Fixed(Vec<String>),
}

impl Call {
    /// The arguments at scale `n`.
    pub fn at(&self, n: Scale) -> Result<Arguments, ScriptError> {
        Ok(match self {
            Call::Nothing => Arguments::Nothing,
            Call::Scale => Arguments::Scale,
            Call::Computed(all) => {
                let typed = |it: &Expression| it.value(n).map(|it| typed(&it));
                Arguments::These(all.iter().map(typed).collect::<Result<_, _>>()?)
            }
            Call::Fixed(all) => Arguments::These(all.clone()),
        })
    }

    /// Whether n has a part in it.
    pub fn depends_on_scale(&self) -> bool {
        match self {
            Call::Scale | Call::Computed(_) => true,
            Call::Nothing | Call::Fixed(_) => false,
        }
    }
}

/// A value as somebody types it behind `vera run FILE --`.
fn typed(value: &Value) -> String {
    match value {
        Value::Unit => String::new(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => format!("{x:?}"),
        Value::Text(text) => text.clone(),
    }
}
