"""Runs in Vera's interpreter: makes mutants of its compiler in memory, and says which
programs each of them makes another module of.

    python inside.py PROGRAMS WANTED PART/PARTS

PROGRAMS has a folder for each program. Each line of the output is a mutant as JSON, as
soon as it is known; mutants are made until WANTED of them change a module.
"""

import collections
import glob
import hashlib
import json
import os
import pathlib
import signal
import sys

import rules

FOLDERS = ("wasm", "codegen", "runtime")
# At most so many programs that reach a mutant are compiled with it.
TRIED = 12
# What one mutant's programs may take: a loop that does not end is none of interest.
SECONDS = 60


def package():
    import vera

    return os.path.dirname(os.path.abspath(vera.__file__))


class Programs:
    """The programs, checked once: a checked tree is compiled as often as one likes."""

    def __init__(self, folder):
        self.checked, self.modules, self.reach = {}, {}, collections.defaultdict(set)
        prefix = package() + os.sep
        for path in sorted(glob.glob(os.path.join(folder, "*", "main.vera"))):
            name = os.path.basename(os.path.dirname(path))
            lines = set()

            def local(frame, _event, _, lines=lines):
                lines.add((frame.f_code.co_filename, frame.f_lineno))
                return local

            def called(frame, _event, _):
                name = frame.f_code.co_filename
                known = name.startswith(prefix) and name[len(prefix) :].startswith(FOLDERS)
                return local if known else None

            try:
                self.checked[name] = self.check(path)
                sys.settrace(called)
                self.modules[name] = self.digest(name)
            except Exception:  # Vera refuses some programs as they are.
                self.checked.pop(name, None)
                continue
            finally:
                sys.settrace(None)
            for file, line in lines:
                self.reach[file[len(prefix) :], line].add(name)

    @staticmethod
    def check(path):
        from vera.checker import typecheck_with_artifacts
        from vera.cli import _load_and_parse
        from vera.resolver import ModuleResolver
        from vera.transform import transform

        path, source, tree = _load_and_parse(path)
        ast = transform(tree)
        resolver = ModuleResolver(_root=path.parent)
        resolved = resolver.resolve_imports(ast, path)
        _, artifacts = typecheck_with_artifacts(
            ast, source, file=str(path), resolved_modules=resolved, collect_module_artifacts=True
        )
        return ast, source, str(path), resolved, artifacts

    def digest(self, name):
        """A digest of the module that a program becomes; None where it becomes none."""
        from vera.codegen import compile as compiled

        ast, source, path, resolved, artifacts = self.checked[name]
        result = compiled(
            ast,
            source=source,
            file=path,
            resolved_modules=resolved,
            expr_semantic_types=artifacts.expr_semantic_types,
            expr_target_types=artifacts.expr_target_types,
            module_artifacts=artifacts.module_artifacts,
        )
        if not result.ok or not result.wasm_bytes or "main" not in result.exports:
            return None
        return hashlib.sha256(result.wasm_bytes).hexdigest()


def codes(code, within=()):
    for inner in code.co_consts:
        if hasattr(inner, "co_code"):
            path = (*within, inner.co_name)
            yield path, inner
            yield from codes(inner, path)


def install(mutant, source):
    """Has the function that the mutant is in run as the mutant has it. False where no
    function of that name is there to be changed."""
    module = sys.modules.get("vera." + mutant.file[: -len(".py")].replace("/", "."))
    if module is None:
        return False
    whole = compile(mutant.apply(source), module.__file__, "exec")
    by_path = dict(codes(whole))
    place, path = module, ()
    for part in mutant.function.split("."):
        path = (*path, part)
        place = vars(place).get(part) if hasattr(place, "__dict__") else None
        place = getattr(place, "__func__", place)
        place = getattr(place, "__wrapped__", place)
        if hasattr(place, "__code__"):
            code = by_path.get(path)
            if code is None or code.co_freevars != place.__code__.co_freevars:
                return False
            place.__code__ = code
            return True
    return False


def spread(all_of_them, count):
    some = min(count, len(all_of_them))
    return [all_of_them[it * len(all_of_them) // some] for it in range(some)]


def tried(programs, mutant, source, names):
    """What the mutant makes of programs: by name, `changed`, `same` or `broken`."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.alarm(SECONDS)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        came = {}
        try:
            if install(mutant, source):
                for name in names:
                    try:
                        made = programs.digest(name)
                    except Exception:
                        made = None
                    same = made == programs.modules[name]
                    came[name] = "broken" if made is None else "same" if same else "changed"
        finally:
            os.write(write, json.dumps(came).encode())
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {}


def in_turns(groups):
    """All mutants, one of each group by turns."""
    groups = [list(it) for _, it in sorted(groups.items())]
    while groups:
        for group in groups:
            yield group.pop()
        groups = [it for it in groups if it]


def main():
    folder, wanted = sys.argv[1], int(sys.argv[2])
    part, parts = (int(it) for it in sys.argv[3].split("/"))
    programs = Programs(folder)
    sources, groups, counts = {}, collections.defaultdict(list), collections.Counter()
    for name in sorted(glob.glob(os.path.join(package(), "*", "*.py"))):
        file = os.path.relpath(name, package())
        # What runs a module changes none: a run of such a mutant is for those who have time.
        if not file.startswith(("wasm/", "codegen/")):
            continue
        source = sources[file] = pathlib.Path(name).read_text(encoding="utf-8")
        for mutant in rules.of_file(file, source):
            lines = range(mutant.first, mutant.last + 1)
            reached = set().union(*(programs.reach.get((file, line), ()) for line in lines))
            counts["all"] += 1
            if reached:
                counts["reached"] += 1
                groups[mutant.rule, file].append((mutant, sorted(reached)))
    for group in groups.values():
        group.sort(key=lambda it: it[0].key(sources[it[0].file]))
    print(json.dumps({"programs": len(programs.modules), **counts}), flush=True)
    changing = 0
    for number, (mutant, reached) in enumerate(in_turns(groups)):
        if number % parts != part:
            continue
        if changing == wanted:
            break
        source = sources[mutant.file]
        came = tried(programs, mutant, source, spread(reached, TRIED))
        changes = "changed" in came.values()
        changing += changes
        line = {
            **vars(mutant),
            "key": mutant.key(source),
            "was": source[mutant.start : mutant.end],
            "reached_by": reached,
            "came": came,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
