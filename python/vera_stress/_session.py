"""The process that runs the cases: ``vera-stress serve``, one for a session of pytest."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import tempfile
from typing import IO, Any

# How long the process may take to end what is under way, in seconds.
_PATIENCE = 20


class HarnessError(Exception):
    """The process answered that it cannot do what it was asked for."""


class HarnessGone(HarnessError):
    """The process ended when it should have answered."""


class Harness:
    """One ``vera-stress serve``: a line of JSON for each request, and one in reply."""

    def __init__(self, command: list[str], cwd: str) -> None:
        """Starts the process; ``command`` is complete, ``cwd`` is where it works."""
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        self._said = ""
        self._ids = itertools.count(1)
        self._early: dict[int, dict[str, Any]] = {}
        self._gone: str | None = None
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            # Ctrl-C is pytest's to understand. It ends this process in its own way.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, do: str, **more: object) -> dict[str, Any]:
        """The reply to a request."""
        return self.reply(self.send(do, **more))

    def send(self, do: str, **more: object) -> int:
        """Sends a request whose reply is read later; gives its id."""
        self._see_that_it_lives()
        number = next(self._ids)
        line = json.dumps({"id": number, "do": do, **more}) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError:
            self._has_gone()
        return number

    def reply(self, number: int) -> dict[str, Any]:
        """Waits for the reply to the request with this id."""
        assert self._process.stdout is not None
        while number not in self._early:
            self._see_that_it_lives()
            line = self._process.stdout.readline()
            if not line.endswith(b"\n"):
                self._has_gone()
            reply = json.loads(line)
            self._early[reply["id"]] = reply
        reply = self._early.pop(number)
        if "error" in reply:
            raise HarnessError(reply["error"])
        return reply

    def notes(self) -> str:
        """What the process said beside its replies."""
        if not self._stderr.closed:
            self._stderr.seek(0)
            self._said = self._stderr.read().decode(errors="replace")
        return self._said

    def close(self, *, interrupted: bool = False) -> None:
        """Has the process end, with all that it started; whoever was ``interrupted`` has
        that recorded."""
        process = self._process
        if process.poll() is None:
            if self._gone is None:
                with contextlib.suppress(HarnessError):
                    self.send("finish", interrupted=interrupted)
            try:
                process.communicate(timeout=_PATIENCE)
            except (subprocess.TimeoutExpired, ValueError):
                self._kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self.notes()
        self._stderr.close()
        if self._gone is None:
            self._gone = "vera-stress has ended with its session"

    def _see_that_it_lives(self) -> None:
        if self._gone is not None:
            raise HarnessGone(self._gone)

    def _has_gone(self) -> None:
        """Says how the process ended."""
        try:
            status = self._process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._kill()
            status = self._process.wait()
        ended = f"ended with exit code {status}"
        if status < 0:
            names = {it.value: it.name for it in signal.Signals}
            ended = f"was ended by {names.get(-status, f'signal {-status}')}"
        last = self.notes().strip().splitlines()[-8:]
        said = "".join(f"\n     {line}" for line in last) or " and said nothing"
        self._gone = f"vera-stress {ended} before it answered{':' if last else ''}{said}"
        raise HarnessGone(self._gone)

    def _kill(self) -> None:
        # Its session is its process group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
