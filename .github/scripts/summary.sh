#!/usr/bin/env bash
# Prints the end of a run, and of climbs, as Markdown: what is not as expected,
# with the command that shows it again, and the line with the numbers.
# Usage: summary.sh OUTPUT...
set -euo pipefail

: "${1:?name the file with the output of the run}"
# An issue holds 65,536 characters, and its other sentences and the fences want some.
room=$((50000 / $#))
chosen=$(mktemp)
shown=$(mktemp)
trap 'rm -f "$chosen" "$shown"' EXIT

for output in "$@"; do
    if [ ! -s "$output" ]; then
        echo 'The run left no output: an earlier step failed.' > "$chosen"
    # The blocks of the failures follow the first empty line. A run that never
    # came so far has only messages, and the last ones say why.
    elif grep -q '^$' "$output"; then
        # Annotations are for the log.
        awk '/^::(error|warning) / { next } seen; /^$/ { seen = 1 }' "$output" > "$chosen"
    else
        tail -n 30 "$output" > "$chosen"
    fi
    # Whole lines, as many as there is room for, and the last one, which has the
    # numbers. Counted in bytes, which are at least as many as the characters; what
    # is left of a character that the end of a long line cuts in two goes as well.
    # Files are read and not pipes, which would end the script where one is closed.
    LC_ALL=C awk -v room="$room" '
        {
            line = $0
            if (length(line) > 2000) {
                line = substr(line, 1, 2000)
                sub(/[\300-\377][\200-\277]*$/, "", line)
                line = line "..."
            }
            last = line
            used += length(line) + 1
            if (left == 0 && used + 2100 <= room) print line; else left++
        }
        END {
            if (left > 1) print "... " left - 1 " more lines are cut here ..."
            if (left > 0) print last
        }' "$chosen" > "$shown"
    # Longer than any run of backticks in the text, none of which then ends it.
    fence=$(awk '
        {
            while (match($0, /`+/)) {
                if (RLENGTH > most) most = RLENGTH
                $0 = substr($0, RSTART + RLENGTH)
            }
        }
        END { do printf "`"; while (++many < 3 || many <= most) }' "$shown")
    printf '%s\n' "$fence"
    cat "$shown"
    printf '%s\n' "$fence"
done
