"""Stands for ``wandb`` in programs of a sweep: ``wandb.init``, ``wandb.config``, ``wandb.log``, and ``wandb.agent``.

Nothing is sent to W&B. Each ``log`` is a step, or has the step that it names; what is not a number is left out. It is
used only where it is asked for, by ``--as wandb`` or by importing it from here.
"""

import sys
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from .._errors import CurvewiseError
from .._metrics import Number
from ._importing import StandIn
from ._reports import Reports, TrainingEnded, current, in_program, numbers_of, unsupported


class Config:
    """The params of a run, as a mapping and as attributes."""

    def __init__(self, values: Optional[Mapping[str, Any]] = None) -> None:
        self.__dict__["_values"] = dict(values or {})

    def update(self, values: Mapping[str, Any], allow_val_change: Optional[bool] = None) -> None:
        """Adds values; those that the study chose stay."""
        fixed = current().trial.params
        self._values.update({name: value for name, value in dict(values).items() if name not in fixed})

    def setdefaults(self, values: Mapping[str, Any]) -> None:
        """Adds values that are not there yet."""
        for name, value in dict(values).items():
            self._values.setdefault(name, value)

    def get(self, name: str, default: Any = None) -> Any:
        """A value, or a default."""
        return self._values.get(name, default)

    def keys(self) -> Any:
        """The names."""
        return self._values.keys()

    def items(self) -> Any:
        """Names and values."""
        return self._values.items()

    def as_dict(self) -> Dict[str, Any]:
        """A copy as a dictionary."""
        return dict(self._values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"the run has no param {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


class Run:
    """A run: the trial of this process.

    Attributes:
        config: its params, and what the program added.
        summary: the last values of what was logged.
    """

    def __init__(self, reports: Reports, defaults: Mapping[str, Any], name: Optional[str]) -> None:
        self._reports = reports
        trial = reports.trial
        self.config = Config({**defaults, **trial.params})
        self.summary: Dict[str, Any] = {}
        self.id = f"{trial.study or 'run'}-{trial.number}"
        self.name = name or self.id
        self.dir = trial.dir
        self._step: Optional[int] = None
        self._waiting: Dict[str, Number] = {}

    def log(self, data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None) -> None:
        """Reports metrics. With ``step``, when the step is over; with ``commit=False``, with the next ones.

        Raises:
            TrainingEnded: the training was told to pause or stop.
        """
        self.summary.update(data)
        if step is not None and self._step is not None and step > self._step:
            self._flush()
        self._waiting.update(numbers_of(data))
        if step is not None:
            self._step = step if self._step is None else max(step, self._step)
        if commit is True or (step is None and commit is None):
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        step, self._step = self._step, None
        if waiting:
            self._reports.report_or_end(waiting, step)

    def finish(self, exit_code: Optional[int] = None, quiet: Optional[bool] = None) -> None:
        """Reports what waits for its step to end."""
        global run
        self._flush()
        if run is self:
            run = None

    def define_metric(self, *_args: Any, **_options: Any) -> None:
        """Changes nothing here."""

    log_artifact = save = watch = unwatch = log_code = mark_preempting = define_metric

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.finish()


#: The run of this process, once there is one.
run: Optional[Run] = None


def init(
    entity: Optional[str] = None,
    project: Optional[str] = None,
    dir: Any = None,
    id: Optional[str] = None,
    name: Optional[str] = None,
    notes: Optional[str] = None,
    tags: Any = None,
    config: Any = None,
    **_options: Any,
) -> Run:
    """Begins the run: its config is the trial's params, over those given."""
    global run
    if isinstance(config, str):
        raise unsupported("wandb.init with a config file", "Give the config as a dictionary.")
    defaults = dict(config) if isinstance(config, Mapping) else vars(config) if config is not None else {}
    run = Run(current(), defaults, name)
    return run


def _run() -> Run:
    if run is None:
        raise CurvewiseError("RUN_MISSING", "there is no run", "Call wandb.init() first.")
    return run


def log(data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None) -> None:
    """As ``run.log``."""
    _run().log(data, step, commit)


def finish(exit_code: Optional[int] = None, quiet: Optional[bool] = None) -> None:
    """As ``run.finish``."""
    if run is not None:
        run.finish()


def _nothing(*_args: Any, **_options: Any) -> None:
    """Logging in, watching and saving are W&B's own."""


def agent(
    sweep_id: str,
    function: Optional[Callable[[], Any]] = None,
    entity: Optional[str] = None,
    project: Optional[str] = None,
    count: Optional[int] = None,
    **_options: Any,
) -> None:
    """Runs the function once, for the trial of this process, and ends the process.

    Raises:
        CurvewiseError: ``NOT_SUPPORTED`` outside of a trial.
    """
    if function is None or not in_program():
        raise unsupported(
            "wandb.agent outside of a trial",
            "Write the sweep as a study.yaml, and start it with `curvewise run`.",
        )
    function()
    finish()
    raise TrainingEnded()


def sweep(sweep: Any, *_args: Any, **_options: Any) -> str:
    """The study takes the place of the sweep: its name."""
    return current().trial.study


def __getattr__(name: str) -> Any:
    if name == "config":
        return _run().config
    if name == "summary":
        return _run().summary
    raise AttributeError(f"module 'wandb' has no attribute {name!r} in curvewise.compat")


def stand_in() -> StandIn:
    """What stands for ``wandb``: this module, all of it."""
    return StandIn("wandb", whole=sys.modules[__name__])


login = watch = save = define_metric = log_artifact = setup = require = _nothing
