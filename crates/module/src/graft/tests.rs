use super::*;

/// Leaves all functions as they are, and adds one that does nothing for each
/// that was promised.
struct Copyist(usize);

impl Surgeon for Copyist {
    fn operate(&mut self, indices: &mut Indices, body: &Body<'_>) -> Rewritten<Function> {
        let mut code = indices.begin(body, [])?;
        for operator in &body.code {
            code.instruction(&indices.instruction(operator.clone())?);
        }
        Ok(code)
    }

    fn added(&mut self) -> Vec<Function> {
        let mut empty = Function::new([]);
        empty.instructions().end();
        vec![empty; self.0]
    }
}

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {text})")).unwrap()
}

/// What becomes of a module to which a type, an import, a global and an export of
/// it are added.
fn grafted(text: &str) -> String {
    let wasm = module(text);
    let anatomy = Anatomy::of(&wasm).unwrap();
    let mut graft = Graft::onto(&anatomy);
    let ty = graft.ty(&[], &[]);
    graft.import("told", ty);
    let counter = graft.counter();
    graft.export("count", ExportKind::Global, counter);
    let wasm = graft.apply(&mut Copyist(0)).unwrap();
    Anatomy::of(&wasm).expect("what is made of a module is valid");
    wasmprinter::print_bytes(&wasm).unwrap()
}

#[test]
fn nothing_added_is_nothing_changed() {
    let wasm = module(
        r#"(import "host" "print" (func $print (param i32)))
           (memory (export "memory") 1) (global $g (mut i32) (i32.const 1))
           (func $main (export "main") (local i64 i32) global.get $g call $print)"#,
    );
    let anatomy = Anatomy::of(&wasm).unwrap();
    let same = Graft::onto(&anatomy).apply(&mut Copyist(0)).unwrap();
    assert_eq!(
        wasmprinter::print_bytes(same).unwrap(),
        wasmprinter::print_bytes(&wasm).unwrap()
    );
}

#[test]
fn sections_that_a_module_lacks_are_added_in_their_order() {
    for text in [
        "",
        "(func)",
        "(memory 1)",
        "(global i32 (i32.const 0))",
        r#"(func (export "main"))"#,
        r#"(import "host" "print" (func))"#,
        r"(start $main) (func $main)",
        "(table 1 funcref) (elem (i32.const 0) 0) (func)",
        r#"(memory 1) (data (i32.const 0) "text")"#,
    ] {
        let text = grafted(text);
        for part in [
            r#"(import "vera-stress" "told""#,
            r#"(export "count" (global "#,
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn functions_move_behind_the_imports_with_their_names() {
    let text = grafted(
        r#"(import "host" "print" (func $print))
           (func $main (export "main") call $print call $main)
           (table 1 funcref) (elem (i32.const 0) $main)"#,
    );
    let after = text
        .split_once("(func $main (;2;)")
        .expect("it has moved")
        .1;
    assert!(after.contains("call $print"), "{text}");
    assert!(after.contains("call $main"), "{text}");
    assert!(text.contains("(export \"main\" (func $main))"), "{text}");
    assert!(
        text.contains("(elem (;0;) (i32.const 0) func $main)"),
        "{text}"
    );
}

#[test]
fn what_is_added_has_the_index_that_was_said() {
    let wasm = module("(func $first) (func $second)");
    let anatomy = Anatomy::of(&wasm).unwrap();
    let mut graft = Graft::onto(&anatomy);
    let ty = graft.ty(&[], &[]);
    assert_eq!(graft.import("a", ty), 0);
    assert_eq!(graft.import("b", ty), 1);
    assert_eq!(graft.function(ty, None), 4);
    assert_eq!(graft.function(ty, Some("third")), 5);
    assert_eq!((graft.counter(), graft.counter()), (0, 1));
    assert_eq!(graft.indices().moved(0), 2);
    let wasm = graft.apply(&mut Copyist(2)).unwrap();
    let anatomy = Anatomy::of(&wasm).unwrap();
    assert_eq!(anatomy.function_named("second"), Some(3));
    assert_eq!(anatomy.function_named("third"), Some(5));
    assert_eq!(anatomy.functions, 6);
}
