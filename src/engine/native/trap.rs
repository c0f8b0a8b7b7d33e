//! What a trap is called, and where it happened: in the words of Vera's runtime.

use wasmtime::{ThrownException, Trap as Cause, WasmBacktrace};

use super::failure::HostFailure;
use super::guest::roots::OVERFLOW;
use super::state::Host;
use crate::case::{Frame, Table, Trap};
use crate::instrument::{PREFIX, RAISE};
use crate::toolchain::about::About;
use crate::vera_runtime::{RuntimeFunction, declared, is_helper};

/// What is known of the module that trapped.
pub struct Site<'a> {
    /// What the compiler said of the program.
    pub about: &'a About,
    /// Whether the module names its checks itself (from 0.2.0 on). Earlier ones
    /// leave it to the host to tell a trap by the engine's reason alone.
    pub names_its_checks: bool,
    /// The byte of code at an offset of the module that ran.
    pub code_at: &'a dyn Fn(usize) -> Option<u8>,
}

/// The kinds that a check of the program's names by a code, with what is said
/// where it brings no message of its own.
const SIGNALS: [(i32, &str, &str); 9] = [
    (1, "overflow", "Integer overflow"),
    (2, "nat_guard", "Negative value bound into a @Nat slot"),
    (4, "nat_underflow", "@Nat subtraction would be negative"),
    (5, "assertion_failed", "Assertion failed"),
    (6, "index_out_of_bounds", "Array index out of bounds"),
    (
        7,
        "string_index_out_of_bounds",
        "String index out of bounds",
    ),
    (8, "float_conversion", FLOAT_CONVERSION),
    (9, "heap_exhausted", "Heap exhausted"),
    (10, "uncaught_exception", UNCAUGHT),
];

const FLOAT_CONVERSION: &str = "Float64 value outside the @Int range";
const UNCAUGHT: &str = "Uncaught exception";

/// The instructions that convert a float to an integer and trap where they
/// cannot.
fn converts_a_float(opcode: u8) -> bool {
    matches!(opcode, 0xa8..=0xab | 0xae..=0xb1)
}

/// The trap that an error of a call was, as Vera's runtime would report it.
pub fn describe(error: &wasmtime::Error, host: &Host, site: &Site<'_>) -> Trap {
    let (kind, message) = kind_and_message(error, host, site);
    Trap {
        kind,
        message: message.split_whitespace().collect::<Vec<_>>().join(" "),
        frames: frames(error, site.about),
    }
}

/// The table of Vera's runtime that a program found full, by the function that it
/// trapped in.
pub fn filled(error: &wasmtime::Error) -> Option<Table> {
    if let Some(HostFailure::Refused(why)) = error.downcast_ref::<HostFailure>() {
        return why.starts_with(OVERFLOW).then_some(Table::ShadowStack);
    }
    if error.downcast_ref::<Cause>() != Some(&Cause::UnreachableCodeReached) {
        return None;
    }
    let frames = error.downcast_ref::<WasmBacktrace>()?.frames();
    let name = frames.first()?.func_name()?;
    match RuntimeFunction::named(name) {
        _ if name == RAISE => Some(Table::ShadowStack),
        Some(RuntimeFunction::Collect) => Some(Table::Worklist),
        Some(RuntimeFunction::RegisterWrapper) => Some(Table::WrapTable),
        _ => None,
    }
}

fn kind_and_message(error: &wasmtime::Error, host: &Host, site: &Site<'_>) -> (String, String) {
    let named = |kind: &str, message: &str| (kind.to_owned(), message.to_owned());
    match error.downcast_ref::<HostFailure>() {
        Some(HostFailure::OutOfBounds { .. }) => {}
        Some(failure) => return named("host_error", &failure.to_string()),
        None => {}
    }
    if let Some(violation) = &host.violation {
        return named("contract_violation", violation);
    }
    if let Some((code, message)) = &host.signal
        && let Some((_, kind, description)) = SIGNALS.iter().find(|(its, ..)| its == code)
    {
        let message = if message.is_empty() {
            description
        } else {
            message.as_str()
        };
        return named(kind, message);
    }
    if error.is::<HostFailure>() {
        return named("out_of_bounds", "Out-of-bounds memory access");
    }
    if error.is::<ThrownException>() && site.names_its_checks {
        return named("uncaught_exception", UNCAUGHT);
    }
    let converts = site.names_its_checks
        && innermost_offset(error)
            .and_then(|offset| (site.code_at)(offset))
            .is_some_and(converts_a_float);
    match error.downcast_ref::<Cause>() {
        Some(_) if converts => named("float_conversion", FLOAT_CONVERSION),
        Some(Cause::BadConversionToInteger) if site.names_its_checks => {
            named("float_conversion", FLOAT_CONVERSION)
        }
        Some(Cause::IntegerDivisionByZero) => named("divide_by_zero", "Integer division by zero"),
        Some(Cause::IntegerOverflow) => named("overflow", "Integer overflow"),
        Some(Cause::MemoryOutOfBounds) => named("out_of_bounds", "Out-of-bounds memory access"),
        Some(Cause::StackOverflow) => named("stack_exhausted", "WASM call stack exhausted"),
        Some(Cause::UnreachableCodeReached) => {
            named("unreachable", "Reached `unreachable` WASM instruction")
        }
        _ => named("unknown", &error.root_cause().to_string()),
    }
}

