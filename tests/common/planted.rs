//! A Vera with a fault in it: a copy of the installed release, with one piece of its
//! code generator replaced by hand.
//!
//! The faults that the harness plants into modules (`vera_stress_module::faults`)
//! show what its lanes notice. These show what a person is told of a fault that
//! somebody made where such faults are made.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Place, RELEASE, release_python};

/// A fault of one line or a few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An array literal that isn't rooted while its elements are made.
    Root,
    /// `string_join` that counts anew where each of its texts goes.
    Quadratic,
    /// `array_map` that loses the last of more than 4,096 elements.
    Dropped,
    /// A function that leaves one root behind when it returns a number.
    Leak,
    /// `a && b` that is true where `a` is false.
    Operator,
}

impl Fault {
    /// All.
    pub const ALL: [Fault; 5] = [
        Fault::Root,
        Fault::Quadratic,
        Fault::Dropped,
        Fault::Leak,
        Fault::Operator,
    ];

    /// A Vera with this fault, in a folder of `place`.
    pub fn plant(self, place: &Place) -> PathBuf {
        let folder = copy_of_vera(place, &format!("{self:?}").to_lowercase());
        let Edit { file, old, new } = self.edit();
        let file = folder.join("vera").join(file);
        let text = fs::read_to_string(&file).unwrap();
        // Of another release, this is to be looked at and not to be guessed.
        assert_eq!(text.matches(old).count(), 1, "the place of {self:?}");
        fs::write(&file, text.replace(old, new)).unwrap();
        folder
    }

    fn edit(self) -> Edit {
        match self {
            Fault::Root => Edit {
                file: "wasm/data.py",
                old: r#"        instructions.append(f"local.set {tmp_ptr}")
        instructions.extend(gc_shadow_push(tmp_ptr))

        # Store each element
"#,
                new: r#"        instructions.append(f"local.set {tmp_ptr}")

        # Store each element
"#,
            },
            Fault::Quadratic => Edit {
                file: "wasm/calls_strings.py",
                old: r#"        ins.append(f"    local.set {str_len}")
        # Copy string bytes
"#,
                new: r#"        ins.append(f"    local.set {str_len}")
        ins.extend(f"""
            i32.const 0
            local.set {out_idx}
            i32.const 0
            local.set {copy_idx}
            block $counted
              loop $count
                local.get {copy_idx}
                local.get {i}
                i32.ge_u
                br_if $counted
                local.get {arr_ptr}
                local.get {copy_idx}
                i32.const 8
                i32.mul
                i32.add
                i32.load offset=4
                local.get {len_sep}
                i32.add
                local.get {out_idx}
                i32.add
                local.set {out_idx}
                local.get {copy_idx}
                i32.const 1
                i32.add
                local.set {copy_idx}
                br $count
              end
            end
""".strip().splitlines())
        # Copy string bytes
"#,
            },
            Fault::Dropped => Edit {
                file: "wasm/calls_arrays.py",
                old: r#"        instructions.append(f"local.get {arr_len}")
        return instructions

    def _translate_array_filter(
"#,
                new: r#"        instructions.append(f"local.get {arr_len}")
        instructions.append(f"local.get {arr_len}")
        instructions.append("i32.const 4096")
        instructions.append("i32.gt_u")
        instructions.append("i32.sub")
        return instructions

    def _translate_array_filter(
"#,
            },
            Fault::Leak => Edit {
                file: "codegen/functions.py",
                old: r#"                gc_ret = ctx.alloc_local(ret_wt)
                gc_epilogue.append(f"local.set {gc_ret}")
                gc_epilogue.append(f"local.get {gc_sp_save}")
"#,
                new: r#"                gc_ret = ctx.alloc_local(ret_wt)
                gc_epilogue.append(f"local.set {gc_ret}")
                gc_epilogue.append(f"local.get {gc_sp_save}")
                gc_epilogue.append("i32.const 4")
                gc_epilogue.append("i32.add")
"#,
            },
            Fault::Operator => Edit {
                file: "wasm/operators.py",
                old: r#"decided = ["  i32.const 0" if op == ast.BinOp.AND"#,
                new: r#"decided = ["  i32.const 1" if op == ast.BinOp.AND"#,
            },
        }
    }
}

/// One text in one file of the package, and what stands there instead.
struct Edit {
    file: &'static str,
    old: &'static str,
    new: &'static str,
}

/// A copy of the installed release's package, in `folder`/vera of a place.
pub fn copy_of_vera(place: &Place, folder: &str) -> PathBuf {
    let folder = place.path(folder);
    copy(&site_packages().join("vera"), &folder.join("vera"));
    folder
}

/// Where the installed release has its packages.
pub fn site_packages() -> PathBuf {
    let library = release_python(RELEASE)
        .parent()
        .unwrap()
        .with_file_name("lib");
    let versions = fs::read_dir(library).unwrap();
    versions
        .map(|entry| entry.unwrap().path().join("site-packages"))
        .find(|it| it.is_dir())
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        match path.is_dir() {
            true if name == "__pycache__" => {}
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}
