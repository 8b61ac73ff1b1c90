#!/usr/bin/env bash
# Tries the Python callbacks with the real libraries, which it installs: several gigabytes, so CI leaves it out.
#   npm run test:frameworks                    all of them
#   npm run test:frameworks -- keras fastai    some of them, as they are installed where FRAMEWORKS_PYTHON says
set -euo pipefail
cd "$(dirname "$0")/../clients/python"

python="${FRAMEWORKS_PYTHON:-../../.cache/python-frameworks/bin/python}"
if [ -z "${FRAMEWORKS_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv ../../.cache/python-frameworks
  "$python" -m pip install -q -r tests/frameworks/requirements.txt
fi
names=()
for name in "$@"; do names+=("tests.frameworks.test_callbacks.Callbacks.test_$name"); done
[ "${#names[@]}" -gt 0 ] || names=(tests.frameworks.test_callbacks)
"$python" -B -m unittest -v "${names[@]}"
