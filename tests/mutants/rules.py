"""Which faults are made in a file of Vera's compiler: rules on its syntax tree, and on
the WebAssembly text that it writes.

A mutant is one replacement of one piece of the file's text. What is not in a function
runs when the file is imported, and is left alone.
"""

import ast
import hashlib
import io
import itertools
import re
import tokenize
from dataclasses import dataclass

TURNED = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ne", "ne": "eq"}
COMPARED = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
}
SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}

# What is changed in WebAssembly text: the rule, what is looked for, and what it becomes.
TEXT = (
    (
        "comparison",
        re.compile(r"\b((?:i32|i64|f64)\.)(lt|le|gt|ge|eq|ne)(_[su])?\b"),
        lambda it: it[1] + TURNED[it[2]] + (it[3] or ""),
    ),
    (
        "bound",
        re.compile(r"\b(i(?:32|64)\.const )(\d+)\b"),
        lambda it: it[1] + str(int(it[2]) + 1),
    ),
    ("width-8", re.compile(r"\bi32\.(?:mul|shl)\b"), lambda it: it[0] + " i32.const 255 i32.and"),
    (
        "width-16",
        re.compile(r"\bi32\.(?:mul|shl)\b"),
        lambda it: it[0] + " i32.const 65535 i32.and",
    ),
    ("width-16", re.compile(r"\bi32\.store\b(?!\d)"), lambda _: "i32.store16"),
    ("width-16", re.compile(r"\bi32\.load\b(?!\d)"), lambda _: "i32.load16_u"),
)


@dataclass
class Mutant:
    """One fault in one place."""

    file: str
    function: str
    rule: str
    first: int
    last: int
    start: int
    end: int
    text: str

    def apply(self, source):
        return source[: self.start] + self.text + source[self.end :]

    def key(self, source):
        """A name that stays while the piece of text does."""
        said = (
            f"{self.file}:{self.function}:{self.rule}:{source[self.start : self.end]}:{self.text}"
        )
        return hashlib.sha256(f"{said}:{self.start}".encode()).hexdigest()[:12]


