import sys
import time
from multiprocessing import Process

import optuna


def train(trial):
    lr = trial.suggest_float("lr", 1e-3, 1, log=True)
    weight = 5.0
    for step in range(1, 6):
        time.sleep(0.02)
        weight -= lr * weight
        trial.report(weight**2, step)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return weight**2


def work(trials):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(study_name="falling", storage="sqlite:///optuna.db")
    study.optimize(train, n_trials=trials)


if __name__ == "__main__":
    workers = int(sys.argv[1])
    study = optuna.create_study(
        study_name="falling",
        storage="sqlite:///optuna.db",
        sampler=optuna.samplers.RandomSampler(seed=1),
        pruner=optuna.pruners.MedianPruner(),
    )
    processes = [Process(target=work, args=(40 // workers,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(study.best_params, study.best_value)
