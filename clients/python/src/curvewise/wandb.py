"""Curvewise as the brain of a W&B sweep: wandb's ``Optimizer`` for sweeps that an external scheduler drives.

::

    import curvewise.wandb

    curvewise.wandb.run("entity/project/sweep-id", scheduler={"asha": {"type": "stopping"}}, max_steps=27)

This takes the place of ``wandb sweep-scheduler``, whose engines are fixed; the sweep must be one that has such a
scheduler (``scheduler: {engine: wandb}`` in its config). Agents are started as for any sweep. It needs the package
``wandb``, 0.31 or newer.
"""

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from wandb.sdk.sweeps.run_state import RunState
from wandb.sdk.sweeps.scheduler.optimizer import (
    Optimizer,
    Run,
    RunConfig,
    RunSuggestion,
    RunWithMetrics,
    is_terminal_state,
)
from wandb.sdk.sweeps.sweep_info import SweepInfo

from ._driven import Driven, stopping_only
from ._errors import CurvewiseError
from ._samplers import first_known
from ._locations import Choice
from ._sweep_space import early_terminate_of, fits, flat, nested, space

__all__ = ["CurvewiseOptimizer", "run", "space"]


#: Curvewise's samplers that come nearest, by the sweep's method.
_SAMPLERS: Dict[str, Tuple[str, ...]] = {"grid": ("grid",), "bayes": ("gp", "tpe")}


