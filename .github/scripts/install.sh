#!/usr/bin/env bash
# Installs vera-stress: a release from PyPI, or the source of the action.
# Environment: VERSION, SOURCE and HOME_OF_TOOLS, as action.yml says.
set -euo pipefail

if [ -n "$VERSION" ]; then
    # An environment of its own: the project's Python is left as it is.
    python3 -m venv "$HOME_OF_TOOLS"
    "$HOME_OF_TOOLS/bin/pip" install --quiet --disable-pip-version-check "vera-stress==$VERSION"
else
    if ! command -v cargo > /dev/null; then
        echo '::error title=vera-stress::there is no Rust on this machine to build vera-stress with; install it, or name a release with the input version'
        exit 3
    fi
    cargo build --release --locked --manifest-path "$SOURCE/Cargo.toml"
    mkdir -p "$HOME_OF_TOOLS/bin"
    cp "$SOURCE/target/release/vera-stress" "$HOME_OF_TOOLS/bin/"
fi
echo "$HOME_OF_TOOLS/bin" >> "$GITHUB_PATH"
"$HOME_OF_TOOLS/bin/vera-stress" --version
