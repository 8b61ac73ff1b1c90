"""LightGBM: ``lightgbm.train(.., callbacks=[CurvewiseCallback(trial)])``, also for its scikit-learn estimators."""

from typing import Any, Dict

import lightgbm

from .._trial import Trial


class CurvewiseCallback:
    """Reports every round, with metrics named as LightGBM prints them: ``valid_1's multi_logloss``.

    Snapshots are models. Go on with ``num_boost_round=trial.max_steps - trial.resume_step`` and
    ``init_model=trial.resume``.
    """

    #: After LightGBM's own callbacks that record and print, so that they see the last round too.
    order = 25
    before_iteration = False

    def __init__(self, trial: Trial) -> None:
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial

    def __call__(self, env: Any) -> None:
        step = self.trial.resume_step + env.iteration - env.begin_iteration + 1
        metrics: Dict[str, float] = {}
        for result in env.evaluation_result_list:
            # Tuples until 4.6, objects with names since; of a cross-validation, the name of the data is in the metric's.
            data, metric, value = result[:3] if isinstance(result, tuple) else (
                result.dataset_name,
                result.metric_name,
                result.metric_value if hasattr(result, "metric_value") else result.metric_mean,
            )
            metrics[f"{data}'s {metric}"] = float(value)
        action = self.trial.report(step, metrics)
        if self.trial.should_save(step):
            with self.trial.save(step, ".txt") as path:
                env.model.save_model(path)
        ends = action == "stop" or (action == "pause" and not self.trial.park())
        if ends and env.iteration + 1 < env.end_iteration:
            raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)
