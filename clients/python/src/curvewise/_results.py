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
        started, ended = trial.get("startedAt"), trial.get("endedAt")
        row["seconds"] = None if started is None or ended is None else (ended - started) / 1000
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
