"""Trainings that are functions of a trial."""

from typing import Any, Callable, Mapping

from ._trial import Trial
from ._worker import Worker

#: Trains a trial. What it returns is the goal's metric, or metrics by name, unless it reported the goal's metric.
Train = Callable[[Trial], Any]


def report_result(trial: Trial, result: Any, metric: str) -> None:
    """Reports a result (the goal's metric, or metrics by name) at the last step, unless that was reported already."""
    if result is None or trial.should_prune() or trial._is_complete():
        return
    step = trial._last_step + 1 if trial.max_steps is None else trial.max_steps
    trial.report(step, result if isinstance(result, Mapping) else {metric: result})


def train_trials(worker: Worker, train: Train, metric: str) -> None:
    """Trains one trial after another until none are left; an exception fails its trial."""
    while True:
        trial = worker.ask()
        if trial is None:
            return
        try:
            with trial:
                result = train(trial)
                # What it reported itself counts; many return it once more.
                if metric not in trial._reported:
                    report_result(trial, result, metric)
        except SystemExit:
            # It ends the training, as it would end a program.
            continue
