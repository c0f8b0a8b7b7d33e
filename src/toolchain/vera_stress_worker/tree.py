"""The worker's job "tree": the syntax tree of a program, with types.

Vera's own parser and checker read the program, so that what comes out is what
this release takes it for. The tree is a table of nodes, since a tree of JSON is
deeper than readers of JSON take: a field that holds a node is {"node": PLACE}.
Nodes keep the names that Vera gives them and their fields. Beside those stand
`at` (line, column, end line, end column) and `type`, what the checker found, in
Vera's own syntax, "?" where it has no name.
"""

import contextlib
import dataclasses
import enum
import io
import json
import sys
from decimal import Decimal

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def escaped(text):
    """Text as it stands between the quotes of a literal."""

    def one(c):
        plain = c.isprintable() or (c.isspace() and ord(c) < 128)
        return ESCAPES.get(c) or (c if plain else f"\\u{{{ord(c):04X}}}")

    return "".join(map(one, text))


def number(value):
    """A float as Vera's grammar takes one: digits, a point, digits."""
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text if "." in text else text + ".0"


def spelled(ty):
    """A type of the checker in Vera's syntax; "?" for what has none."""
    kind = type(ty).__name__
    if kind == "PrimitiveType":
        return ty.name
    if kind == "AdtType":
        if not ty.type_args:
            return ty.name
        return f"{ty.name}<{', '.join(map(spelled, ty.type_args))}>"
    if kind == "FunctionType":
        params = ", ".join(map(spelled, ty.params))
        arrow = f"{params} -> " if params else "-> "
        return f"fn({arrow}{spelled(ty.return_type)}) effects({row(ty.effect)})"
    if kind == "RefinedType":
        return spelled(ty.base)
    name = getattr(ty, "name", "?") if kind == "TypeVar" else "?"
    return "?" if "$" in name or "#" in name else name


def row(effect):
    kind = type(effect).__name__
    if kind == "PureEffectRow":
        return "pure"

    def one(instance):
        args = getattr(instance, "type_args", ())
        return instance.name + (f"<{', '.join(map(spelled, args))}>" if args else "")

    return f"<{', '.join(sorted(map(one, getattr(effect, 'effects', ()))))}>"


class Table:
    """Nodes, each at its place, with the places of its parts."""

    def __init__(self, types):
        self.types = types
        self.nodes = []

    def value(self, value):
        if dataclasses.is_dataclass(value):
            if not hasattr(value, "span"):
                return None
            return {"node": self.add(value)}
        if isinstance(value, tuple | list):
            return [self.value(it) for it in value]
        if isinstance(value, enum.Enum):
            return value.value
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, float):
            return number(value)
        return str(value)

    def add(self, node):
        kind = type(node).__name__
        fields = {"kind": kind}
        for field in dataclasses.fields(node):
            # Where something stands has no part in what it means.
            if field.name == "span" or field.name.endswith("_span"):
                continue
            value = getattr(node, field.name)
            if kind in ("StringLit", "StringPattern") and field.name == "value":
                value = escaped(value)
            if kind == "InterpolatedString" and field.name == "parts":
                parts = [escaped(it) if isinstance(it, str) else it for it in value]
                value = parts
            fields[field.name] = self.value(value)
        at = node.span
        if at is not None:
            fields["at"] = [at.line, at.column, at.end_line, at.end_column]
        if id(node) in self.types:
            fields["type"] = self.types[id(node)]
        self.nodes.append(fields)
        return len(self.nodes) - 1


def read(path):
    """The program at `path`, by the checker that `vera check` runs: its tree, or
    None where the parser refuses it, and what the check says."""
    import vera.checker
    import vera.cli
    import vera.parser

    with open(path, encoding="utf-8") as file:
        source = file.read()
    checker = getattr(vera.checker, "TypeChecker", None)
    if checker is None:
        from vera.checker.core import TypeChecker

        checker = TypeChecker
    found, types = [], {}
    check, synth = checker.check_program, checker._synth_expr

    def check_program(self, program, *args, **options):
        if not found and getattr(self, "source", source) == source:
            found.append(program)
        return check(self, program, *args, **options)

    def synth_expr(self, expr, **options):
        ty = synth(self, expr, **options)
        if ty is not None:
            types[id(expr)] = spelled(ty)
        return ty

    checker.check_program, checker._synth_expr = check_program, synth_expr
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            vera.cli.cmd_check(path, as_json=True)
    except Exception as error:
        # A checker that breaks leaves a tree, with the types that it came to.
        said.write(f"{type(error).__name__}: {error}")
    try:
        envelope = json.loads(said.getvalue())
        diagnostics = [
            [d.get("error_code") or d.get("code") or "", str(d.get("description", ""))]
            for d in envelope.get("diagnostics") or []
            if d.get("severity", "error") == "error"
        ]
    except ValueError:
        diagnostics = [["", said.getvalue().strip() or "vera check said nothing"]]
    if not found:
        # What is refused before the checker sees it may still be parsed.
        try:
            from vera.transform import transform

            found.append(transform(vera.parser.parse(source)))
        except Exception:
            return None, diagnostics
    table = Table(types)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20000))
    root = table.add(found[0])
    return {"nodes": table.nodes, "root": root}, diagnostics
