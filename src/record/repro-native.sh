#!/bin/sh
# Shows this failure again with the command that vera-stress named. The native
# lanes are its own: it must be on the PATH, and it finds or installs Vera.
# Exit code: 1 the failure showed again, 0 it did not, 2 it could not be told.
set -u
# In braces, for the run writes this file anew and a shell reads as it goes.
{
    if ! command -v vera-stress >/dev/null; then
        echo "vera-stress is not on the PATH"
        echo "     next: run \`cargo install --path .\` in its repository, or add its folder to PATH"
        exit 2
    fi
    record=$(mktemp) || exit 2
    # Paths in the command are meant from where it was run.
    cd @DIRECTORY@ 2>/dev/null || cd "$(dirname "$0")" || exit 2
    @AGAIN@ --json "$record"
    verdicts=$(grep '"event":"case-finished"' "$record" | grep -o '"verdict":"[a-z-]*"')
    rm -f "$record"
    case $verdicts in
        *'"@VERDICT@"'*) exit 1 ;;
        '') exit 2 ;;
    esac
    if printf '%s\n' "$verdicts" | grep -qv '"pass"'; then
        echo "that is another outcome than the one reported, which was: @VERDICT@"
        exit 2
    fi
    exit 0
}
