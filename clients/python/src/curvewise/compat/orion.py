"""Stands for ``orion.client``'s reports of a script: ``report_objective``, ``report_results``.

The params come as arguments, as in ``orion hunt``: the study's command says where. The objective keeps the name that
the script gives it, ``objective`` unless it says otherwise.
"""

from typing import Any, Dict, Mapping, Optional, Sequence

from .._errors import CurvewiseError
from .._metrics import Number
from ._importing import StandIn
from ._reports import current, is_number, metric_or

IS_ORION_ON = True
_reported = False


def _once() -> None:
    global _reported
    if _reported:
        raise RuntimeWarning("Has already reported evaluation results once.")
    _reported = True


def report_objective(objective: Number, name: str = "objective") -> None:
    """Reports the objective, which ends what the trial has to say."""
    report_results([{"name": name, "type": "objective", "value": objective}])


def report_bad_trial(
    objective: Number = 1e10, name: str = "objective", data: Optional[Sequence[Mapping[str, Any]]] = None
) -> None:
    """Reports a bad objective, for a training that cannot be done."""
    report_results([{"name": name, "type": "objective", "value": objective}, *(data or [])])


def report_results(data: Sequence[Mapping[str, Any]]) -> None:
    """Reports results: mappings with ``name``, ``type`` and ``value``, one of them of the type ``objective``.

    What else is a number (a ``constraint``, a ``statistic``) becomes a metric of its own.

    Raises:
        CurvewiseError: ``REPORT_INVALID`` if there is not exactly one objective.
        RuntimeWarning: results were reported before, as in Orion.
    """
    objectives = [each for each in data if each.get("type") == "objective"]
    if len(objectives) != 1:
        raise CurvewiseError(
            "REPORT_INVALID",
            f"there are {len(objectives)} results of the type objective",
            "Report exactly one: {'name': 'loss', 'type': 'objective', 'value': 0.3}.",
        )
    _once()
    others: Dict[str, Number] = {
        str(each["name"]): each["value"]
        for each in data
        if each is not objectives[0] and is_number(each.get("value"))
    }
    (objective,) = objectives
    current().result({**others, metric_or(str(objective["name"])): objective["value"]})


def interrupt_trial() -> None:
    """Ends the script and gives its trial back."""
    raise SystemExit(130)


def stand_in() -> StandIn:
    """What stands for ``orion.client``."""
    names: Dict[str, object] = {
        each.__name__: each for each in (report_objective, report_results, report_bad_trial, interrupt_trial)
    }
    cli = {**names, "IS_ORION_ON": IS_ORION_ON}
    return StandIn("orion", {"orion.client": names, "orion.client.cli": cli}, {"orion": {}})
