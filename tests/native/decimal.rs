//! Compares the decimal numbers with Python's own `decimal`, used as Vera's host uses it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use vera_stress::engine::native::decimal::{Decimal, DecimalError, MAXIMUM_DIGITS, Whitespace};

/// Evaluates one request per line of its input as the host's `decimal.py` does, one answer per line.
const EVALUATOR: &str = r#"
import re
import struct
import sys
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN
from decimal import Context as PyContext
from decimal import Decimal as PyDecimal
from decimal import InvalidOperation, Overflow

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
WIDE = PyContext(prec=28, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
LIMIT = 999999999

def parse(s):
    m = NUMBER.fullmatch(s)
    if m is None:
        return None
    exp_tok = m.group(1)
    if exp_tok is not None and abs(int(exp_tok)) > 999999:
        return None
    try:
        return PyDecimal(s)
    except InvalidOperation:
        return None

def beyond(value):
    if not isinstance(value, PyDecimal) or not value.is_finite():
        return False
    if value:
        return abs(value.adjusted()) > LIMIT
    return not -LIMIT - 27 <= value.as_tuple().exponent <= LIMIT

class Beyond(Exception):
    pass

def operand(text):
    kind, text = text.split(":", 1)
    if kind == "int":
        return PyDecimal(int(text))
    if kind == "float":
        return PyDecimal(str(struct.unpack(">d", bytes.fromhex(text))[0]))
    value = parse(text)
    for _ in range(int(kind)):
        value = WIDE.multiply(value, value)
        if beyond(value):
            raise Beyond
    return value

def divide(a, b):
    return None if b == 0 else WIDE.divide(a, b)

def compare(a, b):
    if a < b:
        return "Less"
    elif a == b:
        return "Equal"
    return "Greater"

def round_places(d, places):
    try:
        q = PyDecimal(10) ** -places
        return d.quantize(q)
    except (InvalidOperation, Overflow):
        return d

def to_float(d):
    return struct.pack(">d", float(d)).hex()

def answer(operation, left, right):
    if operation == "parse ascii":
        return parse(bytes.fromhex(left).decode().strip("\t\n\v\f\r "))
    if operation == "parse unicode":
        return parse(bytes.fromhex(left).decode().strip())
    a = operand(left)
    if operation == "text":
        return a
    if operation == "float":
        return to_float(a)
    if operation == "neg":
        return -a
    if operation == "abs":
        return abs(a)
    if operation == "round":
        return round_places(a, int(right))
    b = operand(right)
    if operation == "add":
        return WIDE.add(a, b)
    if operation == "sub":
        return WIDE.subtract(a, b)
    if operation == "mul":
        return WIDE.multiply(a, b)
    if operation == "div":
        return divide(a, b)
    if operation == "compare":
        return compare(a, b)
    if operation == "equals":
        return "true" if a == b else "false"
    raise KeyError(operation)

for line in sys.stdin.read().split("\n")[:-1]:
    try:
        value = answer(*line.split("|"))
        print("beyond" if beyond(value) else value)
    except Beyond:
        print("beyond")
    except KeyError:
        raise
    except Exception as exc:
        print(exc)
"#;

/// The number of random operations in a run of the comparison.
const OPERATIONS: usize = 60_000;

/// A small generator of random numbers (`SplitMix64`), so that a run can be repeated from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u64) as usize]
    }
}

/// Digits that are often in the shape of a tie or of a carry through all places.
fn random_digits(random: &mut Random, count: usize) -> String {
    let alphabet = random.pick(&["0123456789", "0123456789", "059", "0", "9", "01", "45"]);
    let mut digits: String = (0..count)
        .map(|_| char::from(alphabet.as_bytes()[random.below(alphabet.len() as u64) as usize]))
        .collect();
    if count > 28 && random.one_in(2) {
        // A tie after the last digit that the host keeps, sometimes broken by a last digit.
        let start = digits.find(|digit| digit != '0').unwrap_or(0);
        if start + 28 < count {
            let tail = count - start - 29;
            let last = random.pick(&["0", "0", "1", "9"]);
            let tie = random.pick(&["5", "5", "4", "6"]);
            digits.truncate(start + 28);
            digits.push_str(tie);
            digits.push_str(&"0".repeat(tail.saturating_sub(1)));
            digits.push_str(&last.repeat(tail.min(1)));
        }
    }
    digits
}

