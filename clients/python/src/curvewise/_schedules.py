"""The rate of a learning-rate schedule, as in ``curvewise/schedules`` and ``docs/schedules.md``."""

import json
import math
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ._errors import CurvewiseError

Options = Dict[str, Any]


def _fall(high: float, low: float, share: float) -> float:
    """From one rate to another along half a cosine."""
    return low + (high - low) * (1 + math.cos(math.pi * share)) / 2


def _constant(options: Options, _time: float) -> float:
    return float(options["rate"])


def _exponential(options: Options, time: float) -> float:
    intervals = time / options.get("every", 1)
    if not options.get("continuous", False):
        intervals = math.floor(intervals)
    return float(options["rate"] * options["factor"] ** intervals)


def _step(options: Options, time: float) -> float:
    milestones: Optional[List[float]] = options.get("milestones")
    passed = time // options["every"] if milestones is None else sum(each <= time for each in milestones)
    return float(options["rate"] * options.get("factor", 0.1) ** passed)


def _polynomial(options: Options, time: float) -> float:
    rate, duration, final = options["rate"], options["duration"], options.get("final", 0)
    return float(final + (rate - final) * (1 - min(time, duration) / duration) ** options.get("power", 1))


def _cosine(options: Options, time: float) -> float:
    duration = options["duration"]
    return _fall(options["rate"], options.get("final", 0), min(time, duration) / duration)


def _cosine_restarts(options: Options, time: float) -> float:
    period, multiplier = options["period"], options.get("multiplier", 1)
    if multiplier == 1:
        time %= period
    else:
        while time >= period:
            time, period = time - period, period * multiplier
    return _fall(options["rate"], options.get("final", 0), time / period)


def _inverse_square_root(options: Options, time: float) -> float:
    timescale = options["timescale"]
    return float(options["rate"] * math.sqrt(timescale / (timescale + time)))


def _one_cycle(options: Options, time: float) -> float:
    peak, duration, rise = options["rate"], options["duration"], options.get("rise", 0.3)
    first = peak / options.get("startDivisor", 25)
    points: List[Tuple[float, float]] = [(rise * duration - 1, peak)]
    if options.get("phases", 2) == 3:
        points.append((2 * rise * duration - 2, first))
    points.append((duration - 1, first / options.get("endDivisor", 10_000)))
    begin, high = 0.0, first
    for end, low in points:
        if time <= end:
            if end == begin:
                return float(low)
            share = (time - begin) / (end - begin)
            is_linear = options.get("anneal", "cosine") == "linear"
            return float(high + (low - high) * share) if is_linear else _fall(high, low, share)
        begin, high = end, low
    return float(high)


def _piecewise(options: Options, time: float) -> float:
    rates: List[float] = [change["rate"] for change in options["changes"] if change["from"] <= time]
    return float(rates[-1])


_KINDS: Dict[str, Callable[[Options, float], float]] = {
    "constant": _constant,
    "exponential": _exponential,
    "step": _step,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "cosine-restarts": _cosine_restarts,
    "inverse-square-root": _inverse_square_root,
    "one-cycle": _one_cycle,
    "piecewise": _piecewise,
}


def _refuse(message: str, hint: str) -> CurvewiseError:
    return CurvewiseError("SCHEDULE_INVALID", message, hint)


def _options_of(params: Mapping[str, Any], name: str, group: str) -> Options:
    """The options whose params begin with ``name.group.``; a list may be the text of a JSON list."""
    prefix = f"{name}.{group}."
    options: Options = {}
    for full, value in params.items():
        if not full.startswith(prefix):
            continue
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except ValueError as cause:
                raise _refuse(f"{full} is not a JSON list: {value}", "Write a list as [1000, 2000].") from cause
        options[full[len(prefix) :]] = value
    return options


def rate_at(
    params: Mapping[str, Any], time: float, *, name: str = "schedule", rate: Optional[float] = None
) -> float:
    """The learning rate of the schedule that a trial's params describe.

    Args:
        params: the trial's; ``schedule`` is the kind and ``schedule.KIND.OPTION`` its options.
        time: how much was done before, from 0: iterations, or steps if the schedule's unit is ``step``.
        name: the name of the space's entry, if it is not ``schedule``.
        rate: the rate of a schedule whose params hold none; by default the param ``lr``.

    Raises:
        CurvewiseError: ``SCHEDULE_INVALID`` if there is no such schedule or an option is missing; ``SCHEDULE_TIME``
            if the time is not a finite number of at least 0.
    """
    if not (math.isfinite(time) and time >= 0):
        raise CurvewiseError("SCHEDULE_TIME", f"there is no rate at {time}", "Give what was done before: 0 or more.")
    kind = params.get(name)
    function = _KINDS.get(kind) if isinstance(kind, str) else None
    if function is None or not isinstance(kind, str):
        known = f"Known: {', '.join(_KINDS)}."
        raise _refuse(f"the param {name} is {kind!r}, which is not a schedule", known)
    options = _options_of(params, name, kind)
    own = params.get("lr") if rate is None else rate
    if "rate" not in options and own is not None:
        options["rate"] = own
    warmup = _options_of(params, name, "warmup")
    try:
        duration = warmup["duration"] if warmup else 0
        if time >= duration:
            return function(options, time - duration)
        start = warmup.get("start", 0)
        return function(options, 0) * float(start + (1 - start) * time / duration)
    except (KeyError, IndexError) as cause:
        raise _refuse(
            f"the schedule {kind} lacks the option {cause}",
            f"Give the param {name}.{kind}.OPTION, or the argument rate.",
        ) from cause
