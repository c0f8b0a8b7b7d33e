#!/usr/bin/env bash
# Prints the end of a run as Markdown: every case that is not as expected, with
# the command that shows it again, and the line with the numbers.
# Usage: summary.sh OUTPUT_OF_THE_RUN
set -euo pipefail

printf '```\n'
if [ -s "${1:?name the file with the output of the run}" ]; then
    # The blocks of the failures follow the first empty line. A run that never
    # came so far has only messages, and the last ones say why.
    if grep -q '^$' "$1"; then
        awk 'seen; /^$/ { seen = 1 }' "$1"
    else
        tail -n 30 "$1"
    fi
else
    echo 'The run left no output: an earlier step failed.'
fi
printf '```\n'
