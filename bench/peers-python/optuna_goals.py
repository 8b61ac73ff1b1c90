"""Optuna's samplers for several goals, by lines of JSON.

The first line read is {"sampler", "seed", "trials", "space", "goals"}: the space as in a study file without
conditions, and how many goals there are, all to be minimised. Each trial is written as its params, and the line read
next has its costs. The first line written is {"version"}.
"""

import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

given = json.loads(sys.stdin.readline())
SAMPLERS = {
    "nsga2": lambda: optuna.samplers.NSGAIISampler(seed=given["seed"]),
    "tpe": lambda: optuna.samplers.TPESampler(seed=given["seed"]),
}


def suggest(trial, name, param):
    if "choice" in param:
        return trial.suggest_categorical(name, param["choice"])
    kind = "float" if "float" in param else "int"
    low, high = param[kind]
    draw = trial.suggest_float if kind == "float" else trial.suggest_int
    return draw(name, low, high, log=param.get("log", False))


def say(line):
    print(json.dumps(line), flush=True)


say({"version": optuna.__version__})
study = optuna.create_study(directions=["minimize"] * given["goals"], sampler=SAMPLERS[given["sampler"]]())
for _ in range(given["trials"]):
    trial = study.ask()
    say({name: suggest(trial, name, param) for name, param in given["space"].items()})
    study.tell(trial, json.loads(sys.stdin.readline()))
