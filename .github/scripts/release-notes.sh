#!/usr/bin/env bash
# Prints what the changelog says of a release, once its tag, Cargo.toml and
# CHANGELOG.md agree on which one it is.
# Usage: release-notes.sh TAG
set -euo pipefail

tag=${1:?name the tag}
fail() {
    printf '::error title=release::%s\n' "$1" >&2
    exit 1
}

version=$(awk -F'"' '
    /^\[/ { inside = $0 == "[workspace.package]" }
    inside && /^version = / { print $2; exit }' Cargo.toml)
[ "$tag" = "v$version" ] || fail "the tag is $tag, and Cargo.toml has the version $version"

# A heading is `## [1.2.3] - 2026-12-31`. What is compared is text: a dot is a dot.
notes=$(awk -v heading="## [$version] - " '
    /^## / { inside = index($0, heading) == 1; next }
    inside' CHANGELOG.md)
case $notes in
    *[![:space:]]*) printf '%s\n' "${notes#$'\n'}" ;;
    *) fail "CHANGELOG.md says nothing under '## [$version] - ' and a date" ;;
esac
