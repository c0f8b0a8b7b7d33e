//! The tree.

/// Which binding: unique in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub u32);

/// A place that binds a value of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binder {
    /// What references name.
    pub name: Name,
    /// Its type, as the program spells it.
    pub ty: Type,
}

/// A source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// `module a.b;`
    pub module: Option<String>,
    /// What it imports.
    pub imports: Vec<Import>,
    /// What it declares.
    pub items: Vec<Item>,
    /// What could not be read, each in a sentence; it is carried as text.
    pub unread: Vec<String>,
    /// The name that comes next.
    pub next_name: u32,
}

impl Program {
    /// A name that nothing has yet.
    pub fn fresh(&mut self) -> Name {
        let name = Name(self.next_name);
        self.next_name += 1;
        name
    }
}

/// `import path(names);`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `a.b`
    pub path: String,
    /// Which names; `None` for all that are public.
    pub names: Option<Vec<String>>,
}

/// A declaration at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// `public` or `private`, where it is said.
    pub visibility: Option<String>,
    /// What is declared.
    pub decl: Decl,
}

/// What a declaration declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decl {
    /// A function.
    Function(Function),
    /// A data type.
    Data(Data),
    /// `type Name<T> = Type;`
    Alias(Alias),
    /// `effect Name<T> { op ... }`
    Effect(Operations),
    /// `ability Name<T> { op ... }`
    Ability(Operations),
    /// What is not known here, as it was written.
    Unread(String),
}

impl Decl {
    /// What it is called.
    pub fn name(&self) -> Option<&str> {
        Some(match self {
            Decl::Function(it) => &it.name,
            Decl::Data(it) => &it.name,
            Decl::Alias(it) => &it.name,
            Decl::Effect(it) | Decl::Ability(it) => &it.name,
            Decl::Unread(_) => return None,
        })
    }
}

/// A function with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// What it is called.
    pub name: String,
    /// `forall<T>`
    pub forall: Vec<String>,
    /// `where Eq<T>`: ability and variable.
    pub constraints: Vec<(String, String)>,
    /// Its parameters.
    pub params: Vec<Binder>,
    /// What it returns.
    pub returns: Type,
    /// What it requires and ensures, and why it ends.
    pub contracts: Vec<Contract>,
    /// Its effects.
    pub effects: Effects,
    /// What it does.
    pub body: Block,
    /// `where { fn ... }`
    pub helpers: Vec<Function>,
}

/// A clause of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contract {
    /// `requires(e)`
    Requires(Expr),
    /// `ensures(e)`
    Ensures(Expr),
    /// `decreases(e, ...)`
    Decreases(Vec<Expr>),
}

/// A data type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// What it is called.
    pub name: String,
    /// Its type parameters.
    pub params: Vec<String>,
    /// `invariant(e)`
    pub invariant: Option<Expr>,
    /// Its constructors.
    pub constructors: Vec<Constructor>,
}

/// A constructor of a data type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// What it is called.
    pub name: String,
    /// What it holds; one without fields is written without parentheses.
    pub fields: Vec<Type>,
}

/// A name for a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// Its type parameters.
    pub params: Vec<String>,
    /// What it stands for.
    pub ty: Type,
}

/// An effect, or an ability: a name for operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    /// What it is called.
    pub name: String,
    /// Its type parameters.
    pub params: Vec<String>,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// `op name(A, B -> C);`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What it is called.
    pub name: String,
    /// What it takes.
    pub params: Vec<Type>,
    /// What it gives.
    pub returns: Type,
}

/// A type as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `Name<A, B>`
    Named(String, Vec<Type>),
    /// `fn(A -> B) effects(...)`
    Function {
        /// What it takes.
        params: Vec<Type>,
        /// What it gives.
        returns: Box<Type>,
        /// Its effects.
        effects: Effects,
    },
    /// `{ @Int | e }`
    Refined(Box<Binder>, Box<Expr>),
    /// What is not known here, as it was written.
    Unread(String),
}

/// What a function may do beside returning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effects {
    /// `pure`
    Pure,
    /// `<A, B<T>>`
    Set(Vec<Effect>),
}

/// An effect, with its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// `Name`, or `Module.Name`.
    pub name: String,
    /// Its types.
    pub args: Vec<Type>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// What the checker took it for, where that has a name.
    pub ty: Option<Type>,
    /// Where it was written.
    pub line: Line,
}

/// The line of the source that something was read from, where it was: it has no part
/// in what that is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line(pub Option<u32>);

impl PartialEq for Line {
    fn eq(&self, _: &Line) -> bool {
        true
    }
}

impl Eq for Line {}

impl Expr {
    /// An expression of a type, which stands in no source.
    pub fn new(kind: Kind, ty: Option<Type>) -> Expr {
        let line = Line::default();
        Expr { kind, ty, line }
    }
}

