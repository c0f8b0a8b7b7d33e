#!/usr/bin/env bash
# Tells about a failed nightly in the one open issue with the label
# `stress-regression`: opens it if there is none, comments on it if there is.
# Usage: track-regression.sh OUTPUT...
# Environment: GH_TOKEN and GH_REPO for gh, RUN_URL and COMMIT for the text.
set -euo pipefail

label=stress-regression
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    printf 'The nightly stress run failed on commit %s.\n\n' "${COMMIT:?}"
    bash "$(dirname "$0")/summary.sh" "$@"
    printf '\nEach block has the command that shows the failure again; where it names a\n'
    printf 'directory, check that commit out and write --vera . instead.\n'
    printf 'Whole output, page, JSON, JUnit and a folder for each failure: %s\n' "${RUN_URL:?}"
} > "$body"

gh label create "$label" --color B60205 \
    --description 'A program at scale came out wrong, trapped or ran out' 2> /dev/null || true
open=$(gh issue list --label "$label" --state open --limit 1 --json number --jq '.[0].number // empty')
if [ -n "$open" ]; then
    gh issue comment "$open" --body-file "$body"
else
    gh issue create --label "$label" --title 'Nightly stress run: a program fails at scale' --body-file "$body"
fi
