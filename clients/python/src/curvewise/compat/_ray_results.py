"""What Ray Tune's ``fit`` returns."""

import importlib
import math
import os
from typing import Any, Dict, Iterator, List, Mapping, Optional

from .._results import Record, _number
from ._ray_checkpoint import Checkpoint


class Result:
    """The outcome of one trial.

    Attributes:
        metrics: the last value of each metric, with ``training_iteration`` and ``config``.
        config: what the trainable got.
        checkpoint: the last one that was kept; None if there is none.
        error: what went wrong, if it failed.
        path: the trial's folder.
    """

    def __init__(self, record: Record, config: Dict[str, Any], study: str) -> None:
        """Args: study: the study's folder."""
        self.config = config
        self.path = os.path.join(study, f"trial-{record['number']}")
        self.curve: List[Dict[str, Any]] = [
            {name: _number(value) for name, value in point.items()} for point in record["curve"]
        ]
        self.metrics: Dict[str, Any] = {}
        for point in self.curve:
            self.metrics.update(point)
        self.metrics["training_iteration"] = self.metrics.pop("step", 0)
        self.metrics["trial_id"] = str(record["number"])
        self.metrics["config"] = config
        failure = record.get("failure") if record["state"] == "failed" else None
        self.error: Optional[Exception] = None if failure is None else RuntimeError(failure["message"])
        snapshot = record.get("snapshot")
        self.checkpoint: Optional[Checkpoint] = None
        if snapshot is not None:
            file = os.path.join(study, snapshot["path"])
            self.checkpoint = Checkpoint.of_snapshot(file, os.path.join(self.path, "checkpoint"))

    @property
    def metrics_dataframe(self) -> Any:
        """The curve as a pandas data frame."""
        return importlib.import_module("pandas").DataFrame(self.curve)

    def __repr__(self) -> str:
        return f"Result(metrics={self.metrics}, path={self.path!r})"


class ResultGrid:
    """The outcomes of all trials."""

    def __init__(self, results: List[Result], goal: Mapping[str, str]) -> None:
        self._results = results
        self._goal = goal

    def get_best_result(
        self,
        metric: Optional[str] = None,
        mode: Optional[str] = None,
        scope: str = "last",
        filter_nan_and_inf: bool = True,
    ) -> Result:
        """The trial with the best value of a metric, by default the goal's.

        Args:
            scope: ``last``, or ``all``: the best value that a trial ever had.

        Raises:
            RuntimeError: no trial has a value.
        """
        name = metric or next(iter(self._goal.values()))
        sign = -1 if (mode or ("max" if "maximize" in self._goal else "min")) == "max" else 1

        def cost(result: Result) -> float:
            points = result.curve if scope == "all" else result.curve[-1:]
            values = [sign * point[name] for point in points if name in point]
            return min((value for value in values if math.isfinite(value)), default=math.inf)

        best = min(self._results, key=cost, default=None)
        if best is None or cost(best) == math.inf:
            raise RuntimeError(f"No best trial found for the given metric: {name}.")
        return best

    def get_dataframe(self, filter_metric: Optional[str] = None, filter_mode: Optional[str] = None) -> Any:
        """A row for each trial, as a pandas data frame."""
        rows = []
        for result in self._results:
            flat = {f"config/{name}": value for name, value in result.config.items()}
            rows.append({**{name: each for name, each in result.metrics.items() if name != "config"}, **flat})
        return importlib.import_module("pandas").DataFrame(rows)

    @property
    def errors(self) -> List[Exception]:
        """What went wrong in the trials that failed."""
        return [each.error for each in self._results if each.error is not None]

    @property
    def num_errors(self) -> int:
        """How many trials failed."""
        return len(self.errors)

    @property
    def num_terminated(self) -> int:
        """How many trials ended without an error."""
        return len(self._results) - self.num_errors

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, index: int) -> Result:
        return self._results[index]

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)
