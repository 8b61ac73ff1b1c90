#!/usr/bin/env bash
# Checks the types of the Python package with mypy, which it gets from PyPI.
set -euo pipefail
cd "$(dirname "$0")/../clients/python"

environment="../../.cache/python-types"
[ -x "$environment/bin/mypy" ] || { python3 -m venv "$environment" && "$environment/bin/pip" install -q "mypy==1.*"; }
"$environment/bin/mypy"
