#!/usr/bin/env bash
# Tries the Python callbacks, and the examples, with the real libraries, which it installs: several gigabytes, so CI
# leaves it out.
#   npm run test:frameworks                    all of them
#   npm run test:frameworks -- keras fastai    the callbacks for some of them
#   npm run test:frameworks -- examples        the examples alone; with unittest's -k, some: examples -k unedited_timm
# FRAMEWORKS_PYTHON names a Python that has some of the libraries; what needs others is skipped.
set -euo pipefail
cd "$(dirname "$0")/../clients/python"

python="${FRAMEWORKS_PYTHON:-../../.cache/python-frameworks/bin/python}"
if [ -z "${FRAMEWORKS_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv ../../.cache/python-frameworks
  "$python" -m pip install -q -r tests/frameworks/requirements.txt
fi
names=()
if [ "${1:-}" = examples ]; then
  names=("${@:2}" tests.frameworks.test_examples)
else
  for name in "$@"; do names+=("tests.frameworks.test_callbacks.Callbacks.test_$name"); done
fi
[ "${#names[@]}" -gt 0 ] || names=(tests.frameworks.test_callbacks tests.frameworks.test_examples)
"$python" -B -m unittest -v "${names[@]}"
