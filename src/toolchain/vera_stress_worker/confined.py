"""What keeps a program in its folder while Vera's own host runs it.

That host reads and writes files through `pathlib.Path`, and opens a database
through `sqlite3`, wherever the program says. Here both are looked at first: a
program that would leave the folder that it runs in ends, and so does one that
writes more than it may. Nothing is forged for a program that stays inside.

This is a rule for Vera's host, and no wall against one that means harm: it keeps
what a program does by its own means, files and databases, away from everything
else. The network is not looked at.
"""

import json
import os
import sys

# The system follows no more links than that.
MOST_LINKS = 40

# What the library of SQLite asks before it opens another database.
ATTACH = 24


def leads_out(path):
    """Whether a path leads out of the folder that the program runs in, which is the
    working directory: by `..`, from the root, or over a link. What the system does
    not find anyway does not. `folder/path.rs` has the same rule."""
    if path.startswith("/"):
        return True
    here, rest, links = [], path.split("/"), 0
    while rest:
        part = rest.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not here:
                return True
            here.pop()
            continue
        here.append(part)
        try:
            target = os.readlink("/".join(here))
        except (OSError, ValueError):
            continue
        links += 1
        if links > MOST_LINKS:
            return False
        if target.startswith("/"):
            return True
        here.pop()
        rest = target.split("/") + rest
    return False


class Confined:
    """The files of one run of a program, which may write and print so many bytes, and
    has `end` called with how it ends where it leaves its folder, or writes more."""

    def __init__(self, most, end):
        self.most = most
        self.end = end
        self.written = 0

    def opens(self, path):
        """The program is about to open this."""
        if leads_out(path):
            quoted = json.dumps(path, ensure_ascii=False)
            message = (
                f"the program opens {quoted}, which leads out of the folder that it runs in; "
                "what it reads and writes belongs in there"
            )
            self.end({"how": "unsupported", "message": message})

    def writes(self, size):
        """The program is about to write so many bytes."""
        self.written += size
        sys.stdout.flush()
        sys.stderr.flush()
        printed = sum(os.fstat(descriptor).st_size for descriptor in (1, 2))
        if self.written + printed > self.most:
            self.end({"how": "over-output"})

    def paths(self, path_class):
        """What Vera's host is to take for `pathlib.Path`."""
        confined = self

        class Path(type(path_class())):
            """A path of the program's."""

            def read_text(self, *args, **options):
                confined.opens(str(self))
                return super().read_text(*args, **options)

            def read_bytes(self):
                confined.opens(str(self))
                return super().read_bytes()

            def write_text(self, data, *args, **options):
                confined.opens(str(self))
                confined.writes(len(data.encode()))
                return super().write_text(data, *args, **options)

            def write_bytes(self, data):
                confined.opens(str(self))
                confined.writes(len(data))
                return super().write_bytes(data)

        return Path

    def database(self, path):
        """The program is about to open this database."""
        if path not in ("", ":memory:"):
            self.opens(path)

    def connecting(self, connect):
        """What Vera's host is to take for `sqlite3.connect`."""

        def confined_connect(database, *args, **options):
            self.database(os.fsdecode(database))
            connection = connect(database, *args, **options)
            connection.set_authorizer(self.authorize)
            return connection

        return confined_connect

    def authorize(self, action, path, *_):
        """What SQLite asks before each thing that it does; zero is a yes."""
        if action == ATTACH:
            self.database(path or "")
        return 0


def confine(execute, asks_for_files, most, end):
    """Confines what `execute`, which runs a program in Vera's host, lets it do."""
    confined = Confined(most, end)
    # Every release so far has the functions of its host in that module.
    names = execute.__globals__
    if "Path" in names:
        names["Path"] = confined.paths(names["Path"])
    elif asks_for_files:
        message = "this Vera reads files in another way than releases so far, and is not let do it"
        end({"how": "unsupported", "message": message})
    if "sqlite3" in sys.modules:
        sqlite3 = sys.modules["sqlite3"]
        sqlite3.connect = confined.connecting(sqlite3.connect)
    return confined
