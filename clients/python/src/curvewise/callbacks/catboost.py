"""CatBoost: ``model.fit(.., callbacks=[callback])``, then ``callback.save(model)``."""

from typing import Any, Dict

from .._trial import Trial


class CurvewiseCallback:
    """Reports every iteration, with metrics named ``validation Logloss``.

    CatBoost gives callbacks no model, so that one can be saved only at the end: call ``save(model)`` after ``fit``.
    Go on with ``iterations=trial.max_steps - trial.resume_step`` and ``init_model=trial.resume``.
    """

    def __init__(self, trial: Trial) -> None:
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial
        self._iterations = 0

    def after_iteration(self, info: Any) -> bool:
        self._iterations += 1
        metrics: Dict[str, float] = {}
        for data, by_metric in info.metrics.items():
            for metric, values in by_metric.items():
                metrics[f"{data} {metric}"] = float(values[-1])
        action = self.trial.report(self.trial.resume_step + self._iterations, metrics)
        return action not in ("pause", "stop")

    def save(self, model: Any) -> None:
        """Saves the model if the training was told to pause."""
        step = self.trial.resume_step + self._iterations
        if self._iterations > 0 and self.trial.should_save(step):
            with self.trial.save(step, ".cbm") as path:
                model.save_model(path)