/// `{ statement; ... value }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What comes first.
    pub statements: Vec<Statement>,
    /// What it is.
    pub value: Box<Expr>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `let @T = e;`
    Let(Binder, Expr),
    /// `let Tuple<@A, @B> = e;`
    Destructure(String, Vec<Binder>, Expr),
    /// `e;`
    Expr(Expr),
}

impl Statement {
    /// What it evaluates.
    pub fn value_mut(&mut self) -> &mut Expr {
        match self {
            Statement::Let(_, value)
            | Statement::Destructure(_, _, value)
            | Statement::Expr(value) => value,
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integer, in digits.
    Int(String),
    /// A float, in digits with a point.
    Float(String),
    /// A text, as it stands between its quotes.
    Text(Vec<Part>),
    /// `true` or `false`.
    Bool(bool),
    /// `()`
    Unit,
    /// `?`
    Hole,
    /// A reference to a binding.
    Slot(Slot),
    /// `@T.result`
    Result(Type),
    /// `a + b`
    Binary(String, Box<Expr>, Box<Expr>),
    /// `-a`
    Unary(String, Box<Expr>),
    /// `a[b]`
    Index(Box<Expr>, Box<Expr>),
    /// A call of whatever is called.
    Call {
        /// What is called.
        callee: Callee,
        /// With what.
        args: Vec<Expr>,
        /// Whether it is written `first |> callee(rest)`.
        piped: bool,
    },
    /// A constructor without fields.
    Nullary(String),
    /// `fn(@A -> @B) effects(...) { ... }`
    Lambda(Box<Lambda>),
    /// `if a then { b } else { c }`
    If(Box<Expr>, Block, Block),
    /// `match a { pattern -> b }`
    Match(Box<Expr>, Vec<Arm>),
    /// A block in braces.
    Block(Block),
    /// `handle[E](@T = init) { ... } in { ... }`
    Handle(Box<Handle>),
    /// `[a, b]`
    Array(Vec<Expr>),
    /// `old(E)`
    Old(Effect),
    /// `new(E)`
    New(Effect),
    /// `assert(e)`
    Assert(Box<Expr>),
    /// `assume(e)`
    Assume(Box<Expr>),
    /// `forall(@T, domain, predicate)` or `exists(...)`.
    Quantified {
        /// `forall` or `exists`.
        word: &'static str,
        /// Over which type.
        over: Type,
        /// Where.
        domain: Box<Expr>,
        /// What must hold.
        predicate: Box<Expr>,
    },
    /// What is not known here, as it was written.
    Unread(String),
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it stands between the quotes.
    Text(String),
    /// `\(e)`
    Expr(Expr),
}

/// What a reference means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// This binding.
    Bound(Name),
    /// Nothing that is in scope: it stays as it was written.
    Free(Type, u64),
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function, or an operation of an effect.
    Function(String),
    /// A constructor with fields.
    Constructor(String),
    /// `IO.print`
    Qualified(String, String),
    /// `a.b::f`
    Module(String, String),
}

/// A function without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lambda {
    /// Its parameters.
    pub params: Vec<Binder>,
    /// What it returns.
    pub returns: Type,
    /// Its effects.
    pub effects: Effects,
    /// What it does.
    pub body: Block,
}

/// An arm of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// What it takes.
    pub pattern: Pattern,
    /// What it is.
    pub body: Expr,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `Some(p)`
    Constructor(String, Vec<Pattern>),
    /// `None`
    Nullary(String),
    /// `@T`
    Binding(Binder),
    /// `_`
    Wildcard,
    /// An integer, in digits.
    Int(String),
    /// A text, as it stands between its quotes.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// What is not known here, as it was written.
    Unread(String),
}

impl Pattern {
    /// What it binds, in the order in which it does.
    pub fn binders(&self) -> Vec<&Binder> {
        match self {
            Pattern::Binding(binder) => vec![binder],
            Pattern::Constructor(_, parts) => parts.iter().flat_map(Pattern::binders).collect(),
            _ => Vec::new(),
        }
    }

    /// The same, to change them.
    pub fn binders_mut(&mut self) -> Vec<&mut Binder> {
        match self {
            Pattern::Binding(binder) => vec![binder],
            Pattern::Constructor(_, parts) => {
                parts.iter_mut().flat_map(Pattern::binders_mut).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A handler of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Which effect.
    pub effect: Effect,
    /// `(@T = init)`
    pub state: Option<(Binder, Expr)>,
    /// What each operation does.
    pub clauses: Vec<Clause>,
    /// Where it is in force.
    pub body: Block,
}

/// `op(@T) -> { ... } with @S = e`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Which operation.
    pub operation: String,
    /// What it is given.
    pub params: Vec<Binder>,
    /// What it does.
    pub body: Expr,
    /// What the state becomes.
    pub update: Option<(Type, Expr)>,
}
