"""The same work as bench/overhead.mjs, through Optuna. Prints one JSON object."""

import json
import os
import sys
import tempfile
import threading
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def ask(study):
    trial = study.ask()
    for i in range(10):
        trial.suggest_float(f"x{i}", 0.0, 1.0)
    return trial


def memory(trials):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    begin = time.perf_counter()
    for n in range(trials):
        study.tell(ask(study), float(n))
    return (time.perf_counter() - begin) / trials * 1e6


def durable(trials, workers):
    with tempfile.TemporaryDirectory() as folder:
        url = "sqlite:///" + os.path.join(folder, "optuna.db")
        study = optuna.create_study(storage=url, sampler=optuna.samplers.RandomSampler(seed=1))

        def work(share):
            for _ in range(share):
                trial = ask(study)
                for step in range(1, 11):
                    trial.report(1.0 / step, step)
                study.tell(trial, 0.1)

        threads = [threading.Thread(target=work, args=(trials // workers,)) for _ in range(workers)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (time.perf_counter() - begin) / (trials // workers * workers) * 1e3


print(
    json.dumps(
        {
            "version": optuna.__version__,
            "askTellMicroseconds": memory(int(sys.argv[1])),
            "durableTrialMilliseconds": durable(int(sys.argv[2]), 16),
        }
    )
)
