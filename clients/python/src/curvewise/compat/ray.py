"""Stands for Ray Tune: ``tune.report``, ``tune.Tuner`` and what they need, for trainables that are functions or classes.

In a trial of ``curvewise run``, ``Tuner.fit`` trains that trial and ends the process. By hand it runs a study of
Curvewise, with a process for each trial at a time.
"""

import functools
import inspect
import os
import secrets
import sys
from typing import Any, Callable, Dict, Mapping, Optional

from .._errors import CurvewiseError
from .._study import Study
from .._trial import Trial
from ._importing import StandIn
from ._names import free_name
from ._ray_algorithms import PB2_MODULE, SCHEDULERS, SEARCHERS, goal_of, plan_of, searched
from ._ray_checkpoint import Checkpoint
from ._ray_reports import get_checkpoint, get_context, report
from ._ray_results import Result, ResultGrid
from ._ray_space import (
    choice,
    config_of,
    grid_of,
    grid_search,
    lograndint,
    loguniform,
    qlograndint,
    qloguniform,
    qrandint,
    qrandn,
    quniform,
    randint,
    randn,
    sample_from,
    space,
    uniform,
)
from ._reports import TrainingEnded, begin, current, end, in_program, is_number, numbers_of, unsupported

__all__ = ["Checkpoint", "Tuner", "TuneConfig", "RunConfig", "get_checkpoint", "get_context", "report", "space"]


