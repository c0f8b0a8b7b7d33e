"""The worker's job "compile": a program becomes a module, on the path of `vera run`."""

import io
import json
import os
import pickle
import sys

from .replies import takes


class Captured(BaseException):
    """What `vera run` was about to execute; no handler of Vera's stops it."""

    def __init__(self, result, options):
        super().__init__()
        self.result = result
        self.options = options


def diagnostic_line(diagnostic):
    """A diagnostic as compilers write it: file:line:column: text [code]."""
    place = diagnostic.get("location") or {}
    name = os.path.basename(place.get("file") or "main.vera")
    line = place.get("line") or 0
    where = f"{name}:{line}:{place.get('column') or 0}: " if line else ""
    code = diagnostic.get("error_code") or diagnostic.get("code")
    text = " ".join(str(diagnostic.get("description", "")).split())
    return where + text + (f" [{code}]" if code else "")


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
