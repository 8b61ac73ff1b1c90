"""The report of a study, as a file that browsers and notebooks show."""

import os
from html import escape
from typing import Any, Dict, List, Mapping
from urllib.parse import quote

#: How many trials a notebook shows at once.
_SHOWN = 10


class Page:
    """A page that was written. As the last value of a notebook's cell, it is shown there.

    Attributes:
        path: its file.
    """

    #: Pixels in a notebook.
    height = 720

    def __init__(self, path: str) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"<curvewise.Page {self.path}>"

    def __fspath__(self) -> str:
        return self.path

    def _repr_html_(self) -> str:
        # Notebooks serve files below their own folder, by relative addresses.
        address = quote(os.path.relpath(self.path).replace(os.sep, "/"))
        name = escape(os.path.basename(self.path))
        return (
            f'<iframe src="{address}" width="100%" height="{self.height}" style="border: 0"></iframe>'
            f'<p><a href="{address}" target="_blank">{name}</a></p>'
        )


def table_of(name: str, goal: Mapping[str, Any], trials: List[Dict[str, Any]]) -> str:
    """A study's best trials as HTML, and how many trials there are of each state."""
    states: Dict[str, int] = {}
    for trial in trials:
        states[trial["state"]] = states.get(trial["state"], 0) + 1
    direction, metric = next(((key, goal[key]) for key in ("minimize", "maximize") if key in goal), ("", ""))
    valued = [trial for trial in trials if isinstance(trial["value"], (int, float))]
    valued.sort(key=lambda trial: float(trial["value"]), reverse=direction == "maximize")
    params = list(dict.fromkeys(key for trial in valued[:_SHOWN] for key in trial["params"]))
    heads = "".join(f"<th>{escape(each)}</th>" for each in ["trial", str(metric), "state", "step", *params])
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(value))}</td>"
            for value in [
                trial["number"],
                f"{trial['value']:.6g}",
                trial["state"],
                trial["step"],
                *(_shown(trial["params"].get(key)) for key in params),
            ]
        )
        + "</tr>"
        for trial in valued[:_SHOWN]
    )
    counts = ", ".join(f"{count} {state}" for state, count in states.items()) or "none yet"
    return (
        f"<p><b>{escape(name)}</b>: {escape(direction)} {escape(str(metric))}; trials: {escape(counts)}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _shown(value: Any) -> str:
    """A param; nothing if it is off."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
