//! The values of Vera's `Decimal` type, computed as Vera's Python host computes them.
//!
//! Python's `decimal` and libdecnumber, which the crate `dec` binds, implement the same specification
//! (General Decimal Arithmetic). What they do not share is stated at the place that handles it. The
//! host has two contexts, which both keep 28 digits and round ties to even. Its arithmetic has the
//! widest range of exponents of Python. Negation, the absolute value and rounding to places happen
//! in Python's default context, whose exponents end at ±999999.

use std::cmp::Ordering;
use std::fmt;

use dec::{Context, Rounding};

/// The number of digits to which both contexts of the host round.
const PRECISION: usize = 28;

/// The largest exponent of Python's default context, and the largest that a text may write. The
/// smallest is its negation.
const DEFAULT_EXPONENT: isize = 999_999;

/// The largest exponent that libdecnumber can hold. The smallest is its negation.
const LIBRARY_EXPONENT: isize = 999_999_999;

/// The number of digits in the longest text that Python turns into an integer.
const PYTHON_INTEGER_DIGITS: usize = 4300;

/// The largest number of digits that a text may have to be read as a [`Decimal`].
pub const MAXIMUM_DIGITS: usize = 30_000;

/// The size counts units of three digits. Twelve are the fewest that `dec` allows, and they hold
/// every result of an operation.
type Short = dec::Decimal<12>;

type Long = dec::Decimal<{ MAXIMUM_DIGITS / 3 }>;

/// Why an operation on decimal numbers gives no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The host raises a Python exception, whose `str` this is.
    #[error("{0}")]
    Raised(String),
    /// The text has this many digits. The host would read it.
    #[error("a decimal number with {0} digits is beyond the limit of {MAXIMUM_DIGITS} digits")]
    TooManyDigits(usize),
    /// The exponent of the result is beyond ±999999999. The host would compute it.
    #[error("the exponent of a decimal number is beyond the limit of {LIBRARY_EXPONENT}")]
    ExponentOutOfRange,
}

impl DecimalError {
    /// Makes what a signal of Python's `decimal` raises when the context traps it.
    fn signal(name: &str) -> DecimalError {
        DecimalError::Raised(format!("[<class 'decimal.{name}'>]"))
    }
}

/// Which characters around a number [`Decimal::parse`] ignores. The releases of Vera differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whitespace {
    /// Tab, line feed, vertical tab, form feed, carriage return and space, as release 0.2.5 has it.
    Ascii,
    /// All that Python's `str.strip` removes, as release 0.1.5 has it.
    Unicode,
}

/// A decimal number as Vera's host holds it.
///
/// A value has a sign, digits and an exponent, so that `1.0` and `1.00` are different values that
/// are equal as numbers. Negative zero, the infinities and one value that is not a number exist
/// too. The digits of a parsed value are kept exactly, up to [`MAXIMUM_DIGITS`].
#[derive(Clone, Debug)]
pub struct Decimal(Digits);

/// Most values fit into the short form. Only parsing makes a long one.
#[derive(Clone, Debug)]
enum Digits {
    Short(Short),
    Long(Box<Long>),
}

/// Evaluates an expression with the digits of a value under a name, in whichever form they are.
macro_rules! with_digits {
    ($value:expr, $name:ident => $body:expr) => {
        match &$value.0 {
            Digits::Short($name) => $body,
            Digits::Long(boxed) => {
                let $name = &**boxed;
                $body
            }
        }
    };
}

