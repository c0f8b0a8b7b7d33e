"""``python -m vera_stress`` is the command ``vera-stress``."""

from __future__ import annotations

import os
import sys

from vera_stress import BinaryNotFound, find_binary


def main() -> None:
    """Becomes the command, with the same arguments."""
    try:
        binary = find_binary()
    except BinaryNotFound as why:
        sys.exit(f"vera-stress: {why}")
    os.execv(binary, [binary, *sys.argv[1:]])


if __name__ == "__main__":
    main()
