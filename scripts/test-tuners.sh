#!/usr/bin/env bash
# Runs programs of other tuners under those tuners and under the stand-ins of curvewise.compat, and Curvewise within
# them. It installs them (most of a gigabyte), so CI leaves it out.
#   npm run test:tuners                  all of it
#   TUNERS_PYTHON=.. npm run test:tuners    with what is installed for that Python
set -euo pipefail
cd "$(dirname "$0")/../clients/python"

python="${TUNERS_PYTHON:-../../.cache/python-tuners/bin/python}"
if [ -z "${TUNERS_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv ../../.cache/python-tuners
  "$python" -m pip install -q -r tests/frameworks/tuners.txt
fi
"$python" -B -m unittest -v tests.frameworks.test_tuners tests.frameworks.test_drivers tests.frameworks.test_searches \
  tests.test_docs
