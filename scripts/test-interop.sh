#!/usr/bin/env bash
# Tries what is read from and written for other tools with those tools themselves: Optuna, its dashboard, MLflow's
# server, TensorBoard and W&B. It installs them (more than a gigabyte), so CI leaves it out.
#   npm run test:interop                     all of it
#   npm run test:interop -- mlflow           one part: optuna, mlflow, tensorboard or wandb
#   INTEROP_PYTHON=.. npm run test:interop   with what is installed for that Python
set -euo pipefail
cd "$(dirname "$0")/.."

python="${INTEROP_PYTHON:-.cache/python-interop/bin/python}"
if [ -z "${INTEROP_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv .cache/python-interop
  "$python" -m pip install -q -r tests/interop/requirements.txt
fi
INTEROP_PYTHON="$(realpath -s "$python")" exec npx vitest run --config vitest.interop.config.ts "$@"
