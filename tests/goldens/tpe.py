"""Writes tpe.json: the densities of Optuna's TPE sampler.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install optuna==5.0.0
    /tmp/goldens/bin/python tests/goldens/tpe.py > tests/goldens/tpe.json

Where observations are equal, Optuna's bandwidths depend on the order into which numpy sorts them, which differs between
processors. Here that sort is stable.
"""

import json

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe import parzen_estimator
from optuna.samplers._tpe.sampler import default_weights

plain = np.argsort


def stable(values, *args, **kwargs):
    kwargs["kind"] = "stable"
    return plain(values, *args, **kwargs)


SPACE = {
    "rate": FloatDistribution(1e-4, 1, log=True),
    "momentum": FloatDistribution(0, 0.99),
    "dropout": FloatDistribution(0, 0.5, step=0.125),
    "layers": IntDistribution(1, 8),
    "width": IntDistribution(16, 1024, log=True),
    "optimizer": CategoricalDistribution([0, 1, 2]),
}
PARAMETERS = parzen_estimator._ParzenEstimatorParameters(
    prior_weight=1.0,
    consider_magic_clip=True,
    consider_endpoints=False,
    weights=default_weights,
    multivariate=True,
)


def draw(rng, count):
    return {
        "rate": np.exp(rng.uniform(np.log(1e-4), 0, count)),
        "momentum": rng.uniform(0, 0.99, count),
        "dropout": rng.integers(0, 5, count) * 0.125,
        "layers": rng.integers(1, 9, count).astype(float),
        "width": np.round(np.exp(rng.uniform(np.log(16), np.log(1024), count))),
        "optimizer": rng.integers(0, 3, count).astype(float),
    }


rng = np.random.default_rng(1)
cases = []
for count in (0, 1, 2, 3, 30, 150):
    observations, points = draw(rng, count), draw(rng, 5)
    np.argsort = stable
    estimator = parzen_estimator._ParzenEstimator(observations, SPACE, PARAMETERS)
    np.argsort = plain
    densities = estimator.log_pdf(points)
    as_lists = lambda columns: {name: column.tolist() for name, column in columns.items()}
    cases.append(
        {"observations": as_lists(observations), "points": as_lists(points), "logDensities": densities.tolist()}
    )
print(json.dumps({"source": f"optuna {optuna.__version__}, _ParzenEstimator", "cases": cases}))
