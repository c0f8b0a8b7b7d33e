"""The worker: imports one Vera, then forks a child for each compile or run.

Started by vera-stress with two arguments: the package directory (or "-" to
import the installed `vera`), and a file to keep the parser's tables in. It reads one
JSON request a line from standard input and writes one JSON report a line to standard output:

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
and for a tree, `tree.json`; for an inventory, `inventory.json`, and for a traced run,
`lines.json`. The package `vera_stress_worker` beside this file has what each job does.
A program runs in `folder`, and is kept in there. The worker itself never runs a
program, and time, memory and output are the parent's to watch.
"""

import ctypes
import gc
import importlib.util
import json
import os
import pickle
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback

# Python does not look beside a script that it was told to trust nothing of.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from vera_stress_worker import compiling, emission, language, replies, running, tree

# What can be listed, by name.
INVENTORIES = {"emission": emission, "language": language}


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
            compiling.compiled(os.path.join(source, "main.vera"))
    except Exception:
        # No place to keep the tables, or a Vera that works otherwise. What is
        # really wrong shows in the child's own attempt.
        pass
    if plain is not None:
        vera.parser.Lark = plain


def tree_job(job):
    """Reads a program: its syntax tree with types, and what `vera check` says."""
    os.chdir(job["source"])
    table, refused = tree.read(job["main"])
    replies.write_json(job["out"], "tree.json", table)
    return {"read": refused}


def inventory_job(job):
    """Lists what this release of Vera has."""
    replies.write_json(job["out"], "inventory.json", INVENTORIES[job["of"]].inventory())
    return {"listed": True}


def traced_job(job):
    """Compiles and runs a program, and says which lines of Vera's own did so."""
    os.chdir(job["source"])
    with emission.Traced(job["out"]):
        program = compiling.compiled(job["main"])
        if isinstance(program, dict):
            return {"ending": program}
        module = os.path.join(job["out"], "result.pickle")
        with open(module, "wb") as file:
            pickle.dump(program, file)
        return running.run_job({**job, "module": module})


# --- The child ---------------------------------------------------------------


JOBS = {
    "compile": compiling.compile_job,
    "inventory": inventory_job,
    "run": running.run_job,
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
        replies.write_json(job["out"], "reply.json", reply)
        status = 0
    except BaseException as error:
        traceback.print_exc()
        sys.stderr.flush()
        doing = "running" if job["do"] == "run" else "compiling"
        ending = {"how": "crashed", "message": replies.sentence(error), "doing": doing}
        if doing == "compiling":
            ending["said"] = traceback.format_exc()
        replies.write_json(job["out"], "reply.json", {"ending": ending})
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
        self.report(failed=replies.sentence(error))
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
            self.report(refused=request["id"], why=replies.sentence(error))
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
                memory=replies.peak_memory(usage),
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