class CurvewiseOptimizer(Optimizer):  # type: ignore[misc]
    """Proposes the runs of a sweep, and stops them.

    Args:
        sweep: what W&B says of the sweep.
        sampler: what proposes; by default what comes nearest to the sweep's ``method``.
        scheduler: one that stops runs for good; by default as ``early_terminate`` says, otherwise none.
        max_steps: the step of W&B (counted from 0 there) at which a run is complete, counted from 1.
        seed: the same seed proposes the same params.
        storage: the database of Curvewise; by default CURVEWISE_STORAGE or ``curvewise.db``.

    Raises:
        CurvewiseError: ``GOAL_NEEDED``, ``NOT_SUPPORTED``, ``SPACE_NOT_SUPPORTED``, ``SCHEDULER_PAUSES``.
    """

    def __init__(
        self,
        sweep: SweepInfo,
        *,
        sampler: Optional[Choice] = None,
        scheduler: Optional[Choice] = None,
        max_steps: Optional[int] = None,
        seed: int = 0,
        storage: Optional[str] = None,
    ) -> None:
        super().__init__(sweep)
        stopping_only(scheduler)
        config = sweep.config
        rule, steps = early_terminate_of(config) if scheduler is None else (scheduler, max_steps)
        self._parameters: Mapping[str, Any] = config.get("parameters") or {}
        self._space = space(self._parameters)
        self._options: Dict[str, Any] = {
            "sampler": sampler or first_known(_SAMPLERS.get(str(config.get("method")), ())),
            "scheduler": rule,
            "max_steps": max_steps or steps,
            "seed": seed,
            "storage": storage,
        }
        self._driven: Optional[Driven] = None
        self._count = 0
        self._earlier: List[Tuple[str, Dict[str, Any], Optional[RunWithMetrics]]] = []

    def validate_sweep_objective(self) -> None:
        """Refuses sweeps without a metric, or with several.

        Raises:
            CurvewiseError: ``GOAL_NEEDED``, ``NOT_SUPPORTED``.
        """
        config = self._sweep.config
        if len(config.get("metrics") or []) > 1:
            raise CurvewiseError("NOT_SUPPORTED", "the sweep has several metrics", "Curvewise has one goal.")
        if not config.get("metrics") and "name" not in (config.get("metric") or {}):
            raise CurvewiseError(
                "GOAL_NEEDED", "the sweep has no metric", "Add metric: {name: loss, goal: minimize} to its config."
            )

    @property
    def _metric(self) -> str:
        return str(self.metric_names()[0])

    def _new_id(self) -> str:
        self._count += 1
        return f"{self._sweep.id}-{self._count - 1}"

    def _begun(self) -> Driven:
        """The study, which begins with the runs that the sweep already has."""
        if self._driven is not None:
            return self._driven
        (goal,) = self.metric_goals()
        driven = self._driven = Driven(
            "wandb",
            goal={goal: self._metric},
            space=self._space,
            enqueue=[params for _, params, _ in self._earlier],
            **self._options,
        )
        for run_id, _, data in self._earlier:
            driven.ask(run_id)
            if data is not None:
                self.tell_run(run_id, data)
        return driven

    def ask_n_runs(self, n: int) -> Optional[Sequence[RunSuggestion]]:
        """Up to n new runs; none ever again if that is an empty list, none at the moment if it is None."""
        driven = self._begun()
        found: List[RunSuggestion] = []
        for _ in range(n):
            run_id = self._new_id()
            params = driven.ask(run_id)
            if params is None:
                break
            config = RunConfig.from_values(nested(self._parameters, params))
            found.append(RunSuggestion(config=config, run_id=run_id))
        return found if found or driven.is_over else None

    def tell_run(self, run_id: Any, data: RunWithMetrics) -> None:
        """Tells what is new of a run, and how it ended."""
        driven = self._begun()
        if not driven.has(run_id):
            return
        rows = [(row["_step"], self._value_in(row)) for row in data.history_metrics if "_step" in row]
        curve = {int(step): {self._metric: value} for step, value in rows if value is not None}
        driven.report(run_id, curve)
        if not is_terminal_state(data.state):
            return
        value = self._value_in(data.summary_metrics)
        if data.state == RunState.FINISHED:
            driven.end(run_id, None if value is None else {self._metric: value})
        else:
            driven.fail(run_id, f"the run is {data.state.value}")

    def _value_in(self, metrics: Mapping[str, Any]) -> Optional[float]:
        """The goal's metric in what a run logged, if it is a number."""
        value = metrics.get(self._metric)
        try:
            return None if value is None else float(value)
        except (TypeError, ValueError):
            return None

    def prune_run(self, run_id: Any, data: RunWithMetrics) -> bool:
        """Whether the scheduler stops a run; it then has ended for Curvewise."""
        driven = self._begun()
        if not driven.is_stopped(run_id):
            return False
        driven.end(run_id, None)
        return True

    def forget_run(self, run_id: Any) -> None:
        """A run that will never start has failed."""
        self._begun().fail(run_id, "the run was never started")

    def _knows(self, config: RunConfig) -> Optional[Dict[str, Any]]:
        params = flat(config.flat_dict(), self._space)
        is_known = all(name in params and fits(spec, params[name]) for name, spec in self._space.items())
        return params if is_known and self._driven is None else None

    def tell_existing_finished_run(self, data: RunWithMetrics) -> None:
        """Has the study begin with a run that the sweep already has, if its params are in the space."""
        params = self._knows(data.config)
        if params is not None and data.state == RunState.FINISHED:
            self._earlier.append((self._new_id(), params, data))

    def tell_existing_active_run(self, data: Run) -> Any:
        """Has the study go on with a run that is under way, if its params are in the space."""
        params = self._knows(data.config)
        if params is None:
            return None
        run_id = self._new_id()
        self._earlier.append((run_id, params, None))
        return run_id

    def has_terminator(self) -> bool:
        """The sweep ends by its own ``run_cap``, or when the space is exhausted."""
        return False

    def close(self) -> None:
        """Ends the engine."""
        if self._driven is not None:
            self._driven.close()


def run(sweep: str, *, batch_size: int = 1, poll_interval: float = 10, **options: Any) -> None:
    """Drives a sweep until it ends, in place of ``wandb sweep-scheduler``.

    Args:
        sweep: ``entity/project/sweep-id``.
        batch_size: how many runs to keep in flight.
        poll_interval: seconds between two looks at the runs.
        options: those of `CurvewiseOptimizer`.

    Raises:
        CurvewiseError: ``SWEEP_INVALID`` if the sweep is not named in full.
    """
    from wandb.sdk.sweeps.scheduler.client import run_scheduler

    parts = sweep.split("/")
    if len(parts) != 3 or not all(parts):
        raise CurvewiseError("SWEEP_INVALID", f"{sweep!r} names no sweep", 'Write "entity/project/sweep-id".')
    made: List[CurvewiseOptimizer] = []

    def make(found: SweepInfo) -> CurvewiseOptimizer:
        made.append(CurvewiseOptimizer(found, **options))
        return made[-1]

    try:
        run_scheduler(
            entity=parts[0],
            project=parts[1],
            sweep_id=parts[2],
            make_optimizer=make,
            batch_size=batch_size,
            poll_interval=poll_interval,
        )
    finally:
        for each in made:
            each.close()
