//! Modules that no compiler should have made: whatever the native engine is
//! given, it says in one ending what is wrong with it.

use crate::native::{Module, Vera, every, number, random, request, scenario, trap, value};
use vera_stress::case::{Ending, GcMode, Lane, Value};
use vera_stress::engine::native::NativeRequest;
use vera_stress::interrupt::Interrupt;
use vera_stress::toolchain::compile::Stop;

/// A module with this body of `main`, which takes n, and these other fields.
fn main_of(fields: &str, body: &str) -> Module {
    Module::text(&format!(
        "(module {fields} (func (export \"main\") (param i64) (result i64) {body}))"
    ))
}

#[track_caller]
fn assert_rejected(module: &Module, arguments: &[i64], words: &str) {
    match &module.shipped(arguments).ending {
        Ending::Rejected { message, .. } => assert!(message.contains(words), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_unsupported(fields: &str, words: &str) {
    match &main_of(fields, "local.get 0").shipped(&[1]).ending {
        Ending::Unsupported { message } => assert!(message.contains(words), "{message}"),
        other => panic!("{fields}: {other:?}"),
    }
}

#[test]
fn a_module_without_main_is_rejected() {
    let none = "exports no function `main`";
    assert_rejected(&Module::text("(module)"), &[], none);
    let other = "(module (func (export \"Main\") (result i64) i64.const 1))";
    assert_rejected(&Module::text(other), &[], none);
    let memory = "(module (memory (export \"main\") 1))";
    assert_rejected(&Module::text(memory), &[], none);
}

#[test]
fn a_main_that_takes_something_else_is_rejected() {
    for (parameters, given, words) in [
        ("i64", &[][..], "takes 1 WebAssembly parameters, and 0"),
        ("i64 i64", &[1], "takes 2 WebAssembly parameters, and 1"),
        ("", &[1], "takes 0 WebAssembly parameters, and 1"),
        ("i64", &[1, 2], "takes 1 WebAssembly parameters, and 2"),
        ("i32", &[1], "of another type than what is given"),
        ("f32", &[1], "of another type than what is given"),
        ("f64", &[1], "of another type than what is given"),
        ("externref", &[1], "of another type than what is given"),
        ("v128", &[1], "of another type than what is given"),
    ] {
        let text = format!("(module (func (export \"main\") (param {parameters})))");
        assert_rejected(&Module::text(&text), given, words);
    }
    let takes_one = main_of("", "local.get 0");
    let request = |argument: &str| NativeRequest {
        arguments: vec![argument.to_owned()],
        ..request(&[])
    };
    for no_number in ["", "x", "1.5", "9223372036854775808"] {
        let ending = takes_one.execute(&request(no_number)).ending;
        assert!(matches!(ending, Ending::Rejected { .. }), "{ending:?}");
    }
    for n in [i64::MIN, -1, 0, i64::MAX] {
        assert_eq!(number(&takes_one.execute(&request(&n.to_string()))), n);
    }
}

#[test]
fn a_result_is_shown_as_vera_shows_it_or_rejected() {
    let returns = |results: &str, body: &str| {
        let text = format!(
            "(module (memory (export \"memory\") 1) (data (i32.const 8) \"h\\c3\\a9\\ff\")
               (func (export \"main\") (result {results}) {body}))"
        );
        let mut module = Module::text(&text);
        module.about.returns_text = true;
        module.shipped(&[])
    };
    let shown = |results: &str, body: &str| value(&returns(results, body)).clone();
    assert_eq!(shown("", ""), Value::Unit);
    assert_eq!(shown("i64", "i64.const -3"), Value::Int(-3));
    assert_eq!(shown("i32", "i32.const -3"), Value::Int(-3));
    assert_eq!(shown("f64", "f64.const -0.5"), Value::Float(-0.5));
    let pair = "i32 i32";
    let text = |at: i32, length: i32| shown(pair, &format!("i32.const {at} i32.const {length}"));
    assert_eq!(text(8, 3), Value::Text("hé".to_owned()));
    assert_eq!(text(8, 4), Value::Text("hé\u{fffd}".to_owned()));
    assert_eq!(text(0, 0), Value::Text(String::new()));
    // What is not in memory is shown by its address, as Vera's host does.
    for (at, length) in [
        (65_536, 1),
        (-1, 1),
        (0, 65_537),
        (8, -1),
        (i32::MAX, i32::MAX),
    ] {
        assert_eq!(text(at, length), Value::Int(at.into()), "{at}, {length}");
    }
    for (results, body) in [
        ("f32", "f32.const 1"),
        ("externref", "ref.null extern"),
        ("funcref", "ref.null func"),
        ("v128", "v128.const i64x2 1 2"),
        ("i64 i64", "i64.const 1 i64.const 2"),
        ("i32 i32 i32", "i32.const 1 i32.const 2 i32.const 3"),
    ] {
        let ending = returns(results, body).ending;
        assert!(matches!(ending, Ending::Rejected { .. }), "{ending:?}");
    }
}

#[test]
fn an_import_that_the_engine_has_not_is_unsupported_by_name() {
    let import = |what: &str| assert_unsupported(&format!("(import {what})"), "vera.teleport");
    import("\"vera\" \"teleport\" (func)");
    import("\"vera\" \"teleport\" (func (param i64 f32) (result v128))");
    import("\"vera\" \"teleport\" (memory 1)");
    import("\"vera\" \"teleport\" (table 1 funcref)");
    import("\"vera\" \"teleport\" (global i32)");
    import("\"vera\" \"teleport\" (global (mut i64))");
    import("\"vera\" \"teleport\" (tag (param i32))");
    assert_unsupported("(import \"vera\" \"print\" (global i32))", "no function");
    let elsewhere = "(import \"env\" \"print\" (func (param i32 i32)))";
    assert_unsupported(elsewhere, "env.print");
    // Ours is for what we add ourselves.
    let ours = "(import \"vera-stress\" \"tell\" (func))";
    assert_unsupported(ours, "vera-stress.tell");
    for name in [
        "",
        "state_",
        "state_get",
        "state_move_Int",
        "map_insert$kx_vi",
    ] {
        let import = format!("(import \"vera\" \"{name}\" (func))");
        assert_unsupported(&import, &format!("vera.{name}"));
    }
}

#[test]
fn a_known_import_with_another_signature_is_unsupported() {
    for (name, signature) in [
        ("print", "(param i32)"),
        ("print", "(param i32 i64)"),
        ("print", "(param i32 i32) (result i32)"),
        ("exit", "(param i32)"),
        ("decimal_add", "(param i32 i32) (result i64)"),
        ("sin", "(param f32) (result f32)"),
        ("state_get_Int", "(result f32)"),
        ("state_put_Int", "(param f32)"),
        ("state_push_Int", "(param i64)"),
        ("trap", ""),
        ("map_insert$ks_vs", "(param i32 i64 i64) (result i32)"),
        ("set_add$es", "(param i32 i64) (result i32)"),
    ] {
        let import = format!("(import \"vera\" \"{name}\" (func {signature}))");
        assert_unsupported(&import, &format!("vera.{name} as "));
    }
    // The same name twice, once as it is and once otherwise.
    let both = "(import \"vera\" \"print\" (func (param i32 i32)))
                (import \"vera\" \"print\" (func (param i64)))";
    assert_unsupported(both, "vera.print as ");
}

#[test]
fn what_is_no_module_is_an_invalid_module() {
    let good = main_of("(memory 1)", "local.get 0").wasm;
    let invalid = [
        ("nothing", Vec::new()),
        ("text", b"(module)".to_vec()),
        ("another version", b"\0asm\x02\0\0\0".to_vec()),
        ("a component", b"\0asm\x0d\0\x01\0".to_vec()),
        ("half a header", good[..6].to_vec()),
        ("half a module", good[..good.len() / 2].to_vec()),
        ("a byte too few", good[..good.len() - 1].to_vec()),
        ("a byte too many", [&good[..], &[0]].concat()),
    ];
    for (what, wasm) in invalid {
        let module = Module::new(wasm);
        for mode in [GcMode::Shipped, GcMode::Eager, GcMode::Never] {
            let ending = module.run(mode, &[1]).ending;
            assert!(
                matches!(ending, Ending::InvalidModule { .. }),
                "{what}: {ending:?}"
            );
        }
    }
    for text in [
        "(module (func (export \"main\") (result i64)))",
        "(module (func (export \"main\") (result i64) i32.const 1))",
        "(module (func (export \"main\") local.get 3 drop))",
        "(module (func (export \"main\") call 7))",
        "(module (func (export \"main\") i32.const 0 i32.load drop))",
        "(module (memory i64 1) (func (export \"main\")))",
        "(module (memory 1 1 shared) (func (export \"main\") i32.const 0 i32.const 0 i64.const 0 memory.atomic.wait32 drop) (export \"x\" (func 4)))",
    ] {
        let ending = Module::text(text).shipped(&[]).ending;
        assert!(matches!(ending, Ending::InvalidModule { .. }), "{ending:?}");
    }
}

#[test]
fn a_module_that_cannot_be_instantiated_traps_there() {
    for fields in [
        "(memory 1) (data (i32.const 65530) \"0123456789\")",
        "(memory 1) (data (i32.const -1) \"0\")",
        "(table 1 funcref) (func $f) (elem (i32.const 1) $f)",
        "(func $start unreachable) (start $start)",
        "(func $start (drop (i32.div_s (i32.const 1) (i32.const 0)))) (start $start)",
        "(func $start (call $start) (nop)) (start $start)",
    ] {
        let outcome = main_of(fields, "local.get 0").shipped(&[1]);
        assert_eq!(trap(&outcome).kind, "instantiation", "{fields}");
    }
}

#[test]
fn a_start_function_that_calls_the_host_is_unsupported_where_it_needs_the_program() {
    let start = |call: &str| {
        let fields = format!(
            "(import \"vera\" \"print\" (func $print (param i32 i32)))
             (import \"vera\" \"time\" (func $time (result i64)))
             (import \"vera\" \"args\" (func $args (result i32 i32)))
             (import \"vera\" \"exit\" (func $exit (param i64)))
             (memory (export \"memory\") 1) (func $start {call}) (start $start)"
        );
        main_of(&fields, "local.get 0").shipped(&[1]).ending
    };
    let early = start("(call $print (i32.const 0) (i32.const 3))");
    assert!(matches!(early, Ending::Unsupported { .. }), "{early:?}");
    let early = start("(call $args) drop drop");
    assert!(matches!(early, Ending::Unsupported { .. }), "{early:?}");
    let fine = start("(drop (call $time))");
    assert!(
        matches!(
            fine,
            Ending::Returned {
                exit_code: None,
                ..
            }
        ),
        "{fine:?}"
    );
    let exit = start("(call $exit (i64.const 3))");
    assert!(
        matches!(
            exit,
            Ending::Returned {
                exit_code: Some(3),
                ..
            }
        ),
        "{exit:?}"
    );
}

/// A later release may rename what is counted here. A run that counts nothing
/// and forces nothing must not pass for one that does.
#[test]
fn a_runtime_that_is_not_known_is_an_error_of_the_run() {
    let known = Vera::of("0.2.5").compile_in(&scenario("life"), Lane::NATIVE);
    let name = b"gc_stack_limit";
    let at = known.wasm.windows(name.len()).rposition(|it| it == name);
    let mut wasm = known.wasm.clone();
    wasm[at.expect("the name section has it")] = b'G';
    let stop = known
        .with(wasm)
        .execute_until(&request(&[1]), &Interrupt::new())
        .unwrap_err();
    assert!(matches!(stop, Stop::UnknownRuntime(_)), "{stop:?}");
    let text = stop.to_string();
    assert!(text.contains("`gc_stack_limit` is not where"), "{text}");
}

#[test]
fn a_program_that_ends_itself_gives_its_code() {
    let exit = main_of(
        "(import \"vera\" \"exit\" (func $exit (param i64)))",
        "(call $exit (local.get 0)) unreachable",
    );
    for mode in [
        GcMode::Shipped,
        GcMode::Eager,
        every(2),
        random(1),
        GcMode::PerStack,
    ] {
        for code in [0, 1, 255, 256, -1, i64::MIN, i64::MAX] {
            let ending = exit.run(mode, &[code]).ending;
            let expected = Ending::Returned {
                value: Value::Unit,
                exit_code: Some(code),
            };
            assert_eq!(ending, expected);
        }
    }
}
