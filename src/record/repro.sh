#!/bin/sh
# Shows this failure again with nothing but Python 3.11 or later and this folder.
# The first time it makes an environment in .venv here, which needs the network.
# Exit code: 1 the failure showed again, 0 it did not, 2 it could not be told.
set -u
cd "$(dirname "$0")" || exit 2
python=${PYTHON:-python3}
if [ ! -f .venv/installed ]; then
    "$python" -m venv .venv || exit 2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt || exit 2
    touch .venv/installed
fi
exec .venv/bin/python repro.py
