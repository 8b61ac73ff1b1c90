"""Metrics as the protocol takes them: numbers by name."""

import math
from typing import Dict, Mapping, Optional, SupportsFloat, Union

from ._errors import CurvewiseError

#: What counts as a number: also the scalars of NumPy, PyTorch, JAX and the like, which need not be imported here.
Number = Union[float, SupportsFloat]


def plain_number(value: object) -> float:
    """A number, or anything that holds one (an array or a tensor with one entry, wherever it is), as a float.

    Raises:
        TypeError: it is not a number.
    """
    item = getattr(value, "item", None)
    if callable(item):
        value = item()
    if isinstance(value, (str, bytes)) or not isinstance(value, SupportsFloat):
        raise TypeError(f"{value!r} is not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def _encoded(value: float) -> Union[float, str]:
    """JSON has no NaN and no infinities; the protocol takes them as words."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def encoded_metrics(
    values: Optional[Mapping[str, Number]], named: Mapping[str, Number]
) -> Dict[str, Union[float, str]]:
    """The metrics of a report as JSON.

    Raises:
        CurvewiseError: ``REPORT_INVALID`` if there are none, or one of them is not a number.
    """
    metrics: Dict[str, Union[float, str]] = {}
    for name, value in {**(values or {}), **named}.items():
        try:
            metrics[name] = _encoded(plain_number(value))
        except (TypeError, ValueError, RuntimeError) as cause:
            raise CurvewiseError(
                "REPORT_INVALID",
                f"the metric {name} is not a number: {cause}",
                "Report numbers, or arrays and tensors with a single entry.",
            ) from cause
    if not metrics:
        raise CurvewiseError(
            "REPORT_INVALID", "a report has no metrics", "Write trial.report(step, loss=0.31)."
        )
    return metrics


def plain_step(value: object) -> int:
    """A step as an int, also from NumPy.

    Raises:
        CurvewiseError: ``REPORT_INVALID`` if it is not a whole number.
    """
    if not isinstance(value, bool):
        try:
            number = plain_number(value)
        except (TypeError, ValueError, RuntimeError):
            number = math.nan
        if number.is_integer():
            return int(number)
    raise CurvewiseError(
        "REPORT_INVALID", f"a step must be a whole number, but is {value!r}", "Count steps from 1."
    )
