#!/usr/bin/env bash
# Decides what the caches go by, and where they are.
# Environment: VERA, COMMAND, VERSION and DIRECTORY, as action.yml says.
set -euo pipefail

fail() {
    printf '::error title=vera-stress::%s\n' "$1"
    echo exit-code=2 >> "$GITHUB_OUTPUT"
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

# SHA-256 of each file that is named, or of what is piped in. No Python: this runs
# before one is set up.
if command -v sha256sum > /dev/null; then sha256=(sha256sum); else sha256=(shasum -a 256); fi
# The beginning of the one of what is piped in.
digest() {
    local sum
    sum=$("${sha256[@]}")
    printf '%.16s' "$sum"
}

# What is built on one system does not run on every other: jobs may have containers.
system=$(digest < <(cat /etc/os-release 2> /dev/null || uname -sr))
source=$(cd "$GITHUB_ACTION_PATH" && pwd)
dependencies=$(cat "$source/Cargo.lock" "$source/Cargo.toml" "$source"/crates/*/Cargo.toml | digest)
if [ -n "$VERSION" ]; then
    build="release-$VERSION"
else
    build=$(cd "$source" && find Cargo.lock Cargo.toml build.rs crates scenarios src -type f \
        -exec "${sha256[@]}" {} + | LC_ALL=C sort | digest)
fi
case $VERA in
    # A checkout's programs are compiled anew whenever its compiler changes.
    '' | . | */*) key="checkout-$(git -C "$DIRECTORY" rev-parse HEAD 2> /dev/null || echo unknown)" ;;
    *) key=$VERA ;;
esac
{
    printf 'vera=%s\n' "$VERA"
    printf 'vera-key=%s\n' "$(printf '%s' "$key" | tr -c 'A-Za-z0-9.-' _)"
    printf 'system=%s\n' "$system"
    printf 'dependencies=%s\n' "$dependencies"
    printf 'source=%s\n' "$(printf '%s' "$build" | tr -c 'A-Za-z0-9.-' _)"
    # In a job's container these are other places than on its host.
    printf 'registry=%s\n' "${CARGO_HOME:-$HOME/.cargo}/registry"
    printf 'target=%s\n' "$source/target"
    printf 'cache=%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/vera-stress"
} >> "$GITHUB_OUTPUT"
