"""What a study has found."""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

Record = Dict[str, Any]


@dataclass(frozen=True)
class Best:
    """The best trial of a study.

    Attributes:
        number: which trial it is.
        params: its hyperparameters by name.
        value: the goal's metric.
        complete: whether it was trained to its end; if not, no trial was.
    """

    number: int
    params: Dict[str, Any]
    value: float
    complete: bool


@dataclass(frozen=True)
class FrontMember:
    """A trial of a study with several goals that no other one beats in all of them.

    Attributes:
        number: which trial it is.
        params: its hyperparameters by name.
        values: its value of each goal, by metric.
        adds: how much smaller the hypervolume of the front would be without it, as a share.
        knee: whether a gain in one goal costs most in the others here.
        complete: whether it was trained to its end; if not, no trial was.
    """

    number: int
    params: Dict[str, Any]
    values: Dict[str, float]
    adds: float
    knee: bool
    complete: bool


def front_of(told: Mapping[str, Any]) -> List[FrontMember]:
    """The front that ``curvewise best --json`` prints for a study with several goals."""
    return [
        FrontMember(
            each["number"],
            dict(each["params"]),
            dict(each["values"]),
            each["adds"],
            each["knee"],
            each["state"] == "complete",
        )
        for each in told["front"]
    ]


def best_of(state: Mapping[str, Any]) -> Optional[Best]:
    """The best trial in a study's state as JSON; None if there is none yet."""
    best = state.get("best")
    if best is None:
        return None
    return Best(best["trial"], dict(best["params"]), best["value"], best["complete"])


def rows_of(trials: List[Record]) -> List[Record]:
    """Trials as rows of a table: a column for each param and for the last value of each metric."""
    rows = []
    for trial in trials:
        row = {name: trial[name] for name in ("number", "state", "value", "step")}
        row["seconds"] = trial.get("seconds")
        row.update({f"params_{name}": value for name, value in trial["params"].items()})
        last: Record = {}
        for point in trial["curve"]:
            last.update(point)
        last.pop("step", None)
        row.update({f"metrics_{name}": _number(value) for name, value in last.items()})
        rows.append(row)
    return rows


def _number(value: Any) -> Any:
    """Curves have NaN and infinities as words."""
    return float(value) if isinstance(value, str) else value
