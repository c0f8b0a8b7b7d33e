"""The worker: imports one Vera, then forks a child for each compile or run.

Started by vera-stress with two arguments: the package directory (or "-" to
import the installed `vera`), and a file to keep the parser's tables in. It reads one JSON request a line from standard
input and writes one JSON report a line to standard output:

    {"id": 1, "do": "compile", "source": DIR, "main": NAME, "out": DIR, "eager": bool,
     "output": BYTES}
    {"id": 3, "do": "tree", "source": DIR, "main": NAME, "out": DIR, "output": BYTES}
    {"id": 4, "do": "inventory", "of": "language" | "emission", "out": DIR, "output": BYTES}
    {"id": 5, "do": "traced", ...what a compile and a run take}
    {"id": 2, "do": "run", "module": FILE, "out": DIR, "args": [...],
     "stdin": FILE | null, "folder": DIR, "files": bool, "env": {NAME: TEXT},
     "output": BYTES}
    {"kill": 2}

    {"ready": true}  |  {"failed": SENTENCE}
    {"started": 1, "pid": ...}
    {"ended": 1, "exit": N | null, "signal": N | null, "cpu": SECONDS, "memory": BYTES}

A child is the leader of its own session, so that it can be ended with all that
it started. What it produces lies in its `out` directory: `stdout` and `stderr`
as they arrived live, `captured-stdout` and `captured-stderr` as Vera's runtime
captured them, `reply.json`, for a compile `module.wasm` and `result.pickle`,
and for a tree, of which `tree.py` beside this file knows all, `tree.json`; for an
inventory, by `language.py` or `emission.py`, `inventory.json`, and for a traced run,
by `emission.py`, `lines.json`. A
program runs in `folder`, and is kept in there. The worker itself never runs a
program, and time, memory and
output are the parent's to watch.
"""

import ctypes
import functools
import gc
import hashlib
import importlib.util
import inspect
import io
import json
import os
import pickle
import re
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback


def beside(name):
    """The module that lies beside this file; Python does not look there by itself."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


confined = beside("confined")


class Captured(BaseException):
    """What `vera run` was about to execute; no handler of Vera's stops it."""

    def __init__(self, result, options):
        super().__init__()
        self.result = result
        self.options = options