class _Options:
    """Options by name, as attributes; those that are not given are None."""

    def __init__(self, **options: Any) -> None:
        self.__dict__.update(options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


class TuneConfig(_Options):
    """What is tuned, and how."""

    def __init__(
        self,
        mode: Optional[str] = None,
        metric: Optional[str] = None,
        search_alg: Any = None,
        scheduler: Any = None,
        num_samples: int = 1,
        max_concurrent_trials: Optional[int] = None,
        time_budget_s: Any = None,
        **others: Any,
    ) -> None:
        super().__init__(
            mode=mode,
            metric=metric,
            search_alg=search_alg,
            scheduler=scheduler,
            num_samples=num_samples,
            max_concurrent_trials=max_concurrent_trials,
            time_budget_s=time_budget_s,
            **others,
        )


class RunConfig(_Options):
    """Where, and until when: ``name`` and ``stop`` count, the rest is Ray's own."""

    def __init__(self, name: Optional[str] = None, storage_path: Optional[str] = None, **others: Any) -> None:
        super().__init__(name=name, storage_path=storage_path, **others)


class CheckpointConfig(_Options):
    """Which checkpoints Ray keeps; Curvewise keeps the last one of each trial."""


class FailureConfig(_Options):
    """How often Ray tries a trial again: ``max_failures`` counts."""


class Trainable:
    """A trainable as a class: ``setup``, ``step``, ``save_checkpoint``, ``load_checkpoint``."""

    def __init__(self, config: Optional[Dict[str, Any]] = None) -> None:
        self.config = dict(config or {})
        self.iteration = self.training_iteration = current().trial.resume_step
        self.setup(self.config)

    def setup(self, config: Dict[str, Any]) -> None:
        """Called once, before anything else."""

    def step(self) -> Dict[str, Any]:
        """Trains a step, and returns metrics."""
        raise NotImplementedError

    def save_checkpoint(self, checkpoint_dir: str) -> Any:
        """Saves the model in a folder."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Loads the model from a folder."""

    def cleanup(self) -> None:
        """Called at the end."""


def _train_class(made: Any) -> None:
    """Trains a `Trainable` until it is told to end, or says that it is done."""
    reports = current()
    trial = reports.trial
    if trial.resume is not None:
        made.load_checkpoint(trial.resume)
    try:
        while not reports.is_over():
            metrics = dict(made.step())
            done = metrics.pop("done", False)
            made.iteration = made.training_iteration = made.iteration + 1
            reports.report(numbers_of(metrics))
            if trial.should_save(trial._last_step):
                with trial.save(trial._last_step) as path:
                    os.makedirs(path)
                    made.save_checkpoint(path)
            if done:
                return
    finally:
        made.cleanup()


def _train(trainable: Callable[..., Any], config: Dict[str, Any]) -> None:
    """Trains the trial of this thread."""
    if inspect.isclass(trainable):
        _train_class(trainable(config))
        return
    result = trainable(config)
    if isinstance(result, Mapping):
        current().result(numbers_of(result))
    elif result is not None and is_number(result):
        raise unsupported("a trainable that returns a number", 'Return a mapping: {"loss": loss}.')


def with_parameters(trainable: Callable[..., Any], **parameters: Any) -> Callable[..., Any]:
    """A trainable that gets further arguments, which may be large."""
    if inspect.isclass(trainable):
        raise unsupported("with_parameters of a class", "Give the data to a function, or keep them in a module.")
    return functools.wraps(trainable)(functools.partial(trainable, **parameters))


def with_resources(trainable: Callable[..., Any], resources: Any) -> Callable[..., Any]:
    """A trainable that needs more than one processor: by hand, fewer are trained at the same time."""
    if isinstance(resources, Mapping):
        trainable._cpus = resources.get("cpu", 1)  # type: ignore[attr-defined]
    return trainable


def _max_steps(stop: Any) -> Optional[int]:
    if stop is None:
        return None
    if isinstance(stop, Mapping) and set(stop) <= {"training_iteration"}:
        return int(stop["training_iteration"]) if stop else None
    raise unsupported("a stop other than training_iteration", 'Write stop={"training_iteration": 100}.')


class Tuner:
    """Tunes a trainable."""

    def __init__(
        self,
        trainable: Any = None,
        *,
        param_space: Optional[Dict[str, Any]] = None,
        tune_config: Any = None,
        run_config: Any = None,
        **_options: Any,
    ) -> None:
        if not callable(trainable):
            raise unsupported(
                f"a trainable that is a {type(trainable).__name__}", "Give a function, or a class of tune.Trainable."
            )
        self._trainable: Callable[..., Any] = trainable
        self._space = dict(param_space or {})
        self._config = tune_config or TuneConfig()
        self._run = run_config or RunConfig()

    def fit(self) -> ResultGrid:
        """Trains the trial of this process and ends it; by hand, runs a study.

        Raises:
            CurvewiseError: ``GOAL_NEEDED`` if nothing names a metric; ``NOT_SUPPORTED``; ``SPACE_NOT_SUPPORTED``.
        """
        if in_program():
            _train(self._trainable, config_of(self._space, current().trial.params))
            raise TrainingEnded()
        goal = goal_of(self._config)
        if goal is None:
            raise CurvewiseError(
                "GOAL_NEEDED", "nothing names a metric", 'Write TuneConfig(metric="loss", mode="min").'
            )
        study = self._study(goal)
        try:
            study.optimize(self._trained(), self._trials, workers=self._workers(), threads=sys.platform != "linux")
        except CurvewiseError as error:
            if error.code not in ("NOTHING_FOUND", "TRIALS_FAILING"):
                raise
        return self._results(study, goal)

    def _trained(self) -> Callable[[Trial], None]:
        trainable, given = self._trainable, self._space

        def train(trial: Trial) -> None:
            begin(trial)
            try:
                _train(trainable, config_of(given, trial.params))
            finally:
                end()

        return train

    def _study(self, goal: Mapping[str, str]) -> Study:
        config, grid = self._config, grid_of(self._space)
        samples = max(1, config.num_samples)
        sampler, first, self._concurrent = searched(config.search_alg)
        trials = samples * (1 if grid is None else len(grid))
        wanted = space(self._space)
        if not wanted:
            raise CurvewiseError("SPACE_EMPTY", "param_space has no params", "Write {'lr': tune.loguniform(1e-4, 1)}.")
        plan = plan_of(config.scheduler, _max_steps(self._run.stop), trials, list(wanted))
        self._trials = None if plan.population is not None else trials
        seconds = getattr(config.time_budget_s, "total_seconds", lambda: config.time_budget_s)()
        retries = getattr(self._run.failure_config, "max_failures", 0) or 0
        return Study(
            free_name(self._run.name) if self._run.name else f"ray-{secrets.token_hex(4)}",
            goal=goal,
            space=wanted,
            max_steps=plan.max_steps,
            sampler=sampler if grid is None else {"list": {"trials": [each for each in grid for _ in range(samples)]}},
            scheduler=plan.scheduler,
            enqueue=first,
            budget=None if seconds is None else {"time": f"{seconds}s"},
            retries=max(0, retries),
        )

    def _workers(self) -> int:
        cores = max(1, int((os.cpu_count() or 1) // max(1, getattr(self._trainable, "_cpus", 1))))
        return self._config.max_concurrent_trials or self._concurrent or cores

    def _results(self, study: Study, goal: Mapping[str, str]) -> ResultGrid:
        results = [
            Result(record, config_of(self._space, record["params"]), study._folder) for record in study.trials
        ]
        return ResultGrid(results, goal)


class Analysis:
    """What ``tune.run`` returns: the results by the names of older programs."""

    def __init__(self, results: ResultGrid) -> None:
        self._results = results

    def get_best_config(self, metric: Optional[str] = None, mode: Optional[str] = None, scope: str = "last") -> Any:
        """The config of the best trial."""
        return self._results.get_best_result(metric, mode, scope).config

    @property
    def best_config(self) -> Dict[str, Any]:
        """The config of the best trial."""
        return self._results.get_best_result().config

    @property
    def best_result(self) -> Dict[str, Any]:
        """The last metrics of the best trial."""
        return self._results.get_best_result().metrics

    def results_df(self) -> Any:
        """A row for each trial, as a pandas data frame."""
        return self._results.get_dataframe()


def run(run_or_experiment: Any, *, config: Optional[Dict[str, Any]] = None, **options: Any) -> Analysis:
    """Tunes a trainable, in the words of older programs."""
    tuned = ("metric", "mode", "num_samples", "scheduler", "search_alg", "max_concurrent_trials", "time_budget_s")
    tune_config = TuneConfig(**{name: options.pop(name) for name in tuned if name in options})
    resources = options.pop("resources_per_trial", None)
    trainable = run_or_experiment if resources is None else with_resources(run_or_experiment, resources)
    tuner = Tuner(trainable, param_space=config, tune_config=tune_config, run_config=RunConfig(**options))
    return Analysis(tuner.fit())


def _nothing(*_args: Any, **_options: Any) -> None:
    """There is no cluster to start or to end."""


def stand_in() -> StandIn:
    """What stands for ``ray.tune``, and for the parts of ``ray.train`` and ``ray.air`` that trainables use."""
    domains = (
        uniform, quniform, loguniform, qloguniform, randint, qrandint, lograndint, qlograndint,
        choice, grid_search, sample_from, randn, qrandn,
    )  # fmt: skip
    classes = (Tuner, TuneConfig, RunConfig, CheckpointConfig, FailureConfig, Trainable, ResultGrid, Checkpoint)
    functions = (*domains, report, get_checkpoint, get_context, run, with_parameters, with_resources)
    named: Dict[str, Any] = {each.__name__: each for each in (*functions, *classes)}
    session = {each.__name__: each for each in (report, get_checkpoint, get_context)}
    config = {name: named[name] for name in ("RunConfig", "CheckpointConfig", "FailureConfig", "Checkpoint")}
    return StandIn(
        "ray",
        {
            "ray.tune": named,
            "ray.tune.schedulers": SCHEDULERS,
            "ray.tune.schedulers.pb2": PB2_MODULE,
            "ray.train": {**session, **config},
            "ray.air": config,
            "ray.air.session": session,
            **SEARCHERS,
        },
        {
            "ray": {"init": _nothing, "shutdown": _nothing, "is_initialized": lambda: True},
            "ray.air": {"session": _Options(**session)},
        },
    )
