"""The space of a function that asks for its params one at a time, in the words of Optuna."""

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple

from ._errors import CurvewiseError

#: How many ways through a function are tried.
_MOST_WAYS = 256

Spec = Dict[str, Any]


class _Reported(BaseException):
    """The function has come to its first report: it has asked for all params."""


class _NotedParams(Dict[str, Any]):
    """The params that were asked for. Others are not known: a space has to be given for them."""

    def __missing__(self, name: str) -> NoReturn:
        raise CurvewiseError(
            "SPACE_NEEDED",
            f"the training takes the param {name}, but the study has no space",
            f'Give one, such as space={{"{name}": {{"float": [0, 1]}}}}, or ask by trial.suggest_float("{name}", 0, 1).',
        )


@dataclass
class _Way:
    """One way through the function."""

    forced: Dict[str, Any]
    seen: List[str] = field(default_factory=list)
    #: The values of choices on this way.
    chosen: Dict[str, Any] = field(default_factory=dict)


class SpaceProbe:
    """Stands for a trial while the function is asked for its space: it notes params, and ends the first report."""

    number = attempt = resume_step = seed = 0
    first_step = 1
    study = ""
    dir = "."
    resume: Optional[str] = None
    action = "continue"

    def __init__(self, way: _Way, specs: Dict[str, Spec], max_steps: Optional[int]) -> None:
        self.max_steps = max_steps
        self.params: Dict[str, Any] = _NotedParams()
        self._way = way
        self._specs = specs

    def _note(self, name: str, spec: Spec, value: Any) -> Any:
        known = self._specs.setdefault(name, spec)
        if known != spec:
            raise CurvewiseError(
                "SPACE_UNCLEAR",
                f"the param {name} is asked for as {known} and as {spec}",
                "Give each param one range; two ranges are two params.",
            )
        if name not in self._way.seen:
            self._way.seen.append(name)
        self.params[name] = value
        return value

    def suggest_float(
        self, name: str, low: float, high: float, *, step: Optional[float] = None, log: bool = False
    ) -> float:
        """Notes a real number."""
        return float(self._note(name, {"float": [low, high], **_options(step, log)}, float(low)))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Notes a whole number."""
        return int(self._note(name, {"int": [low, high], **_options(None if step == 1 else step, log)}, low))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Notes a choice."""
        values = list(choices)
        value = self._way.forced.get(name, values[0])
        self._way.chosen[name] = value
        return self._note(name, {"choice": values}, value)

    def report(self, *_values: object, **_metrics: object) -> NoReturn:
        """Ends the function: it has asked for all params."""
        raise _Reported()

    def _counts_from_one(self, who: str) -> None:
        """Functions are trained in studies that count from 1."""

    def should_prune(self) -> bool:
        """Nothing ends a training that is only asked for its space."""
        return False

    def steps(self, last: Optional[int] = None) -> Sequence[int]:
        """The first step: more are not needed."""
        return [1]


def _options(step: Optional[float], log: bool) -> Spec:
    return {**({} if step is None else {"step": step}), **({"log": True} if log else {})}


def _take(function: Callable[[Any], Any], way: _Way, specs: Dict[str, Spec], max_steps: Optional[int]) -> None:
    try:
        function(SpaceProbe(way, specs, max_steps))
    except _Reported:
        pass


def _holds(condition: Dict[str, List[Any]], way: _Way) -> bool:
    return all(name in way.chosen and way.chosen[name] in values for name, values in condition.items())


def _condition(name: str, ways: List[_Way], specs: Dict[str, Spec]) -> Optional[Dict[str, List[Any]]]:
    """Where a param exists: with which values of one choice, or of several at once."""
    having = [way for way in ways if name in way.seen]
    lacking = [way for way in ways if name not in way.seen]
    if not lacking:
        return None
    values = {
        other: [value for value in spec["choice"] if any(way.chosen[other] == value for way in having)]
        for other, spec in specs.items()
        if "choice" in spec and other != name and all(other in way.chosen for way in having)
    }
    single = [{other: wanted} for other, wanted in values.items()]
    for condition in [*single, {other: each for other, each in values.items() if each != specs[other]["choice"]}]:
        if not any(_holds(condition, way) for way in lacking):
            return condition
    raise CurvewiseError(
        "SPACE_UNCLEAR",
        f"it is not clear when the function asks for the param {name}",
        "Let it depend on the values of choices, each for itself, or give Study(space=..) as a mapping, where `when` says it.",
    )


def discover(function: Callable[[Any], Any], max_steps: Optional[int] = None) -> Dict[str, Spec]:
    """The space of a function: it is called with each value of each choice, until its first report.

    Raises:
        CurvewiseError: ``SPACE_UNCLEAR`` if conditions are not plain; ``SPACE_EMPTY`` if it asks for nothing.
    """
    specs: Dict[str, Spec] = {}
    ways: List[_Way] = []
    left: List[Dict[str, Any]] = [{}]
    tried: List[Tuple[str, Any]] = []
    while left:
        way = _Way(left.pop(0))
        _take(function, way, specs, max_steps)
        ways.append(way)
        for name, value in way.chosen.items():
            if any(each == name for each, _ in tried):
                continue
            tried.append((name, value))
            others = [each for each in specs[name]["choice"] if each != value]
            left.extend({**way.chosen, name: each} for each in others)
        if len(ways) > _MOST_WAYS:
            raise CurvewiseError(
                "SPACE_UNCLEAR", "the function has too many choices", "Give Study(space=..) as a mapping."
            )
    if not specs:
        raise CurvewiseError(
            "SPACE_EMPTY",
            "the function asked for no params before its first report",
            'Give the study a space, such as space={"lr": {"float": [1e-4, 1], "log": True}}.',
        )
    space: Dict[str, Spec] = {}
    for name, spec in specs.items():
        condition = _condition(name, ways, specs)
        space[name] = spec if condition is None else {**spec, "when": condition}
    return space
