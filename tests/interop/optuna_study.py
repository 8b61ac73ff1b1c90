"""
Makes and describes studies of Optuna for the tests of what is imported from it and exported to it.

    optuna_study.py make FOLDER TRIALS RETURNED   writes made.sqlite3 and made.journal, and prints what is in them;
                                                  trials return their last report, their best one, or another number
    optuna_study.py describe FILE                 prints what is in a file
    optuna_study.py go-on FILE                    adds two trials to the study in a file, by Optuna's default sampler
"""

import json
import math
import sys

import optuna
import sqlalchemy
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)


def number(value):
    return value if value is None or math.isfinite(value) else str(value)


def describe(study):
    trials = [
        {
            "state": trial.state.name,
            "params": trial.params,
            "value": number(trial.value),
            "intermediates": {str(s): number(v) for s, v in sorted(trial.intermediate_values.items())},
            "user": trial.user_attrs,
            "fixed": trial.system_attrs.get("fixed_params"),
        }
        for trial in study.trials
    ]
    finished = any(trial["state"] == "COMPLETE" for trial in trials)
    best = {"number": study.best_trial.number, "value": number(study.best_value)} if finished else None
    return {"name": study.study_name, "direction": study.direction.name, "best": best, "trials": trials}


def objective(trial, returned):
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    momentum = trial.suggest_float("momentum", 0, 0.9, step=0.1)
    layers = trial.suggest_int("layers", 1, 4)
    batch = trial.suggest_int("batch", 8, 256, log=True)
    name = trial.suggest_categorical("optimizer", ["sgd", "adam", None, True, 3, 0.5])
    if name == "sgd":
        trial.suggest_categorical("nesterov", [False, True])
    if layers > 2:
        trial.suggest_float("dropout", 0, 0.5)
    trial.set_user_attr("note", {"of": trial.number, "text": "ä"})
    loss = math.log10(lr / 0.01) ** 2 + momentum + layers / 10 + batch / 1000
    reported = []
    for step in range(5):
        # A training that diverges for a while, as trainings do.
        diverged = {3: math.nan, 6: math.inf, 8: -math.inf}.get(trial.number % 10) if step == 1 else None
        value = loss + (1 / (step + 1) if step < 3 else step / 10) if diverged is None else diverged
        reported.append(value)
        trial.report(value, step)
        if trial.number % 7 == 1 and step == 2:
            raise optuna.TrialPruned
    if trial.number % 50 == 9:
        raise RuntimeError("out of memory")
    if returned == "other":
        return loss
    return reported[-1] if returned == "last" else min(each for each in reported if math.isfinite(each))


def make(folder, trials, returned):
    study = optuna.create_study(study_name="made", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: objective(trial, returned), n_trials=trials - 2, catch=RuntimeError)
    study.enqueue_trial({"lr": 0.1, "layers": 2})
    running = study.ask()
    running.suggest_float("lr", 1e-5, 1, log=True)
    running.report(0.5, 0)
    study.enqueue_trial({"lr": 0.2, "layers": 1})
    rdb = RDBStorage(f"sqlite:///{folder}/made.sqlite3")
    # The file is made once, so nothing is lost if it is not written at once.
    sqlalchemy.event.listen(
        rdb.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF")
    )
    rdb.engine.dispose()
    journal = JournalStorage(JournalFileBackend(f"{folder}/made.journal"))
    for storage in (rdb, journal):
        copy = optuna.create_study(study_name="made", storage=storage)
        copy.add_trials(study.trials)
        copy.set_metric_names(["loss"])
    return study


def load(file):
    if file.endswith(".journal"):
        return optuna.load_study(study_name=None, storage=JournalStorage(JournalFileBackend(file)))
    return optuna.load_study(study_name=None, storage=f"sqlite:///{file}")


command, where, *rest = sys.argv[1:]
result = make(where, int(rest[0]), rest[1]) if command == "make" else load(where)
if command == "go-on":
    result.optimize(lambda trial: objective(trial, "last"), n_trials=2, catch=RuntimeError)
json.dump(describe(result), sys.stdout)
