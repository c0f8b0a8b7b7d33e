#!/usr/bin/env bash
# Runs the suite, or climbs, leaves the results in the working directory, and ends
# as the command did.
# Environment: COMMAND, VERA, PROFILE, ARGUMENTS and DIRECTORY, as action.yml says.
set -uo pipefail

fail() {
    echo exit-code=2 >> "$GITHUB_OUTPUT"
    exit 2
}
cd "$DIRECTORY" || fail

# The arguments are split as a shell does it, and nothing is expanded: `array-*` is
# a pattern of scenarios, and $(...) is text.
list=$(mktemp)
trap 'rm -f "$list"' EXIT
python3 -c '
import shlex, sys
try:
    words = shlex.split(sys.argv[1])
except ValueError as why:
    sys.exit(f"::error title=vera-stress::the input arguments cannot be read: {why}")
sys.stdout.write("".join(f"{word}\0" for word in words))' "$ARGUMENTS" > "$list" || fail
words=()
while IFS= read -r -d '' word; do words+=("$word"); done < "$list"

name=stress-$COMMAND
# Without one, the command takes that of the working directory.
options=()
if [ -n "$VERA" ]; then options+=(--vera "$VERA"); fi
options+=(--color never --github --json "$name.jsonl" --html "$name.html")
if [ "$COMMAND" = run ]; then
    options+=(--profile "$PROFILE" --junit "$name.xml")
fi
vera-stress "$COMMAND" "${options[@]}" ${words[@]+"${words[@]}"} 2>&1 | tee "$name.txt"
code=${PIPESTATUS[0]}
{
    printf 'exit-code=%s\n' "$code"
    printf 'json=%s/%s.jsonl\n' "$DIRECTORY" "$name"
    printf 'html=%s/%s.html\n' "$DIRECTORY" "$name"
} >> "$GITHUB_OUTPUT"
exit "$code"
