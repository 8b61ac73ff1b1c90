"""Stands for ``hydra.main``, which needs the real Hydra: a trial's params become overrides, what ``main`` returns a result.

Overrides that the command has already are left as they are. The run's folder is within the trial's, unless the command
says otherwise: two trials that begin in the same second would share Hydra's own.
"""

import functools
import importlib
import json
import os
import re
import sys
from typing import Any, Callable, List, Mapping

from .._metrics import Number
from ._importing import StandIn
from ._reports import current, in_program, is_number, metric_or, numbers_of

#: What Hydra's grammar takes without quotes.
_PLAIN = re.compile(r"[A-Za-z_][\w./@+-]*")
_WORDS = ("true", "false", "null", "nan", "inf")


def _value(value: Any) -> str:
    """A value in Hydra's grammar of overrides."""
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        # Backslashes count only before a quote, the closing one included; `${` would be an interpolation.
        escaped = re.sub(r"(\\+)$", r"\1\1", re.sub(r"(\\*)'", r"\1\1\\'", value))
        return "'" + escaped.replace("${", "\\${") + "'"
    if isinstance(value, list):
        return f"[{','.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{_value(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def overrides(params: Mapping[str, Any], given: List[str], folder: str) -> List[str]:
    """What to append to a Hydra program's arguments.

    Args:
        given: the arguments that it has.
        folder: the trial's folder.
    """
    known = {each.partition("=")[0].lstrip("+~") for each in given if "=" in each}
    wanted = {**params, "hydra.run.dir": os.path.join(os.path.abspath(folder), "hydra")}
    return [f"{name}={_value(value)}" for name, value in wanted.items() if name not in known]


def _report(result: Any) -> None:
    metrics: Mapping[str, Number] = {}
    if isinstance(result, Mapping):
        metrics = numbers_of(result)
    elif is_number(result):
        metrics = {metric_or("value"): result}
    if metrics:
        current().result(metrics)


def main(*args: Any, **kwargs: Any) -> Callable[[Callable[[Any], Any]], Any]:
    """As ``hydra.main``. A number that the function returns is reported as ``value``, or as ``--metric`` says."""
    decorate = importlib.import_module("hydra.main").main(*args, **kwargs)

    def decorated(function: Callable[[Any], Any]) -> Any:
        if not in_program():
            return decorate(function)

        @functools.wraps(function)
        def reporting(config: Any) -> Any:
            result = function(config)
            _report(result)
            return result

        run = decorate(reporting)

        @functools.wraps(run)
        def started(*given: Any) -> Any:
            if not given:
                trial = current().trial
                sys.argv.extend(overrides(trial.params, sys.argv[1:], trial.dir))
            return run(*given)

        return started

    return decorated


def stand_in() -> StandIn:
    """What stands for ``hydra.main``."""
    return StandIn("hydra", {"hydra": {"main": main}})
