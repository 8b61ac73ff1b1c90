"""Stands for NNI's trial API: ``nni.get_next_parameter``, ``report_intermediate_result``, ``report_final_result``.

A report is a number, or a mapping whose ``default`` is the goal's metric. It is called ``default`` in the study, as in
NNI, unless ``--metric`` names it. The first intermediate result is step 1.
"""

from typing import Any, Dict, Mapping, Optional, Union

from .._metrics import Number
from ._importing import StandIn
from ._reports import TrainingEnded, current, metric_or, numbers_of

_METRIC = "default"

Metric = Union[Number, Mapping[str, Any]]


def _metrics(metric: Metric) -> Dict[str, Number]:
    if not isinstance(metric, Mapping):
        return {metric_or(_METRIC): metric}
    return {metric_or(name) if name == _METRIC else name: value for name, value in numbers_of(metric).items()}


def get_next_parameter() -> Dict[str, Any]:
    """The params of the trial; by hand, those of the command line."""
    return dict(current().trial.params)


def get_current_parameter(tag: Optional[str] = None) -> Any:
    """The params of the trial, or one of them."""
    params = get_next_parameter()
    return params if tag is None else params[tag]


def report_intermediate_result(metric: Metric) -> None:
    """Reports the next step.

    Raises:
        TrainingEnded: the training was told to pause or stop, for which NNI would kill it.
    """
    current().report_or_end(_metrics(metric))


def report_final_result(metric: Metric) -> None:
    """Reports how the training ended, unless the last intermediate result said so."""
    reports = current()
    reports.result(_metrics(metric))
    if reports.trial.should_prune():
        raise TrainingEnded()


def get_experiment_id() -> str:
    """The study's name; ``STANDALONE`` by hand, as in NNI."""
    return current().trial.study or "STANDALONE"


def get_trial_id() -> str:
    """Which trial this is, as text; ``STANDALONE`` by hand, as in NNI."""
    trial = current().trial
    return str(trial.number) if trial.study else "STANDALONE"


def get_sequence_id() -> int:
    """Which trial this is, from 0."""
    return current().trial.number


def stand_in() -> StandIn:
    """What stands for ``nni``."""
    names = {
        each.__name__: each
        for each in (
            get_next_parameter,
            get_current_parameter,
            report_intermediate_result,
            report_final_result,
            get_experiment_id,
            get_trial_id,
            get_sequence_id,
        )
    }
    return StandIn("nni", {"nni": names, "nni.trial": names})