fn random_exponent(random: &mut Random) -> i64 {
    match random.below(10) {
        0..=5 => random.between(-45, 45),
        6 => random.between(-999_999, 999_999),
        7 => random.between(999_900, 999_999),
        8 => random.between(-999_999, -999_900),
        _ => 0,
    }
}

/// A number of the host's grammar.
fn random_number(random: &mut Random) -> String {
    let count = match random.below(200) {
        0 => random.between(60, 3000),
        1..=20 => random.between(29, 80),
        21..=60 => random.between(26, 31),
        _ => random.between(1, 28),
    };
    let mut number = random_digits(random, count as usize);
    if random.one_in(2) {
        number.insert(random.below(number.len() as u64 + 1) as usize, '.');
    }
    number.insert_str(0, random.pick(&["", "", "", "-", "-", "+"]));
    if random.one_in(2) {
        let exponent = random_exponent(random);
        let _ = write!(number, "{}{exponent}", random.pick(&["e", "E"]));
    }
    number
}

fn random_float(random: &mut Random) -> f64 {
    match random.below(10) {
        0..=1 => f64::from_bits(random.next()),
        2 => [
            0.0,
            -0.0,
            f64::NAN,
            -f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            1e16,
            1e-4,
            9_999_999_999_999_998.0,
            0.1,
        ][random.below(13) as usize],
        3 => f64::from_bits(random.below(2047) << 52),
        // Fractions of few bits, where a text of 16 digits often is exactly between two others.
        8 => random.between(1 << 49, 1 << 53) as f64 / 8.0,
        9 => random.between(1, 4000) as f64 * 2f64.powi(random.between(-60, -15) as i32),
        4 => format!("1e{}", random.between(-20, 25))
            .parse()
            .expect("a float"),
        5 => random.between(-1_000_000, 1_000_000) as f64 / 100.0,
        6 => f64::from_bits(1e16f64.to_bits().wrapping_add_signed(random.between(-9, 9))),
        _ => f64::from_bits(1e-4f64.to_bits().wrapping_add_signed(random.between(-9, 9))),
    }
}

fn random_operand(random: &mut Random) -> String {
    match random.below(20) {
        0 => format!("int:{}", random.next() as i64),
        1..=2 => format!("int:{}", random.between(-1000, 1000)),
        3 => format!(
            "int:{}",
            random.pick(&["-9223372036854775808", "9223372036854775807", "0"])
        ),
        4..=6 => format!("float:{:016x}", random_float(random).to_bits()),
        7 => format!(
            "0:{}{}e{}",
            random.pick(&["", "-"]),
            random.pick(&["0", "0.00", ".0"]),
            random_exponent(random)
        ),
        // Squares of squares reach the end of libdecnumber's range of exponents.
        8 => format!("{}:{}", random.between(1, 10), random_number(random)),
        _ => format!("0:{}", random_number(random)),
    }
}

/// An operand that often is close to the given one.
fn random_partner(random: &mut Random, operand: &str) -> String {
    match operand.strip_prefix("0:") {
        // The same number with two more digits, with which comparisons and differences are hard.
        Some(number) if random.one_in(4) && !number.contains(['.', 'e', 'E']) => {
            format!(
                "0:{number}{}e-2",
                random.pick(&["00", "00", "01", "50", "49"])
            )
        }
        _ if random.one_in(20) => operand.to_owned(),
        // A number so small that it only decides how the other one is rounded.
        _ if random.one_in(6) => {
            let sign = random.pick(&["", "-"]);
            format!("0:{sign}{}e{}", random.below(30), random.between(-200, -20))
        }
        _ => random_operand(random),
    }
}

fn random_places(random: &mut Random) -> i64 {
    match random.below(12) {
        0..=6 => random.between(-5, 35),
        7..=8 => random.between(-40, 60),
        9 => random.between(-1_000_030, -999_900),
        10 => random.between(999_900, 1_000_060),
        _ => [i64::MIN, i64::MAX, 0, i64::MIN + 1][random.below(4) as usize],
    }
}

