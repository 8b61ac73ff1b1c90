"""Optuna's trials: the one that an objective gets, and those that are over."""

import datetime
import enum
import json
import math
import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._errors import CurvewiseError
from .._metrics import Number, plain_number
from .._results import Record, _number
from ._notes import note
from ._reports import Reports

_ATTRIBUTES = "optuna-attributes.json"


class TrialState(enum.IntEnum):
    """How far a trial is."""

    RUNNING = 0
    COMPLETE = 1
    PRUNED = 2
    FAIL = 3
    WAITING = 4

    def is_finished(self) -> bool:
        """Whether it is over."""
        return self not in (TrialState.RUNNING, TrialState.WAITING)


class OptunaError(Exception):
    """What Optuna raises."""


class TrialPruned(OptunaError):
    """Raised by an objective that is told to end."""


def is_pruned(error: BaseException) -> bool:
    """Whether an exception is a `TrialPruned`, ours or Optuna's own."""
    return any(each.__name__ == "TrialPruned" for each in type(error).__mro__)


@dataclass(frozen=True)
class FloatDistribution:
    """A range of real numbers."""

    low: float
    high: float
    log: bool = False
    step: Optional[float] = None


@dataclass(frozen=True)
class IntDistribution:
    """A range of whole numbers."""

    low: int
    high: int
    log: bool = False
    step: int = 1


@dataclass(frozen=True)
class CategoricalDistribution:
    """Several values."""

    choices: Sequence[Any]


def spec_of(distribution: Any) -> Dict[str, Any]:
    """A distribution of Optuna as a param in a study file."""
    if hasattr(distribution, "choices"):
        return {"choice": list(distribution.choices)}
    kind = "int" if type(distribution).__name__ == "IntDistribution" else "float"
    spec: Dict[str, Any] = {kind: [distribution.low, distribution.high]}
    if distribution.log:
        spec["log"] = True
    if distribution.step is not None and not (kind == "int" and distribution.step == 1):
        spec["step"] = distribution.step
    return spec


class Suggesting:
    """What a trial of Optuna can be asked for, by way of a trial of Curvewise or its stand-in."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.user_attrs: Dict[str, Any] = {}
        self.system_attrs: Dict[str, Any] = {}

    @property
    def number(self) -> int:
        """Which trial this is, from 0."""
        return int(self._source.number)

    @property
    def params(self) -> Dict[str, Any]:
        """The params by name."""
        return dict(self._source.params)

    def suggest_float(
        self, name: str, low: float, high: float, *, step: Optional[float] = None, log: bool = False
    ) -> float:
        """A real number."""
        return float(self._source.suggest_float(name, low, high, step=step, log=log))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """A whole number."""
        return int(self._source.suggest_int(name, low, high, step=step, log=log))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of several values."""
        return self._source.suggest_categorical(name, list(choices))

    def suggest_uniform(self, name: str, low: float, high: float) -> float:
        """A real number, in the words of older programs."""
        return self.suggest_float(name, low, high)

    def suggest_loguniform(self, name: str, low: float, high: float) -> float:
        """A real number, uniform in the logarithm, in the words of older programs."""
        return self.suggest_float(name, low, high, log=True)

    def suggest_discrete_uniform(self, name: str, low: float, high: float, q: float) -> float:
        """A multiple of q from ``low`` on, in the words of older programs."""
        return self.suggest_float(name, low, high, step=q)

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keeps something with the trial."""
        self.user_attrs[key] = value

    def set_system_attr(self, key: str, value: Any) -> None:
        """Keeps something with the trial, in this process only."""
        self.system_attrs[key] = value

    def set_constraint(self, key: str, value: float) -> None:
        """Keeps a constraint with the trial; it steers nothing."""
        note("constraints of Optuna are kept as attributes, and steer nothing")
        self.set_user_attr(f"constraint:{key}", value)

    def report(self, value: Number, step: int) -> None:
        """Reports a value of the objective on the way."""
        self._source.report(step, value=value)

    def should_prune(self) -> bool:
        """Whether to raise `TrialPruned`."""
        return bool(self._source.should_prune())


class Trial(Suggesting):
    """The trial that an objective trains."""

    def __init__(self, study: Any, reports: Reports, metric: str) -> None:
        super().__init__(reports.trial)
        self.study = study
        self.datetime_start = datetime.datetime.now()
        self.intermediate_values: Dict[int, float] = {}
        self._reports = reports
        self._metric = metric
        self.user_attrs.update(read_attributes(reports.trial.dir))

    @property
    def _trial_id(self) -> int:
        return self.number

    @property
    def relative_params(self) -> Dict[str, Any]:
        """All params are proposed together."""
        return self.params

    @property
    def distributions(self) -> Dict[str, Any]:
        """The ranges of the params, as far as the study knows them."""
        return self.study._distributions(self.params)  # type: ignore[no-any-return]

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keeps something with the trial, as JSON in its folder."""
        super().set_user_attr(key, value)
        folder = self._reports.trial.dir
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, _ATTRIBUTES), "w", encoding="utf-8") as file:
            json.dump(self.user_attrs, file, default=str)

    def report(self, value: Number, step: int) -> None:
        """Reports a value of the objective on the way. A step that was reported before is left out, as in Optuna.

        Raises:
            CurvewiseError: ``STEP_NOT_INCREASING`` and others.
        """
        if step in self.intermediate_values:
            note(f"step {step} is reported again, which counts for nothing")
            return
        self.intermediate_values[step] = plain_number(value)
        self._reports.report({self._metric: value}, step)


