#!/usr/bin/env bash
# Install culver-hello as a stranger would, run its tests, take it away, and see it gone.
# Uses the python, pytest and culver that are first in PATH.
set -euo pipefail
cd "$(dirname "$0")/culver-hello"

pip=(python -m pip --disable-pip-version-check --quiet)
if ! python -m pip --version >/dev/null 2>&1; then # an environment that was made without pip
    pip=(pip --disable-pip-version-check --quiet --python "$(command -v python)")
fi

config="$(mktemp)"
trap 'rm -f "$config"' EXIT
printf 'mail_plugins = hello\n' >"$config"

remove() { "${pip[@]}" uninstall --yes culver-hello >/dev/null; }

# Without dependencies: culver is here, and an index might have another of that name.
"${pip[@]}" install --no-deps .
trap 'remove; rm -f "$config"' EXIT
culver plugin -c "$config" list | grep -q '^hello .* loaded ' || {
    echo "check-hello: the installed plugin isn't loaded" >&2
    exit 1
}
python -m pytest -q
if python -c 'import mypy' 2>/dev/null; then python -m mypy; fi

remove
trap 'rm -f "$config"' EXIT
if culver plugin -c /dev/null list | grep -q '^hello '; then
    echo "check-hello: the plugin is still listed after it was uninstalled" >&2
    exit 1
fi
echo "check-hello: installed, tested, uninstalled, gone"