/// A text that is a number, or nearly one, or surrounded by whitespace of many kinds.
fn random_text(random: &mut Random) -> String {
    let mut text = if random.one_in(10) {
        let digits = random.pick(&["0", "00000000000000001"]);
        let mut exponent = digits.repeat(random.between(4295, 4305) as usize / digits.len());
        exponent.push_str(random.pick(&["", "7", "1000000", "999999"]));
        format!("1e{}{exponent}", random.pick(&["", "-", "+"]))
    } else {
        random_number(random)
    };
    if random.one_in(4) {
        let exponent = random.between(999_990, 1_000_010);
        let _ = write!(text, "{}{exponent}", random.pick(&["e", "E-", "e+000"]));
    }
    let edits = [
        "+", "-", ".", "e", "E", "7", "_", " ", "\t", "\u{b}", "\u{c}", "\u{1c}", "\u{1f}",
        "\u{85}", "\u{a0}", "\u{200a}", "\u{200b}", "\u{2028}", "\u{3000}", "\u{feff}", "\u{0}",
        "\u{663}", "NaN", "Infinity", "\n", "\r",
    ];
    for _ in 0..random.below(3) {
        let edit = random.pick(&edits);
        match random.below(6) {
            0..=1 => text.insert_str(0, edit),
            2..=3 => text.push_str(edit),
            4 => {
                let position = random.below(text.len() as u64 + 1) as usize;
                if text.is_char_boundary(position) {
                    text.insert_str(position, edit);
                }
            }
            _ => drop(text.pop()),
        }
    }
    text
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn random_request(random: &mut Random) -> String {
    let operation = random.pick(&[
        "add",
        "add",
        "add",
        "sub",
        "sub",
        "mul",
        "mul",
        "div",
        "div",
        "compare",
        "equals",
        "round",
        "round",
        "neg",
        "abs",
        "text",
        "float",
        "parse ascii",
        "parse unicode",
    ]);
    if operation.starts_with("parse") {
        return format!(
            "{operation}|{}|",
            hexadecimal(random_text(random).as_bytes())
        );
    }
    let left = random_operand(random);
    let right = match operation {
        "round" => random_places(random).to_string(),
        "neg" | "abs" | "text" | "float" => String::new(),
        _ => random_partner(random, &left),
    };
    format!("{operation}|{left}|{right}")
}

/// Asks one process of Python for its answers to all the requests.
fn python(requests: &[String]) -> Vec<String> {
    let mut child = Command::new("python3")
        .args(["-c", EVALUATOR])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the comparison needs `python3`");
    let mut input = child.stdin.take().expect("the input is a pipe");
    let text = requests.join("\n") + "\n";
    // The evaluator reads all of its input before it writes, so neither side waits for the other.
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the evaluator failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn parse(text: &str) -> Option<Decimal> {
    Decimal::parse(text, Whitespace::Ascii).unwrap()
}

fn operand(text: &str) -> Result<Decimal, DecimalError> {
    let (kind, text) = text.split_once(':').unwrap();
    match kind {
        "int" => Ok(Decimal::from_i64(text.parse().unwrap())),
        "float" => {
            let bits = u64::from_str_radix(text, 16).unwrap();
            Ok(Decimal::from_f64(f64::from_bits(bits)))
        }
        squarings => (0..squarings.parse().unwrap())
            .try_fold(parse(text).unwrap(), |value: Decimal, _: u32| {
                value.mul(&value)
            }),
    }
}

fn evaluate(request: &str) -> Result<String, DecimalError> {
    let [operation, left, right] = request.split('|').collect::<Vec<_>>()[..] else {
        panic!("a request has three parts: {request}");
    };
    let optional = |value: Option<Decimal>| match value {
        Some(value) => value.to_string(),
        None => "None".to_owned(),
    };
    if let Some(ignored) = operation.strip_prefix("parse ") {
        let ignored = match ignored {
            "ascii" => Whitespace::Ascii,
            _ => Whitespace::Unicode,
        };
        let bytes: Vec<u8> = (0..left.len() / 2)
            .map(|index| u8::from_str_radix(&left[2 * index..2 * index + 2], 16).unwrap())
            .collect();
        return Decimal::parse(str::from_utf8(&bytes).unwrap(), ignored).map(optional);
    }
    let value = operand(left)?;
    let other = || operand(right);
    Ok(match operation {
        "text" => value.to_string(),
        "float" => format!("{:016x}", value.to_f64().to_bits()),
        "neg" => value.neg()?.to_string(),
        "abs" => value.abs()?.to_string(),
        "round" => value.round(right.parse().unwrap()).to_string(),
        "add" => value.add(&other()?)?.to_string(),
        "sub" => value.sub(&other()?)?.to_string(),
        "mul" => value.mul(&other()?)?.to_string(),
        "div" => optional(value.div(&other()?)?),
        "compare" => format!("{:?}", value.compare(&other()?)?),
        "equals" => value.equals(&other()?).to_string(),
        _ => panic!("an unknown operation: {operation}"),
    })
}

/// Compares the answers, and gives how many requests ended at libdecnumber's limit of exponents.
fn assert_agreement(requests: &[String]) -> usize {
    let answers = python(requests);
    assert_eq!(requests.len(), answers.len());
    let mut differences = Vec::new();
    let mut limited = 0;
    for (request, expected) in requests.iter().zip(&answers) {
        let actual = match evaluate(request) {
            Ok(value) => value,
            Err(DecimalError::ExponentOutOfRange) => {
                limited += 1;
                "beyond".to_owned()
            }
            Err(error) => error.to_string(),
        };
        if actual != *expected {
            differences.push(format!(
                "{request}\n  Python: {expected}\n  here:   {actual}"
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} answers differ:\n{}",
        differences.len(),
        requests.len(),
        differences[..differences.len().min(20)].join("\n")
    );
    limited
}

/// The seed is fixed so that a run is repeatable; `VERA_DECIMAL_SEED` tries another one.
#[test]
fn random_operations_agree_with_python() {
    let seed = std::env::var("VERA_DECIMAL_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    let requests: Vec<String> = (0..OPERATIONS)
        .map(|_| random_request(&mut random))
        .collect();
    let limited = assert_agreement(&requests);
    assert!(
        limited < OPERATIONS / 20,
        "{limited} operations prove little"
    );
}

/// The exponent of a text can only reach beyond Python's default context by its digits.
#[test]
fn the_ends_of_the_default_context_agree_with_python() {
    let numbers = [
        "9.999999999999999999999999999e999999",
        "9.9999999999999999999999999995e999999",
        "10e999999",
        "0e999999",
        "1e-999999",
        "0.0000000000000000000000000015e-999999",
        "0.000000000000000000000000001e-999999",
        "0.00000000000000000000000000005e-999999",
        "0.0000000000000000000000000001e-999999",
        "0.00000000000000000000000000000000e-999999",
        "1.5e-999999",
        "0",
        "-0",
        "1",
    ];
    let mut requests = Vec::new();
    for number in numbers {
        for operation in ["neg", "abs", "text", "float"] {
            requests.push(format!("{operation}|0:{number}|"));
        }
        for places in [
            -1_000_000,
            -999_999,
            -999_973,
            -999_972,
            -28,
            -27,
            -1,
            0,
            1,
            27,
            28,
            999_999,
            1_000_000,
            1_000_025,
            1_000_026,
            1_000_027,
            2_000_000,
            i64::MAX,
            i64::MIN,
        ] {
            requests.push(format!("round|0:{number}|{places}"));
        }
        for other in numbers {
            for operation in ["add", "sub", "mul", "div", "compare", "equals"] {
                requests.push(format!("{operation}|0:{number}|0:{other}"));
            }
        }
    }
    assert_eq!(assert_agreement(&requests), 0);
}

#[test]
fn long_numbers_agree_with_python() {
    let mut random = Random(2);
    let mut number = || {
        let mut digits = random_digits(&mut random, MAXIMUM_DIGITS - 1);
        digits.insert(random.below(MAXIMUM_DIGITS as u64 - 1) as usize, '.');
        format!(
            "0:{}{digits}e{}",
            1 + random.below(9),
            random.between(-9, 9)
        )
    };
    let mut requests = Vec::new();
    for _ in 0..3 {
        let (left, right) = (number(), number());
        for operation in ["add", "sub", "mul", "div", "compare", "equals"] {
            for other in [
                &right,
                &left,
                "int:7",
                "0:1e-9",
                "0:1e-40000",
                "0:-1e-99999",
                "0:-1e50000",
                "float:7ff0000000000000",
            ] {
                requests.push(format!("{operation}|{left}|{other}"));
                requests.push(format!("{operation}|{other}|{left}"));
            }
        }
        for operation in ["neg", "abs", "text", "float"] {
            requests.push(format!("{operation}|{left}|"));
        }
        for places in -2..30 {
            requests.push(format!("round|{left}|{places}"));
        }
    }
    assert_agreement(&requests);
}

/// Powers of two have unequal distances to the floats on their two sides.
#[test]
fn texts_of_floats_agree_with_python() {
    let mut requests = Vec::new();
    for power in (0..52)
        .map(|bit| 1 << bit)
        .chain((1..2047u64).map(|exponent| exponent << 52))
    {
        for bits in [power - 1, power, power + 1] {
            requests.push(format!("text|float:{bits:016x}|"));
        }
    }
    assert_agreement(&requests);
}

#[test]
fn texts_are_those_of_python() {
    let text = |number| parse(number).unwrap().to_string();
    assert_eq!(text(" 1e3\n"), "1E+3");
    assert_eq!(text("-0"), "-0");
    assert_eq!(text("0e-10"), "0E-10");
    assert_eq!(text("00.50"), "0.50");
    assert_eq!(format!("{:#}", parse("1e4").unwrap()), "1E+4");
    assert_eq!(Decimal::from_f64(-f64::NAN).to_string(), "NaN");
    assert_eq!(
        Decimal::from_f64(f64::NEG_INFINITY).to_string(),
        "-Infinity"
    );
    assert_eq!(Decimal::from_f64(1e15).to_string(), "1000000000000000.0");
    assert_eq!(Decimal::from_f64(1e16).to_string(), "1E+16");
    assert_eq!(
        Decimal::from_i64(i64::MIN).to_string(),
        "-9223372036854775808"
    );
}

#[test]
fn what_is_not_a_number_of_the_grammar_is_none() {
    for text in [
        "",
        ".",
        "1_0",
        "NaN",
        "1e",
        "1e+-2",
        "--1",
        "1e1000000",
        "\u{a0}1",
        "1\0",
    ] {
        assert!(parse(text).is_none(), "{text:?}");
    }
    let with_space = Decimal::parse("\u{a0}1\u{1c}", Whitespace::Unicode).unwrap();
    assert_eq!(with_space.unwrap().to_string(), "1");
}

#[test]
fn rounding_to_tens_rounds_to_whole_numbers() {
    let number = parse("1234.5").unwrap();
    assert_eq!(number.round(-2).to_string(), "1234");
    assert_eq!(number.round(30).to_string(), "1234.5");
}

#[test]
fn too_many_digits_are_refused() {
    let digits = "7".repeat(MAXIMUM_DIGITS);
    assert_eq!(parse(&digits).unwrap().to_string(), digits);
    let error = Decimal::parse(&(digits + "7"), Whitespace::Ascii).unwrap_err();
    assert_eq!(error, DecimalError::TooManyDigits(MAXIMUM_DIGITS + 1));
    assert!(error.to_string().contains(&MAXIMUM_DIGITS.to_string()));
}

#[test]
fn exponents_beyond_the_library_are_refused() {
    let mut large = parse("1e999999").unwrap();
    let error = loop {
        match large.mul(&large) {
            Ok(square) => large = square,
            Err(error) => break error,
        }
    };
    assert_eq!(error, DecimalError::ExponentOutOfRange);
    let infinity = Decimal::from_f64(f64::INFINITY);
    let quotient = Decimal::from_i64(1).div(&infinity);
    assert_eq!(quotient.unwrap_err(), DecimalError::ExponentOutOfRange);
}

#[test]
fn exceptions_have_the_text_of_python() {
    let infinity = Decimal::from_f64(f64::INFINITY);
    let invalid = "[<class 'decimal.InvalidOperation'>]";
    assert_eq!(infinity.sub(&infinity).unwrap_err().to_string(), invalid);
    let nan = Decimal::from_f64(f64::NAN);
    assert_eq!(nan.compare(&infinity).unwrap_err().to_string(), invalid);
    assert!(!nan.equals(&nan));
    let error = parse("10e999999").unwrap().neg().unwrap_err();
    assert_eq!(error.to_string(), "[<class 'decimal.Overflow'>]");
}

/// libdecnumber alone rounds this up, because it rounds the long number before it subtracts.
#[test]
fn a_small_number_breaks_the_tie_of_a_long_one() {
    let tie = format!("{}5{}.001", "9".repeat(28), "0".repeat(17));
    let difference = parse(&tie).unwrap().sub(&parse("5.95").unwrap());
    assert_eq!(
        difference.unwrap().to_string(),
        "9.999999999999999999999999999E+45"
    );
}

/// Rust alone writes this float with a last digit of three.
#[test]
fn a_float_between_two_shortest_texts_takes_the_even_one() {
    let between = Decimal::from_f64(1_471_918_174_412_878.0 + 0.25);
    assert_eq!(between.to_string(), "1471918174412878.2");
}