class Finder(ast.NodeVisitor):
    def __init__(self, file, source):
        self.file, self.source = file, source
        self.offsets = [0]
        for line in source.split("\n"):
            self.offsets.append(self.offsets[-1] + len(line) + 1)
        self.lines = source.split("\n")
        self.found, self.within, self.statements = [], [], []
        self.depth = 0
        self.visit(ast.parse(source))
        self.texts()

    def at(self, line, column):
        # Columns of the tree count bytes.
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self.offsets[line - 1] + column

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def add(self, rule, lines, span, text):
        start, end = span
        if self.source[start:end] != text:
            name = ".".join(self.within)
            self.found.append(Mutant(self.file, name, rule, *lines, start, end, text))

    def of(self, node):
        return self.source[slice(*self.span(node))]

    # Where something is.

    def function(self, node):
        self.within.append(node.name)
        self.depth += 1
        for statement in node.body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                self.visit(statement)
        self.block(node.body)
        last = node.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and len(node.body) > 3:
            before = node.body[-2]
            indent = " " * before.col_offset
            self.add(
                "early-return",
                (before.lineno, before.lineno),
                (self.span(before)[0],) * 2,
                f"{self.of(last)}\n{indent}",
            )
        self.depth -= 1
        self.within.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = function  # noqa: N815 - the names that ast asks for

    def visit_ClassDef(self, node):
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    def visit(self, node):
        if isinstance(node, ast.stmt) and self.depth:
            simple = not hasattr(node, "body")
            last = node.end_lineno if simple else node.lineno
            name = ".".join(self.within)
            self.statements.append((self.span(node), (node.lineno, last), name))
        super().visit(node)

    def lines_of(self, node):
        return node.lineno, node.end_lineno

    # What is changed.

    def visit_Expr(self, node):
        call = node.value
        if self.depth and isinstance(call, ast.Call):
            name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
            pushes = "shadow_push" in self.of(node)
            if not pushes and name in ("append", "extend", "insert", "add", "pop", "update"):
                self.add("statement", self.lines_of(node), self.span(node), "pass")
        self.generic_visit(node)

    def visit_Call(self, node):
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        if self.depth and "shadow_push" in name and name != "contains_shadow_push":
            self.add("root", self.lines_of(node), self.span(node), "[]")
        self.generic_visit(node)

    def visit_Compare(self, node):
        if self.depth and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
            left, right = self.of(node.left), self.of(node.comparators[0])
            text = f"{left} {COMPARED[type(node.ops[0])]} {right}"
            between = self.source[self.span(node.left)[1] : self.span(node.comparators[0])[0]]
            if between.strip() == SIGNS[type(node.ops[0])]:
                self.add("comparison", self.lines_of(node), self.span(node), text)
        self.generic_visit(node)

    def visit_Constant(self, node):
        if self.depth and type(node.value) is int and self.of(node).isdigit():
            self.add("bound", self.lines_of(node), self.span(node), str(node.value + 1))

    def visit_BinOp(self, node):
        if self.depth and isinstance(node.op, ast.Sub | ast.FloorDiv | ast.Mod | ast.LShift):
            left, right = self.of(node.left), self.of(node.right)
            sign = {ast.Sub: "-", ast.FloorDiv: "//", ast.Mod: "%", ast.LShift: "<<"}[type(node.op)]
            self.add("operands", self.lines_of(node), self.span(node), f"({right}) {sign} ({left})")
        self.generic_visit(node)

    def visit_List(self, node):
        if self.depth:
            self.gets_swapped(node.elts)
        self.generic_visit(node)

    def generic_visit(self, node):
        super().generic_visit(node)
        if self.depth and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list):
                    self.block(block)

    def gets_swapped(self, nodes):
        for one, other in itertools.pairwise(nodes):
            texts = [self.of(one), self.of(other)]
            if all(it.count("local.get") == 1 for it in texts) and texts[0] != texts[1]:
                between = self.source[self.span(one)[1] : self.span(other)[0]]
                self.add(
                    "operands",
                    (one.lineno, other.end_lineno),
                    (self.span(one)[0], self.span(other)[1]),
                    texts[1] + between + texts[0],
                )

    def block(self, block):
        calls = [it for it in block if isinstance(it, ast.Expr)]
        self.gets_swapped(calls)
        for before, get, restore in zip(block, block[1:], block[2:], strict=False):
            if not all(isinstance(it, ast.Expr) for it in (before, get, restore)):
                continue
            if "global.set $gc_sp" in self.of(restore) and "local.get" in self.of(get):
                first, pair = self.of(before), (self.span(get)[0], self.span(restore)[1])
                between = self.source[self.span(before)[1] : pair[0]]
                self.add(
                    "early-restore",
                    (before.lineno, restore.end_lineno),
                    (self.span(before)[0], pair[1]),
                    self.source[slice(*pair)] + between + first,
                )

    def texts(self):
        """Changes in the texts of functions, but for their docstrings."""
        spans = sorted(self.statements, key=lambda it: it[0][1] - it[0][0])
        for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
            if token.type != tokenize.STRING or token.string.lstrip("rfbuRFBU").startswith('"""'):
                continue
            begins = self.offsets[token.start[0] - 1] + token.start[1]
            inside = [it for it in spans if it[0][0] <= begins < it[0][1]]
            if not inside:
                continue
            _, lines, name = inside[0]
            for rule, pattern, becomes in TEXT:
                for match in pattern.finditer(token.string):
                    span = (begins + match.start(), begins + match.end())
                    self.found.append(Mutant(self.file, name, rule, *lines, *span, becomes(match)))


def of_file(file, source):
    """All mutants of a file, in the order of its text."""
    found = Finder(file, source).found
    unique = {(it.start, it.end, it.text): it for it in found}
    return sorted(unique.values(), key=lambda it: (it.start, it.end, it.text))
