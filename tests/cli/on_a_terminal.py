"""Runs a command in a terminal of so many columns, and prints what stands on its
screen at the end; and to standard error everything that was written to it."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios

columns = int(sys.argv[1])
process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])

written = b""
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    written += more
_, status = os.waitpid(process, 0)
text = written.decode()
sys.stderr.write(text)

lines = [""]
row = column = 0
for control, letter in re.findall(r"\x1b\[([0-9;]*[A-Za-z])|(.)", text, re.DOTALL):
    if control[-1:] == "A":
        row -= int(control[:-1] or 1)
    elif control[-1:] == "B":
        row += int(control[:-1] or 1)
    elif control in ("2K", "K", "0K"):
        lines[row] = "" if control == "2K" else lines[row][:column]
    elif control:
        assert control[-1] in "mhl", control
    elif letter == "\n":
        row += 1
    elif letter == "\r":
        column = 0
    else:
        if column == columns:
            row, column = row + 1, 0
        lines += [""] * (row + 1 - len(lines))
        line = lines[row].ljust(column)
        lines[row] = line[:column] + letter + line[column + 1 :]
        column += 1
    assert row >= 0
    lines += [""] * (row + 1 - len(lines))
print("\n".join(line.rstrip() for line in lines).rstrip("\n"))
sys.exit(os.waitstatus_to_exitcode(status))
