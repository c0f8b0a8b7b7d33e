"""What a release of Vera has: builtins, operations of effects, kinds of nodes of its
syntax tree, operators and types, each list from the release's own tables."""

import contextlib
import dataclasses
import inspect
import io
import json

# What a field of a node says of where it stands, or of what the checker found.
NOT_WRITTEN = ("span", "annotation", "owner")


def listed(command):
    """The items of a list that `vera` prints as JSON; none where it has no such list."""
    import vera.cli

    list_them = getattr(vera.cli, f"cmd_{command}", None)
    if list_them is None:
        return []
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        list_them(as_json=True)
    return json.loads(said.getvalue())["items"]


def may_be_absent(field):
    """Whether a program may write a node without this field, or with it."""
    kind = str(field.type)
    if any(word in field.name or word in kind.lower() for word in NOT_WRITTEN):
        return False
    return kind == "bool" or kind.endswith("| None")


def nodes():
    """The kinds of nodes, patterns apart, with what may be absent from each."""
    import vera.ast

    kinds, patterns = [], []
    for name, kind in vars(vera.ast).items():
        is_node = inspect.isclass(kind) and issubclass(kind, vera.ast.Node)
        if not is_node or kind.__subclasses__() or not dataclasses.is_dataclass(kind):
            continue
        if name.startswith("_") or kind.__module__ != "vera.ast":
            continue
        own = patterns if issubclass(kind, vera.ast.Pattern) else kinds
        own.append(name)
        own.extend(
            f"{name}.{field.name}"
            for field in dataclasses.fields(kind)
            if may_be_absent(field) and (name, field.name) != ("BoolLit", "value")
        )
    return kinds, [it for it in patterns if it != "BoolPattern.value"]


def operators():
    import vera.ast

    of = (("BinaryExpr", vera.ast.BinOp), ("UnaryExpr", vera.ast.UnaryOp))
    return [f"{node} {op.value}" for node, ops in of for op in ops]


def types():
    """The types that a program need not declare."""
    import vera.types
    from vera.environment import TypeEnv

    primitive = [
        it.name for it in vars(vera.types).values() if isinstance(it, vera.types.PrimitiveType)
    ]
    return sorted({*primitive, *TypeEnv().data_types, "Array", "Map", "Set", "Tuple", "Decimal"})


def inventory():
    kinds, patterns = nodes()
    effects = listed("effects")
    return {
        "builtins": [it["name"] for it in listed("builtins")],
        "operations": [
            {"effect": it["name"], "name": op, "ability": it["kind"] == "ability"}
            for it in effects
            for op in it["ops"]
        ],
        "effects": [it["name"] for it in effects if it["kind"] == "effect"],
        "nodes": kinds,
        "patterns": patterns,
        "operators": operators(),
        "types": types(),
    }
