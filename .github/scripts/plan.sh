#!/usr/bin/env bash
# Decides which Vera is tested, and what the caches go by.
# Environment: VERA, COMMAND, VERSION, DIRECTORY and SOURCE, as action.yml says.
set -euo pipefail

fail() {
    printf '::error title=vera-stress::%s\n' "$1"
    exit 2
}

case $COMMAND in
    run | climb | both) ;;
    *) fail 'the input command is none of run, climb and both' ;;
esac
case $VERA$VERSION in
    *$'\n'* | *$'\r'*) fail 'the inputs vera and version are one line each' ;;
esac
[ -d "$DIRECTORY" ] || fail 'the input working-directory names no directory'

# A digest of a file, or of what is piped in.
digest() {
    python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])'
}

if [ -z "$VERA" ]; then
    if [ -f "$DIRECTORY/vera/cli.py" ]; then VERA=.; else VERA=latest; fi
fi
if [ -n "$VERSION" ]; then
    build="release-$VERSION"
else
    build=$(cat "$SOURCE/Cargo.lock" "$SOURCE/Cargo.toml" | digest)
fi
case $VERA in
    # A checkout's programs are compiled anew whenever its compiler changes.
    . | */*) key="checkout-$(git -C "$DIRECTORY" rev-parse HEAD 2> /dev/null || echo unknown)" ;;
    *) key=$VERA ;;
esac
{
    printf 'vera=%s\n' "$VERA"
    printf 'vera-key=%s\n' "$(printf '%s' "$key" | tr -c 'A-Za-z0-9.-' _)"
    printf 'source=%s\n' "$(printf '%s' "$build" | tr -c 'A-Za-z0-9.-' _)"
} >> "$GITHUB_OUTPUT"