def import_vera(package):
    """Imports all that a run needs, from `package` or as installed."""
    if package != "-":
        spec = importlib.util.spec_from_file_location(
            "vera",
            os.path.join(package, "__init__.py"),
            submodule_search_locations=[package],
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules["vera"] = module
        spec.loader.exec_module(module)
    import vera.codegen


PROGRAM = """
public fn main(@Nat -> @Nat)
  requires(true) ensures(true) effects(pure)
{
  @Nat.0
}
"""


def warm_up(tables):
    """Imports all that a compile needs and compiles one small program, so that
    what Vera makes once in a process is made once for all children.

    Lark keeps a parser's tables in a file where it is told to, and checks by
    itself that they belong to the grammar.
    """
    import lark
    import vera.cli
    import vera.parser

    def keeping(*args, **options):
        return lark.Lark(*args, **{"cache": tables, **options})

    plain = getattr(vera.parser, "Lark", None)
    if plain is lark.Lark:
        vera.parser.Lark = keeping
    try:
        os.makedirs(os.path.dirname(tables), exist_ok=True)
        with tempfile.TemporaryDirectory() as source:
            with open(os.path.join(source, "main.vera"), "w", encoding="utf-8") as file:
                file.write(PROGRAM)
            compiled(os.path.join(source, "main.vera"))
    except Exception:
        # No place to keep the tables, or a Vera that works otherwise. What is
        # really wrong shows in the child's own attempt.
        pass
    if plain is not None:
        vera.parser.Lark = plain


def write_json(directory, name, value):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def write_text(directory, name, text):
    data = text.encode("utf-8", errors="surrogatepass")
    with open(os.path.join(directory, name), "wb") as file:
        file.write(data)


def sentence(error):
    """An exception of Vera's own code in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


# --- In the child: compiling -------------------------------------------------


def diagnostic_line(diagnostic):
    """A diagnostic as compilers write it: file:line:column: text [code]."""
    place = diagnostic.get("location") or {}
    name = os.path.basename(place.get("file") or "main.vera")
    line = place.get("line") or 0
    where = f"{name}:{line}:{place.get('column') or 0}: " if line else ""
    code = diagnostic.get("error_code") or diagnostic.get("code")
    text = " ".join(str(diagnostic.get("description", "")).split())
    return where + text + (f" [{code}]" if code else "")


def takes(function, name):
    """Whether a function takes an option of this name: releases differ in what theirs
    take."""
    parameters = inspect.signature(function).parameters.values()
    return any(it.name == name or it.kind is it.VAR_KEYWORD for it in parameters)


def place_is_known(diagnostic):
    return bool((diagnostic.get("location") or {}).get("line"))


def telling(errors, warnings):
    """The diagnostic that says why a program is refused. Where the code generator
    leaves functions out, the error is that `main` is missing, and what it could
    not do is the first of its warnings."""
    if not errors or place_is_known(errors[0]):
        return errors[0] if errors else None
    skipped = [d for d in warnings if (d.get("error_code") or "").startswith("E6")]
    return (skipped or errors)[0]


def whole(diagnostic):
    """All that a diagnostic says."""
    text = str(diagnostic.get("description", "")).strip()
    severity = diagnostic.get("severity", "error")
    if "\n" in text:
        line = diagnostic_line({**diagnostic, "description": ""})
        lines = [f"{severity}: {line}".rstrip(": "), text]
    else:
        lines = [f"{severity}: {diagnostic_line(diagnostic)}"]
    if diagnostic.get("source_line"):
        lines.append("    " + diagnostic["source_line"])
    for key in ("rationale", "fix", "spec_ref"):
        if diagnostic.get(key):
            lines.append(f"{key}: {diagnostic[key]}")
    return "\n".join(lines)


def noted(notes):
    """The first of the notes that the compiler printed beside its result."""
    lines = (line.strip() for line in notes.splitlines())
    return next((line[2:] for line in lines if line.startswith("- ")), None)


def refusal(text, exit_code, notes):
    """The ending of a program for which `vera run --json` printed this envelope,
    and these notes on standard error."""
    try:
        envelope = json.loads(text)
        diagnostics = envelope.get("diagnostics") or []
        warnings = envelope.get("warnings") or []
    except (ValueError, AttributeError):
        diagnostics, warnings = [], []
    errors = [d for d in diagnostics if d.get("severity", "error") == "error"]
    said = "\n\n".join([whole(d) for d in errors + warnings] + [notes.strip()]).strip()
    told = telling(errors, warnings)
    if told is None:
        text = " ".join(text.split())
        message = text or f"`vera run` ended with exit code {exit_code} and no diagnostic"
        return {"how": "rejected", "message": message, "said": said}
    code = told.get("error_code") or told.get("code")
    description = " ".join(str(told.get("description", "")).split())
    # What Vera caught of its own, and hands on as a diagnostic.
    if code == "E699" or (not code and description.startswith("maximum recursion depth")):
        kind = "" if code else "RecursionError: "
        message = kind + diagnostic_line(told)
        return {"how": "crashed", "message": message, "doing": "compiling", "said": said}
    if not code and description.startswith("WAT compilation failed"):
        return {"how": "invalid-module", "message": description, "said": said}
    message = diagnostic_line(told)
    if told in errors:
        note = noted(str(told.get("description", ""))) or noted(notes)
        if note and not place_is_known(told):
            message = f"{note}; {message}"
        if len(errors) > 1:
            message += f" (and {len(errors) - 1} more)"
    return {"how": "rejected", "message": message, "code": code, "said": said}


def compiled(path):
    """Takes the path of `vera run` up to the point where it would execute: gives
    what it would execute, with the options, or how it ended instead."""
    import vera.cli
    import vera.codegen

    def capture(result, *args, **options):
        raise Captured(result, options)

    execute, vera.codegen.execute = vera.codegen.execute, capture
    # Releases before 0.0.102 take numbers only.
    args = {"raw_fn_args": ["1"]} if takes(vera.cli.cmd_run, "raw_fn_args") else {"fn_args": [1]}
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        exit_code = vera.cli.cmd_run(path, as_json=True, **args)
        return refusal(sys.stdout.getvalue(), exit_code, sys.stderr.getvalue())
    except Captured as captured:
        return captured.result, captured.options
    finally:
        notes = sys.stderr.getvalue()
        sys.stdout, sys.stderr = streams
        sys.stderr.write(notes)
        vera.codegen.execute = execute


def passes_check(path):
    """Whether `vera check` has nothing against a program."""
    import vera.cli

    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        return vera.cli.cmd_check(path, as_json=True) == 0
    except Exception:
        return False
    finally:
        sys.stdout, sys.stderr = streams


def about(result):
    """What running a compiled program needs to know beside its module. The
    fields differ between releases: what one does not have is empty."""

    def field(name, default):
        return getattr(result, name, None) or default

    functions = {
        name: {"file": os.path.basename(file or ""), "line": first or 0}
        for name, (file, first, *_) in field("fn_source_map", {}).items()
    }
    return {
        "exports": list(field("exports", [])),
        "parameters": list(field("fn_param_types", {}).get("main", [])),
        "returns_text": "main" in field("fn_string_returns", ()),
        "functions": functions,
        "builtin": sorted(field("prelude_fn_names", ())),
        "display": dict(field("fn_display_names", {})),
    }


def compile_job(job):
    """Compiles a program, with a collection on every allocation if asked to."""
    main = job["main"]
    os.chdir(job["source"])
    if job["eager"]:
        os.environ["VERA_EAGER_GC"] = "1"
    program = compiled(main)
    if isinstance(program, dict):
        if program["how"] == "rejected":
            program["checked"] = passes_check(main)
        return {"ending": program}
    result, options = program
    out = job["out"]
    with open(os.path.join(out, "module.wasm"), "wb") as file:
        file.write(result.wasm_bytes)
    with open(os.path.join(out, "result.pickle"), "wb") as file:
        pickle.dump(program, file)
    return {"compiled": about(result)}


def tree_job(job):
    """Reads a program: its syntax tree with types, and what `vera check` says."""
    os.chdir(job["source"])
    table, refused = beside("tree").read(job["main"])
    write_json(job["out"], "tree.json", table)
    return {"read": refused}


def inventory_job(job):
    """Lists what this release of Vera has."""
    write_json(job["out"], "inventory.json", beside(job["of"]).inventory())
    return {"listed": True}


def traced_job(job):
    """Compiles and runs a program, and says which lines of Vera's own did so."""
    os.chdir(job["source"])
    with beside("emission").Traced(job["out"]):
        program = compiled(job["main"])
        if isinstance(program, dict):
            return {"ending": program}
        module = os.path.join(job["out"], "result.pickle")
        with open(module, "wb") as file:
            pickle.dump(program, file)
        return run_job({**job, "module": module})


# --- In the child: running ---------------------------------------------------


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


def peak_memory(usage):
    """The largest resident set in bytes: Linux counts in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


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


# --- The child ---------------------------------------------------------------


JOBS = {
    "compile": compile_job,
    "inventory": inventory_job,
    "run": run_job,
    "traced": traced_job,
    "tree": tree_job,
}


def end_with_parent():
    """On Linux, asks the kernel to end this child when the worker dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def child(job, parent):
    """Does one job and exits; never returns."""
    status = 1
    try:
        os.setsid()
        end_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        gc.enable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            path = os.path.join(job["out"], name)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.dup2(file, descriptor)
            os.close(file)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # The parent ends a child that floods its output; this is the wall
        # behind it, for what is written between two looks.
        wall = min(4 * job["output"] + (64 << 20), 1 << 62)
        resource.setrlimit(resource.RLIMIT_FSIZE, (wall, wall))
        reply = JOBS[job["do"]](job)
        sys.stdout.flush()
        sys.stderr.flush()
        write_json(job["out"], "reply.json", reply)
        status = 0
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.flush()
        doing = "running" if job["do"] == "run" else "compiling"
        ending = {"how": "crashed", "message": sentence(error), "doing": doing}
        if doing == "compiling":
            ending["said"] = traceback.format_exc()
        write_json(job["out"], "reply.json", {"ending": ending})
        status = 0
    finally:
        os._exit(status)


# --- The worker --------------------------------------------------------------


class Worker:
    """One loop over requests and ended children."""

    def __init__(self):
        # The pipes move out of reach of anything that prints.
        self.requests = os.dup(0)
        self.reports = os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(2, 1)
        self.children = {}
        self.warm = False

    def report(self, **message):
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(self.reports, data) :]

    def fail(self, error):
        """Says that this Vera cannot be used, and ends."""
        traceback.print_exception(error)
        self.report(failed=sentence(error))
        sys.exit(1)

    def serve(self):
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        gc.freeze()
        selector = selectors.DefaultSelector()
        selector.register(self.requests, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        pending = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if woken in ready:
                try:
                    os.read(woken, 4096)
                except BlockingIOError:
                    pass
                self.reap()
            if self.requests in ready:
                data = os.read(self.requests, 1 << 16)
                if not data:
                    break
                pending += data
                *lines, pending = pending.split(b"\n")
                for line in lines:
                    self.handle(json.loads(line))
        for pid in self.children:
            self.kill(pid)

    def handle(self, request):
        if "kill" in request:
            for pid, (job, _) in self.children.items():
                if job == request["kill"]:
                    self.kill(pid)
            return
        if request["do"] != "run" and not self.warm:
            self.warm = True
            try:
                warm_up(sys.argv[2])
            except BaseException as error:
                self.fail(error)
            gc.freeze()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self.report(refused=request["id"], why=sentence(error))
            return
        if pid == 0:
            os.close(self.requests)
            os.close(self.reports)
            child(request, parent)
        self.children[pid] = (request["id"], time.monotonic())
        self.report(started=request["id"], pid=pid)

    def kill(self, pid):
        # The group exists once the child has called setsid; before that, the
        # child alone is all there is to end.
        for end in (os.killpg, os.kill):
            try:
                end(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def reap(self):
        for pid in list(self.children):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended == 0:
                continue
            job, since = self.children.pop(pid)
            self.report(
                ended=job,
                exit=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                wall=time.monotonic() - since,
                cpu=usage.ru_utime + usage.ru_stime,
                memory=peak_memory(usage),
            )


def main():
    # Ctrl-C may reach the whole foreground group; what it means for the cases is
    # the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing that is imported is garbage; looking for some takes a while.
    gc.disable()
    worker = Worker()
    try:
        import_vera(sys.argv[1])
    except BaseException as error:
        worker.fail(error)
    worker.report(ready=True)
    worker.serve()


if __name__ == "__main__":
    main()
