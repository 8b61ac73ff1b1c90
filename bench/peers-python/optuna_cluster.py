"""The same work as the second part of bench/cluster.mjs, through Optuna: one of its worker processes.

Arguments: the storage's URL, the study's name, the number of trials, the number of reports per trial; `create` instead
of the trials creates the study. Prints `ready`, waits for a line, and prints one JSON object at the end.
"""

import json
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

url, name, trials = sys.argv[1:4]
pruner = optuna.pruners.MedianPruner()
if trials == "create":
    optuna.create_study(storage=url, study_name=name, direction="minimize", pruner=pruner)
    sys.exit()

steps = int(sys.argv[4])
milliseconds = []
study = optuna.load_study(storage=url, study_name=name, sampler=optuna.samplers.RandomSampler(), pruner=pruner)


def objective(trial):
    trial.suggest_float("lr", 1e-4, 1.0, log=True)
    for step in range(1, steps + 1):
        begin = time.perf_counter()
        trial.report(1.0 / step, step)
        prune = trial.should_prune()
        milliseconds.append((time.perf_counter() - begin) * 1000)
        if prune:
            raise optuna.TrialPruned()
    return 1.0 / steps


print("ready", flush=True)
sys.stdin.readline()
study.optimize(objective, n_trials=int(trials))
print(
    json.dumps(
        {
            "version": optuna.__version__,
            "trials": int(trials),
            "milliseconds": milliseconds,
            "processorTime": time.process_time(),
        }
    )
)
