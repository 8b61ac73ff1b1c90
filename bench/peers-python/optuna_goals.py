"""Optuna's samplers on the problems of bench/goals.mjs. Prints one JSON object: {"version", "costs": [[...], ...]}."""

import json
import math
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

problem, sampler, seed, trials = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def zdt(kind, x):
    first, rest = x[0], x[1:]
    if kind == 4:
        g = 1 + 10 * len(rest) + sum(z * z - 10 * math.cos(4 * math.pi * z) for z in (10 * y - 5 for y in rest))
        return first, g * (1 - math.sqrt(first / g))
    if kind == 6:
        f = 1 - math.exp(-4 * first) * math.sin(6 * math.pi * first) ** 6
        g = 1 + 9 * (sum(rest) / len(rest)) ** 0.25
        return f, g * (1 - (f / g) ** 2)
    g = 1 + 9 * sum(rest) / len(rest)
    if kind == 1:
        return first, g * (1 - math.sqrt(first / g))
    if kind == 2:
        return first, g * (1 - (first / g) ** 2)
    return first, g * (1 - math.sqrt(first / g) - first / g * math.sin(10 * math.pi * first))


def dtlz2(x):
    g = sum((y - 0.5) ** 2 for y in x[2:])
    a, b = (y * math.pi / 2 for y in x[:2])
    return (
        (1 + g) * math.cos(a) * math.cos(b),
        (1 + g) * math.cos(a) * math.sin(b),
        (1 + g) * math.sin(a),
    )


PROBLEMS = {
    **{f"ZDT{kind}": (10, 2, lambda x, kind=kind: zdt(kind, x)) for kind in (1, 2, 3, 4, 6)},
    "DTLZ2": (7, 3, dtlz2),
}
SAMPLERS = {
    "nsga2": lambda: optuna.samplers.NSGAIISampler(seed=seed),
    "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
}
dimensions, goals, function = PROBLEMS[problem]
study = optuna.create_study(directions=["minimize"] * goals, sampler=SAMPLERS[sampler]())
study.optimize(
    lambda trial: function([trial.suggest_float(f"x{n}", 0, 1) for n in range(dimensions)]), n_trials=trials
)
print(json.dumps({"version": optuna.__version__, "costs": [trial.values for trial in study.trials]}))
