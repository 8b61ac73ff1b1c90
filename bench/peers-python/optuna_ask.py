"""The same asks and tells as bench/ask.mjs, through Optuna. Prints one JSON object."""

import json
import sys
import time

import numpy as np
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

sampler, trials, dimensions, repeats = sys.argv[1], *map(int, sys.argv[2:5])
SAMPLERS = {
    "random": lambda: optuna.samplers.RandomSampler(seed=1),
    "sobol": lambda: optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=1, warn_independent_sampling=False),
    "tpe": lambda: optuna.samplers.TPESampler(seed=1),
    "gp": lambda: optuna.samplers.GPSampler(seed=1),
}
space = {f"x{i}": optuna.distributions.FloatDistribution(0.0, 1.0) for i in range(dimensions)}


def loss(params):
    return sum((value - 0.3) ** 2 for value in params.values())


study = optuna.create_study(sampler=SAMPLERS[sampler]())
points = np.random.default_rng(7).uniform(size=(trials, dimensions)).tolist()
history = [dict(zip(space, point)) for point in points]
study.add_trials(
    [optuna.create_trial(params=params, distributions=space, value=loss(params)) for params in history]
)


def ask_and_tell():
    trial = study.ask(space)
    study.tell(trial, loss(trial.params))


ask_and_tell()
begin = time.process_time()
for _ in range(repeats):
    ask_and_tell()
milliseconds = (time.process_time() - begin) / repeats * 1e3
print(json.dumps({"version": optuna.__version__, "milliseconds": milliseconds}))