#[derive(Clone, Copy)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Decimal {
    /// Gives the integer as a decimal number with the exponent zero.
    pub fn from_i64(value: i64) -> Decimal {
        Decimal(Digits::Short(Short::from(value)))
    }

    /// Gives the number that Python reads from its own shortest text for the float.
    ///
    /// That text decides the exponent: `1e15` becomes `1000000000000000.0` and `1e16` becomes
    /// `1E+16`. An infinity and a float that is not a number become the decimal value of that kind,
    /// the latter without a sign.
    pub fn from_f64(value: f64) -> Decimal {
        let digits = Context::<Short>::default()
            .parse(python_float_text(value))
            .expect("the text of a float is a decimal number");
        Decimal(Digits::Short(digits))
    }

    /// Reads a decimal number, or gives `None` where the host does: when the text is not a finite
    /// number in ASCII digits, and when the exponent it writes is beyond ±999999.
    ///
    /// # Errors
    ///
    /// The host raises `ValueError` for a written exponent of more than 4300 digits, whatever its
    /// value, because Python refuses to make an integer of it. A number that is written with more
    /// than [`MAXIMUM_DIGITS`] digits, leading zeros included, is refused here and not by the host.
    pub fn parse(text: &str, ignored: Whitespace) -> Result<Option<Decimal>, DecimalError> {
        let text = text.trim_matches(|character: char| match ignored {
            Whitespace::Ascii => matches!(character, '\t'..='\r' | ' '),
            // Python counts the four separator controls too, which Unicode's property leaves out.
            Whitespace::Unicode => {
                character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
            }
        });
        let Some((digits, exponent)) = split_number(text) else {
            return Ok(None);
        };
        if exponent.len() > PYTHON_INTEGER_DIGITS {
            return Err(DecimalError::Raised(format!(
                "Exceeds the limit ({PYTHON_INTEGER_DIGITS} digits) for integer string conversion: \
                 value has {} digits; use sys.set_int_max_str_digits() to increase the limit",
                exponent.len()
            )));
        }
        // The bound is 999999, so a number of six digits is within it and a longer one is not.
        if exponent.trim_start_matches('0').len() > DEFAULT_EXPONENT.to_string().len() {
            return Ok(None);
        }
        if digits > MAXIMUM_DIGITS {
            return Err(DecimalError::TooManyDigits(digits));
        }
        // A context of `dec` starts with the precision of its type, so nothing is rounded. The
        // bound on the digits keeps the exponent far inside what libdecnumber holds.
        const INVARIANT: &str = "libdecnumber reads all of the host's grammar";
        let mut context = Context::<Short>::default();
        Ok(Some(Decimal(if digits <= context.precision() {
            Digits::Short(context.parse(text).expect(INVARIANT))
        } else {
            let digits = Context::<Long>::default().parse(text).expect(INVARIANT);
            Digits::Long(Box::new(digits))
        })))
    }

    /// Gives the nearest float, with ties to even, as Python's `float` does. A number beyond the
    /// floats becomes an infinity, and one too close to zero becomes a zero of the same sign.
    pub fn to_f64(&self) -> f64 {
        // Python goes through the text as well, and both readers of floats round correctly.
        self.to_string()
            .parse()
            .expect("the text of a decimal number is the text of a float")
    }

    /// Adds two numbers in the host's wide context.
    ///
    /// # Errors
    ///
    /// The host raises `InvalidOperation` for infinities of opposite signs. As for the three other
    /// operations, a result with a larger exponent than libdecnumber holds is refused.
    pub fn add(&self, other: &Decimal) -> Result<Decimal, DecimalError> {
        self.combine(Operation::Add, other)
    }

    /// Subtracts the other number from this one in the host's wide context.
    ///
    /// # Errors
    ///
    /// The host raises `InvalidOperation` for infinities of the same sign.
    pub fn sub(&self, other: &Decimal) -> Result<Decimal, DecimalError> {
        self.combine(Operation::Subtract, other)
    }

    /// Multiplies two numbers in the host's wide context.
    ///
    /// # Errors
    ///
    /// The host raises `InvalidOperation` for an infinity times zero.
    pub fn mul(&self, other: &Decimal) -> Result<Decimal, DecimalError> {
        self.combine(Operation::Multiply, other)
    }

    /// Divides this number by the other one in the host's wide context, or gives `None` when the
    /// divisor is zero.
    ///
    /// # Errors
    ///
    /// The host raises `InvalidOperation` for an infinity divided by an infinity. Dividing a finite
    /// number by an infinity is refused, because Python gives a zero with the least exponent it has.
    pub fn div(&self, divisor: &Decimal) -> Result<Option<Decimal>, DecimalError> {
        if with_digits!(divisor, digits => digits.is_zero()) {
            return Ok(None);
        }
        self.combine(Operation::Divide, divisor).map(Some)
    }

    /// Gives the number with the opposite sign, rounded to the default context. Zeros lose their sign.
    ///
    /// # Errors
    ///
    /// The host raises `Overflow` when the result does not fit into the default context.
    pub fn neg(&self) -> Result<Decimal, DecimalError> {
        with_digits!(self, digits => {
            round_to_default(digits, |context, number| context.minus(number))
        })
    }

    /// Gives the absolute value, rounded to the default context.
    ///
    /// # Errors
    ///
    /// The host raises `Overflow` as for the negation.
    pub fn abs(&self) -> Result<Decimal, DecimalError> {
        with_digits!(self, digits => {
            round_to_default(digits, |context, number| context.abs(number))
        })
    }

    /// Orders two numbers by their exact values, so that `1.0` and `1.00` are equal.
    ///
    /// # Errors
    ///
    /// The host raises `InvalidOperation` when one of them is not a number.
    pub fn compare(&self, other: &Decimal) -> Result<Ordering, DecimalError> {
        self.partial_compare(other)
            .ok_or_else(|| DecimalError::signal("InvalidOperation"))
    }

    /// Says whether two numbers have the same exact value. What is not a number equals nothing.
    pub fn equals(&self, other: &Decimal) -> bool {
        self.partial_compare(other) == Some(Ordering::Equal)
    }

    /// Rounds to a number of decimal places as the host does, with ties to even.
    ///
    /// The result has the exponent of Python's `Decimal(10) ** -places`, which is a whole number of
    /// at most 28 digits for places down to -27: to round to tens or hundreds is to round to whole
    /// numbers. The value comes back unchanged when the result would need more than 28 digits, when
    /// it is infinite, and when the power of ten overflows.
    pub fn round(&self, places: i64) -> Decimal {
        let largest = DEFAULT_EXPONENT as i64;
        let further_digits = PRECISION as i64 - 1;
        if places < -largest {
            return self.clone();
        }
        // Past the least exponent that the default context has, the power is a zero with it.
        let exponent = if places > 0 {
            -places.min(largest + further_digits)
        } else {
            (-places - further_digits).max(0)
        };
        let mut quantum = Short::from(1);
        quantum.set_exponent(i32::try_from(exponent).expect("the exponent is bounded above"));
        with_digits!(self, digits => {
            let mut context = context(DEFAULT_EXPONENT);
            let mut rounded = *digits;
            context.quantize(&mut rounded, &quantum);
            let status = context.status();
            // Where Python finds the operation invalid, libdecnumber can overflow instead.
            if status.invalid_operation() || status.overflow() {
                self.clone()
            } else {
                Decimal(Digits::Short(resize(&rounded)))
            }
        })
    }

    fn combine(&self, operation: Operation, other: &Decimal) -> Result<Decimal, DecimalError> {
        if let (Digits::Short(left), Digits::Short(right)) = (&self.0, &other.0) {
            return combine(operation, left, right);
        }
        let left: Long = with_digits!(self, digits => resize(digits));
        let right: Long = with_digits!(other, digits => resize(digits));
        combine(operation, &left, &right)
    }

    /// Gives `None` when one of the values is not a number.
    fn partial_compare(&self, other: &Decimal) -> Option<Ordering> {
        // A comparison is exact at any precision of its context, which only holds the outcome.
        let mut context = Context::<Short>::default();
        with_digits!(self, left => {
            with_digits!(other, right => context.partial_cmp(left, right))
        })
    }
}

