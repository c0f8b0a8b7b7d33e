#!/usr/bin/env bash
# Prints the end of a run, and of climbs, as Markdown: what is not as expected,
# with the command that shows it again, and the line with the numbers.
# Usage: summary.sh OUTPUT...
set -euo pipefail

: "${1:?name the file with the output of the run}"
for output in "$@"; do
    printf '```\n'
    if [ -s "$output" ]; then
        # The blocks of the failures follow the first empty line. A run that never
        # came so far has only messages, and the last ones say why.
        if grep -q '^$' "$output"; then
            # Annotations are for the log.
            awk '/^::(error|warning) / { next } seen; /^$/ { seen = 1 }' "$output"
        else
            tail -n 30 "$output"
        fi
    else
        echo 'The run left no output: an earlier step failed.'
    fi
    printf '```\n'
done
