"""What of Vera's own code makes and runs modules: the functions and lines of its code
generator and runtime, and the sites that emit something that matters at scale (a
root, an allocation, a loop, a call of the host), found in the release's source.

Which of them compiling and running a program executes, `Traced` says.
"""

import ast
import json
import os
import re
import sys

FOLDERS = ("codegen", "wasm", "runtime")

# What the text of a module has where a site emits it.
EMITTED = (
    ("allocation", re.compile(r"call \$alloc\b")),
    ("loop", re.compile(r"(^|[(\s])loop(\s*$|\s+\$|\s*\()")),
    ("host call", re.compile(r"call \$vera\.")),
)


def package():
    import vera

    return os.path.dirname(os.path.abspath(vera.__file__))


def named(call):
    function = call.func
    return getattr(function, "id", None) or getattr(function, "attr", "")


def emitted(node):
    """What a node of the source puts into a module; None where it is no site."""
    if isinstance(node, ast.Call):
        if "shadow_push" in named(node):
            return "root"
        if named(node).endswith("call_alloc"):
            return "allocation"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return next((kind for kind, text in EMITTED if text.search(node.value)), None)
    return None


class Source(ast.NodeVisitor):
    """One file: its functions, the lines that run in them, and its sites."""

    def __init__(self, name, text):
        self.name = name
        self.text = text.split("\n")
        self.functions, self.sites, self.lines = [], [], set()
        self.within, self.statement = [], None
        self.gather(compile(text, name, "exec"), in_function=False)
        self.visit(ast.parse(text))

    def gather(self, code, in_function):
        # Of modules and classes, all is run by importing them.
        in_function = in_function or bool(code.co_flags & 0x2)
        if in_function:
            self.lines.update(line for *_, line in code.co_lines() if line)
        for inner in code.co_consts:
            if hasattr(inner, "co_code"):
                self.gather(inner, in_function)

    def visit_FunctionDef(self, node):
        self.within.append(node.name)
        body = node.body
        docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        if docstring:
            body = body[1:]
        if body:
            first = body[0].lineno
            self.functions.append(
                {
                    "name": ".".join(self.within),
                    "line": node.lineno,
                    "first": first,
                    "last": node.end_lineno,
                }
            )
        self.in_function = getattr(self, "in_function", 0) + 1
        for statement in body:
            self.visit(statement)
        self.in_function -= 1
        self.within.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the name that ast asks for

    def visit_ClassDef(self, node):
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    def visit(self, node):
        outer = self.statement
        if isinstance(node, ast.stmt):
            self.statement = node
        kind = emitted(node) if getattr(self, "in_function", 0) else None
        if kind:
            at = node.lineno if node.lineno in self.lines else self.statement.lineno
            self.sites.append(
                {
                    "kind": kind,
                    "file": self.name,
                    "line": node.lineno,
                    "at": at,
                    "function": ".".join(self.within),
                    "text": self.text[node.lineno - 1].strip(),
                }
            )
        super().visit(node)
        self.statement = outer


def sources():
    root = package()
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if name.endswith(".py"):
                shown = f"{folder}/{name}"
                with open(os.path.join(root, folder, name), encoding="utf-8") as file:
                    yield Source(shown, file.read())


def inventory():
    files, functions, sites, seen = [], [], [], set()
    for source in sources():
        lines = sorted(source.lines)
        files.append({"file": source.name, "lines": lines})
        for function in source.functions:
            own = [it for it in lines if function["first"] <= it <= function["last"]]
            functions.append(
                {
                    "file": source.name,
                    "name": function["name"],
                    "line": function["line"],
                    "lines": own,
                }
            )
        for site in source.sites:
            key = (site["kind"], site["file"], site["line"])
            if key not in seen:
                seen.add(key)
                sites.append(site)
    return {"files": files, "functions": functions, "sites": sites}


class Traced:
    """Keeps which lines of Vera's code generator and runtime run; at its end, and
    where the process ends in the middle of it, they are in `lines.json`."""

    def __init__(self, out):
        self.out = out
        root = package()
        self.prefixes = tuple(os.path.join(root, it) + os.sep for it in FOLDERS)
        self.root = len(root) + 1
        self.lines, self.tracers = {}, {}

    def tracer(self, code):
        """What watches the frames of a code object; None for what is not looked at."""
        if not code.co_filename.startswith(self.prefixes):
            return None
        lines = self.lines.setdefault(code.co_filename[self.root :], set())
        add = lines.add

        def watch(frame, event, _):
            add(frame.f_lineno)
            return watch

        return watch

    def called(self, frame, _event, _):
        code = frame.f_code
        try:
            return self.tracers[code]
        except KeyError:
            self.tracers[code] = watch = self.tracer(code)
            return watch

    def __enter__(self):
        exit_now = os._exit

        def leave(status):
            self.write()
            exit_now(status)

        self.exit_now = exit_now
        os._exit = leave
        sys.settrace(self.called)
        return self

    def __exit__(self, *_):
        sys.settrace(None)
        os._exit = self.exit_now
        self.write()

    def write(self):
        sys.settrace(None)
        lines = {file: sorted(lines) for file, lines in self.lines.items()}
        with open(os.path.join(self.out, "lines.json"), "w", encoding="utf-8") as file:
            json.dump(lines, file)
