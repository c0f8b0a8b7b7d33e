#!/usr/bin/env bash
# Installs vera-stress: a release from PyPI, or the source of the action.
# Environment: VERSION and BUILT, as action.yml says.
set -euo pipefail

# Whatever fails here, nothing can be run.
trap '[ $? = 0 ] || echo exit-code=3 >> "$GITHUB_OUTPUT"' EXIT

# The paths of these variables hold in a job's container as well; those of the
# expressions github.action_path and runner.temp are the host's.
source=$GITHUB_ACTION_PATH
home=$RUNNER_TEMP/vera-stress

if [ -n "$VERSION" ]; then
    # An environment of its own: the project's Python is left as it is.
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "vera-stress==$VERSION"
else
    # What the cache holds under the digest of these very sources is their build.
    if [ "$BUILT" != true ] || [ ! -x "$source/target/release/vera-stress" ]; then
        if ! command -v cargo > /dev/null; then
            echo '::error title=vera-stress::there is no Rust on this machine to build vera-stress with; install it, or name a release with the input version'
            exit 3
        fi
        # Cargo goes by times, and a build of other sources, restored from the
        # cache, can be younger than these.
        find "$source/build.rs" "$source/src" "$source/crates" -name '*.rs' -exec touch {} +
        cargo build --release --locked --manifest-path "$source/Cargo.toml"
    fi
    mkdir -p "$home/bin"
    cp "$source/target/release/vera-stress" "$home/bin/"
fi
echo "$home/bin" >> "$GITHUB_PATH"
"$home/bin/vera-stress" --version
