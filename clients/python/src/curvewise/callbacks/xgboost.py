"""XGBoost: ``xgboost.train(.., callbacks=[CurvewiseCallback(trial)])``, also for its scikit-learn estimators."""

from typing import Any, Dict

import xgboost

from .._trial import Trial


class CurvewiseCallback(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """Reports every round, with metrics named as XGBoost prints them: ``validation-mlogloss``.

    Snapshots are models. Go on with ``num_boost_round=trial.max_steps - trial.resume_step`` and
    ``xgb_model=trial.resume``.
    """

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial
        self._rounds = 0

    def before_training(self, model: Any) -> Any:
        self._rounds = 0
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Dict[str, Dict[str, Any]]) -> bool:
        self._rounds += 1
        step = self.trial.resume_step + self._rounds
        metrics: Dict[str, float] = {}
        for data, by_metric in evals_log.items():
            for metric, values in by_metric.items():
                last = values[-1]
                # Of a cross-validation: the mean, and its deviation.
                metrics[f"{data}-{metric}"] = float(last[0] if isinstance(last, tuple) else last)
        action = self.trial.report(step, metrics)
        if self.trial.should_save(step) and hasattr(model, "save_model"):
            with self.trial.save(step, ".ubj") as path:
                model.save_model(path)
        return action == "stop" or (action == "pause" and not self.trial.park())