def read_attributes(folder: str) -> Dict[str, Any]:
    """What `set_user_attr` kept in a trial's folder."""
    try:
        with open(os.path.join(folder, _ATTRIBUTES), encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError):
        return {}


_STATES = {
    "complete": TrialState.COMPLETE,
    "stopped": TrialState.PRUNED,
    "paused": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
}


def _time(milliseconds: Optional[float]) -> Optional[datetime.datetime]:
    return None if milliseconds is None else datetime.datetime.fromtimestamp(milliseconds / 1000)


@dataclass
class FrozenTrial:
    """A trial as the study has it."""

    number: int
    state: TrialState
    value: Optional[float]
    params: Dict[str, Any]
    intermediate_values: Dict[int, float]
    user_attrs: Dict[str, Any]
    distributions: Dict[str, Any]
    datetime_start: Optional[datetime.datetime] = None
    datetime_complete: Optional[datetime.datetime] = None
    system_attrs: Dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> Optional[List[float]]:
        """The value, in a list."""
        return None if self.value is None else [self.value]

    @property
    def duration(self) -> Optional[datetime.timedelta]:
        """How long it took."""
        if self.datetime_start is None or self.datetime_complete is None:
            return None
        return self.datetime_complete - self.datetime_start

    @property
    def last_step(self) -> Optional[int]:
        """The last step that it reported."""
        return max(self.intermediate_values, default=None)

    @property
    def _trial_id(self) -> int:
        return self.number


class FixedTrial(Suggesting):
    """A trial with given params, to try an objective on its own."""

    def __init__(self, params: Mapping[str, Any], number: int = 0) -> None:
        super().__init__(self)
        self._params = dict(params)
        self._number = number

    @property
    def number(self) -> int:
        return self._number

    @property
    def params(self) -> Dict[str, Any]:
        return dict(self._params)

    def _given(self, name: str, *_range: Any, **_options: Any) -> Any:
        if name not in self._params:
            raise CurvewiseError("PARAM_UNKNOWN", f"the fixed trial has no param {name}", "Add it to its params.")
        return self._params[name]

    suggest_float = suggest_int = suggest_categorical = _given

    def report(self, value: Number, step: int) -> None:
        """Goes nowhere."""

    def should_prune(self) -> bool:
        """Nothing ends it."""
        return False


def frozen(record: Record, metric: str, shift: int, folder: str, distributions: Dict[str, Any]) -> FrozenTrial:
    """A trial from what Curvewise tells of it.

    Args:
        shift: how far the program's count of steps is behind.
        folder: the trial's folder.
    """
    curve = {point["step"] - shift: _number(point[metric]) for point in record["curve"] if metric in point}
    state = _STATES.get(record["state"], TrialState.WAITING)
    value = None if record["value"] is None else float(_number(record["value"]))
    if state in (TrialState.FAIL, TrialState.RUNNING, TrialState.WAITING) or (value is not None and math.isnan(value)):
        value = None
    return FrozenTrial(
        number=record["number"],
        state=state,
        value=value,
        params=dict(record["params"]),
        intermediate_values=curve,
        user_attrs=read_attributes(folder),
        distributions=distributions,
        datetime_start=_time(record.get("startedAt")),
        datetime_complete=_time(record.get("endedAt")),
    )
