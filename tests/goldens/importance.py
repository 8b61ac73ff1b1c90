"""Importances of params by Optuna 5.0.0's PedAnovaImportanceEvaluator, for src/importance.

Run in an environment with optuna==5.0.0: python3 importance.py > importance.json
"""

import json
import math
import random

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator

optuna.logging.set_verbosity(optuna.logging.ERROR)

SPACE = {
    "rate": FloatDistribution(1e-4, 1, log=True),
    "momentum": FloatDistribution(0, 0.99),
    "dropout": FloatDistribution(0, 0.5, step=0.1),
    "width": IntDistribution(16, 512, log=True),
    "depth": IntDistribution(1, 6),
    "kind": CategoricalDistribution(("sgd", "adam", "rms")),
    "beta": FloatDistribution(0.8, 0.999),
}


def value_of(params):
    value = (math.log10(params["rate"]) + 2) ** 2 + 0.3 * (params["depth"] - 3) ** 2
    value += {"sgd": 0.5, "adam": 0, "rms": 0.2}[params["kind"]]
    value += abs(params.get("beta", 0.9) - 0.9) * 20 + 0.01 * math.log(params["width"])
    return value


def case(seed, count, target, region):
    draw = random.Random(seed)
    trials, study = [], optuna.create_study()
    for _ in range(count):
        params = {
            "rate": 10 ** draw.uniform(-4, 0),
            "momentum": draw.uniform(0, 0.99),
            "dropout": round(draw.randrange(6) * 0.1, 10),
            "width": round(math.exp(draw.uniform(math.log(16), math.log(512)))),
            "depth": draw.randint(1, 6),
            "kind": draw.choice(("sgd", "adam", "rms")),
        }
        if params["kind"] == "adam":
            params["beta"] = draw.uniform(0.8, 0.999)
        value = value_of(params)
        distributions = {name: SPACE[name] for name in params}
        study.add_trial(optuna.create_trial(params=params, distributions=distributions, value=value))
        trials.append({"params": params, "value": value})
    evaluator = PedAnovaImportanceEvaluator(target_quantile=target, region_quantile=region)
    importances = optuna.importance.get_param_importances(study, evaluator=evaluator, normalize=False)
    return {"target": target, "region": region, "trials": trials, "importances": importances}


cases = [case(1, 200, 0.1, 1.0), case(2, 60, 0.25, 1.0), case(3, 150, 0.1, 0.5), case(4, 12, 0.1, 1.0)]
print(json.dumps({"optuna": optuna.__version__, "cases": cases}))
