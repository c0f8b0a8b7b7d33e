"""The worker's job "run": Vera's own runtime executes what a compile left."""

import functools
import hashlib
import os
import pickle
import re
import resource
import sys

from . import confined
from .replies import peak_memory, sentence, takes, write_json, write_text


def shown_value(value):
    """The value that `vera run` would show, with its kind."""
    if value is None:
        return "unit"
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return {"text": value}
    return {"int": int(value)}


def shown_frame(frame):
    file = getattr(frame, "file", None)
    line = getattr(frame, "line_start", None) or getattr(frame, "line", None)
    return {
        "function": str(getattr(frame, "func", None) or getattr(frame, "function", "?")),
        "file": os.path.basename(file) if file else None,
        "line": line,
    }


# What Vera calls the kinds of traps that wasmtime tells apart by a number.
TRAPS = {
    "STACK_OVERFLOW": "stack_exhausted",
    "MEMORY_OUT_OF_BOUNDS": "out_of_bounds",
    "INTEGER_OVERFLOW": "overflow",
    "INTEGER_DIVISION_BY_ZERO": "divide_by_zero",
    "UNREACHABLE": "unreachable",
}


def invalid(error):
    """What is wrong with a module, in the words of the validator that wasmtime has."""
    text = " ".join(str(error).split())
    found = re.search(r"Invalid input WebAssembly code at offset (\d+): (.*)", text)
    return f"{found[2]} (at byte {int(found[1]):#x})" if found else sentence(error)


def bare_trap(error):
    """A trap that no `WasmTrapError` tells of; None where it is none.

    Vera's runtime names all traps of a program that runs, so a trap of wasmtime's
    is one of what comes before `main`. Releases before 0.0.120 name none: there
    wasmtime's has the frames of the program, and one with the words of a broken
    contract stands behind an error that has them.
    """
    message = " ".join(str(error).split())
    if type(error).__name__ == "Trap":
        frames = getattr(error, "frames", None) or []
        code = getattr(getattr(error, "trap_code", None), "name", None)
        kind = TRAPS.get(code, "unknown") if frames else "instantiation"
        shown = [
            {"function": str(it.func_name or "?").removeprefix(":"), "file": None, "line": None}
            for it in frames
        ]
        return {"kind": kind, "message": message, "frames": shown}
    behind = type(error.__cause__).__name__
    if type(error) is RuntimeError and behind in ("Trap", "WasmtimeError"):
        return {"kind": "contract_violation", "message": message, "frames": []}
    return None


def keep_machine_code(file):
    """Lets wasmtime take the machine code of a module from `file`, where it made
    the same module before; the code of a module it has to make goes there.

    The code is used only for the very text it was made from, and only whole:
    wasmtime checks that it fits the engine and the processor, and trusts the
    rest.
    """
    import wasmtime

    make = wasmtime.Module.__init__

    def digest(data):
        return hashlib.sha256(data).digest()

    def take(self, engine, key):
        with open(file, "rb") as kept:
            head, data = kept.read(64), kept.read()
        if head != key + digest(data):
            raise ValueError("this is the machine code of something else")
        self._set_ptr(wasmtime.Module.deserialize(engine, data)._consume())

    def keep(self, key):
        data = bytes(self.serialize())
        partial = f"{file}.{os.getpid()}"
        with open(partial, "wb") as kept:
            kept.write(key + digest(data) + data)
        os.rename(partial, file)

    def module(self, engine, code):
        key = digest(code.encode() if isinstance(code, str) else bytes(code))
        try:
            take(self, engine, key)
            return
        except Exception:  # Not there, not whole, or of another wasmtime.
            pass
        make(self, engine, code)
        try:
            keep(self, key)
        except Exception:  # A cache that takes nothing costs time only.
            pass

    wasmtime.Module.__init__ = module


def give_input(path):
    """Makes a file the standard input, read as `vera run` reads it on Unix:
    UTF-8, with line ends as they stand."""
    file = os.open(path, os.O_RDONLY)
    os.dup2(file, 0)
    os.close(file)
    sys.stdin = open(0, encoding="utf-8", newline="\n", closefd=False)


def end_run(out, ending):
    """Ends a program where it stands, in the middle of Vera's host."""
    sys.stdout.flush()
    sys.stderr.flush()
    write_json(out, "reply.json", {"ending": ending})
    os._exit(0)


def run_job(job):
    """Executes a compiled module as `vera run` does in text mode, in its folder."""
    import vera.codegen

    if job["stdin"] is not None:
        give_input(job["stdin"])
    keep_machine_code(os.path.join(os.path.dirname(job["module"]), "machine-code"))
    with open(job["module"], "rb") as file:
        result, options = pickle.load(file)
    execute = vera.codegen.execute
    args = job["args"]
    if takes(execute, "raw_args"):
        options["raw_args"] = args or None
    else:
        options["args"] = [int(arg) for arg in args] or None
    options.update(cli_args=args, tee_stdout=True)
    for name in ("cli_args", "tee_stdout"):
        if not takes(execute, name):
            del options[name]
    if takes(execute, "env_vars"):
        options["env_vars"] = job["env"]
    os.chdir(job["folder"])
    end = functools.partial(end_run, job["out"])
    files = confined.confine(execute, job["files"], job["output"], end)
    reply = executed_reply(job, execute, result, options)
    return {**reply, "written": files.written}


def executed_reply(job, execute, result, options):
    """How a program ended, and what Vera's runtime captured of it."""
    before = peak_memory(resource.getrusage(resource.RUSAGE_SELF))
    try:
        executed = execute(result, **options)
    except Exception as error:
        kind = type(error).__name__
        if kind == "WasmTrapError":
            write_text(job["out"], "captured-stdout", error.stdout)
            write_text(job["out"], "captured-stderr", error.stderr)
            # Releases before 0.0.124 resolve none.
            frames = [shown_frame(frame) for frame in getattr(error, "frames", ())]
            message = " ".join(str(error).split())
            trap = {"kind": error.kind, "message": message, "frames": frames}
            return {"ending": {"how": "trapped", **trap}}
        trap = bare_trap(error)
        if trap:
            return {"ending": {"how": "trapped", **trap}}
        if kind == "WasmtimeError":
            return {"ending": {"how": "invalid-module", "message": invalid(error)}}
        raise
    if "tee_stdout" not in options:
        # `vera run` of such a release prints at the end what was captured.
        sys.stdout.write(executed.stdout)
    write_text(job["out"], "captured-stdout", executed.stdout)
    write_text(job["out"], "captured-stderr", getattr(executed, "stderr", ""))
    return {
        "ending": {
            "how": "returned",
            "value": shown_value(executed.value),
            "exit_code": getattr(executed, "exit_code", None),
        },
        "peak_heap": getattr(executed, "peak_heap_bytes", 0) or None,
        "before": before,
        "stores": sum(getattr(executed, "host_store_sizes", {}).values()),
    }