fn innermost_offset(error: &wasmtime::Error) -> Option<usize> {
    let backtrace = error.downcast_ref::<WasmBacktrace>()?;
    backtrace.frames().first()?.module_offset()
}

/// How many frames Vera's runtime reports at most.
const FRAMES: usize = 20;

/// The backtrace, innermost first, by the names that Vera gave its functions.
fn frames(error: &wasmtime::Error, about: &About) -> Vec<Frame> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .filter(|name| !name.starts_with(PREFIX))
        .take(FRAMES)
        .map(|name| frame(name, about))
        .collect()
}

/// The frame of a function, by the name that Vera gave it.
pub fn frame(name: &str, about: &About) -> Frame {
    let is_declared = declared(name).is_some();
    let name = declared(name).unwrap_or(name);
    // A copy of a generic function has the types behind a `$`.
    let base = name.rsplit_once('$').map_or(name, |(base, _)| base);
    let builtin = [name, base]
        .iter()
        .any(|name| about.builtin.contains(*name));
    if builtin || is_helper(name) && !is_declared {
        return Frame {
            function: name.to_owned(),
            file: Some("<builtin>".to_owned()),
            line: None,
        };
    }
    match about
        .functions
        .get(name)
        .or_else(|| about.functions.get(base))
    {
        Some(place) => Frame {
            function: displayed(name, about),
            file: Some(place.file.clone()),
            line: Some(place.line),
        },
        None => Frame {
            function: name.to_owned(),
            file: Some("<unknown>".to_owned()),
            line: None,
        },
    }
}

/// The name that the user wrote, with what a copy of the function adds to it.
fn displayed(name: &str, about: &About) -> String {
    let known = |known: &str| about.display.get(known);
    if let Some(shown) = known(name) {
        return shown.clone();
    }
    let cuts = name.match_indices('$').map(|(at, _)| at).rev();
    for at in cuts.filter(|at| *at > 0) {
        if let Some(shown) = known(&name[..at]) {
            return format!("{shown}{}", &name[at..]);
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::about::SourcePlace;

    fn about() -> About {
        let place = |line| SourcePlace {
            file: "text.vera".to_owned(),
            line,
        };
        About {
            functions: [
                ("tag".to_owned(), place(3)),
                ("mod$text$weigh".to_owned(), place(9)),
            ]
            .into(),
            builtin: ["option_map".to_owned()].into(),
            display: [("mod$text$weigh".to_owned(), "weigh".to_owned())].into(),
            ..About::default()
        }
    }

    #[test]
    fn frames_are_named_as_vera_names_them() {
        let shown = |name: &str| {
            let frame = frame(name, &about());
            (frame.function, frame.file.unwrap(), frame.line)
        };
        let builtin = "<builtin>".to_owned();
        let text = "text.vera".to_owned();
        assert_eq!(shown("tag"), ("tag".to_owned(), text.clone(), Some(3)));
        assert_eq!(
            shown(":tag$Int"),
            ("tag$Int".to_owned(), text.clone(), Some(3))
        );
        assert_eq!(
            shown(":mod$text$weigh"),
            ("weigh".to_owned(), text.clone(), Some(9))
        );
        assert_eq!(shown(":mod$text$weigh$Int").0, "weigh$Int");
        assert_eq!(shown("alloc").1, builtin);
        assert_eq!(shown(":alloc").1, "<unknown>");
        assert_eq!(shown("option_map$Int").1, builtin);
        assert_eq!(shown("anon_3").1, "<unknown>");
    }
}