impl fmt::Display for Decimal {
    /// Writes what Python's `str` gives, for example `1E+3`, `-0`, `0E-10`, `NaN` or `Infinity`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The alternate form of `dec` is the engineering notation, which Python's `str` never is,
        // so the formatter's own flags do not reach it.
        with_digits!(self, digits => write!(f, "{digits}"))
    }
}

/// Gives Python's `repr` of a float, except for the case of the letters in what is not a number.
fn python_float_text(value: f64) -> String {
    // Rust's debug text is as short as Python's and turns to exponent form at the same magnitudes
    // (1e16 and 1e-4). But where the float lies exactly between the two nearest texts of that
    // length, Rust takes the upper one and Python the even one. Formatting to a fixed number of
    // digits rounds to even; next to a power of two its text can be of another float.
    let shortest = format!("{value:?}");
    let (significand, exponent) = shortest.split_once('e').unwrap_or((&shortest, ""));
    let places = significand
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let even = match exponent {
        "" => format!("{value:.places$}"),
        _ => format!("{value:.places$e}"),
    };
    if even.parse() == Ok(value) {
        even
    } else {
        shortest
    }
}

/// Splits a number of the host's grammar into the number of digits before its exponent and the
/// digits of that exponent, which are empty when it has none.
fn split_number(text: &str) -> Option<(usize, &str)> {
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let without_sign = |part| str::strip_prefix(part, ['+', '-']).unwrap_or(part);
    let (significand, exponent) = match without_sign(text).split_once(['e', 'E']) {
        Some((_, "" | "+" | "-")) => return None,
        Some((significand, exponent)) => (significand, without_sign(exponent)),
        None => (without_sign(text), ""),
    };
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = whole.len() + fraction.len();
    (digits > 0 && [whole, fraction, exponent].into_iter().all(all_digits))
        .then_some((digits, exponent))
}

/// Makes a context with the host's precision and rounding and exponents up to the given one.
fn context<const N: usize>(exponent: isize) -> Context<dec::Decimal<N>> {
    const INVARIANT: &str = "every size of number allows this context";
    let mut context = Context::<dec::Decimal<N>>::default();
    context.set_precision(PRECISION).expect(INVARIANT);
    context.set_rounding(Rounding::HalfEven);
    context.set_max_exponent(exponent).expect(INVARIANT);
    context.set_min_exponent(-exponent).expect(INVARIANT);
    context
}

fn combine<const N: usize>(
    operation: Operation,
    left: &dec::Decimal<N>,
    right: &dec::Decimal<N>,
) -> Result<Decimal, DecimalError> {
    let mut rounding = context(LIBRARY_EXPONENT);
    let mut working = rounding.clone();
    let operand_digits = left.digits().max(right.digits()) as usize;
    if matches!(operation, Operation::Add | Operation::Subtract) && operand_digits > PRECISION {
        // When the exponents are far apart, libdecnumber rounds the larger operand alone and then
        // corrects for the sign of the smaller one. That is wrong when the larger operand itself
        // is longer than the precision, for example at a tie that the smaller one breaks. So the
        // sum is taken with all digits first, in the rounding that is made to be rounded again.
        working = Context::default();
        working.set_rounding(Rounding::ZeroFiveUp);
    }
    let mut result = *left;
    match operation {
        Operation::Add => working.add(&mut result, right),
        Operation::Subtract => working.sub(&mut result, right),
        Operation::Multiply => working.mul(&mut result, right),
        Operation::Divide => working.div(&mut result, right),
    }
    if result.digits() as usize > PRECISION {
        rounding.plus(&mut result);
    }
    let status = working.status() | rounding.status();
    if status.invalid_operation() {
        Err(DecimalError::signal("InvalidOperation"))
    } else if status.overflow() || status.subnormal() || status.clamped() {
        // Python's own range ends near 1e18, so each of these is a sign of libdecnumber's limit.
        Err(DecimalError::ExponentOutOfRange)
    } else {
        Ok(Decimal(Digits::Short(resize(&result))))
    }
}

/// Applies an operation that rounds to the default context.
fn round_to_default<const N: usize>(
    digits: &dec::Decimal<N>,
    operation: impl Fn(&mut Context<dec::Decimal<N>>, &mut dec::Decimal<N>),
) -> Result<Decimal, DecimalError> {
    let mut context = context(DEFAULT_EXPONENT);
    let mut result = *digits;
    operation(&mut context, &mut result);
    // Python raises nothing for a result that is too small: it rounds it to what it can hold.
    if context.status().overflow() {
        Err(DecimalError::signal("Overflow"))
    } else {
        Ok(Decimal(Digits::Short(resize(&result))))
    }
}

/// Copies a number, which must fit, into a form of another size.
fn resize<const N: usize, const M: usize>(digits: &dec::Decimal<N>) -> dec::Decimal<M> {
    let resized = Context::<dec::Decimal<M>>::default().to_width(*digits);
    // The conversion is an addition to zero, which takes the sign from a zero.
    if resized.is_negative() == digits.is_negative() {
        resized
    } else {
        -resized
    }
}
