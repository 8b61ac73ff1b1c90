"""Stands for Optuna: ``create_study``, ``study.optimize`` and the trials that objectives get.

In a trial of ``curvewise run``, ``optimize`` calls the objective once, with that trial's params, and ends the process.
By hand it runs a study of Curvewise in this process. The value is called ``value``, unless ``--metric`` names it.
"""

from typing import Any, Dict

from . import _optuna_algorithms as _algorithms
from ._importing import StandIn
from ._optuna_create import DuplicatedStudyError, create_study, delete_study, load_study
from ._optuna_study import Study
from ._optuna_trial import (
    CategoricalDistribution,
    FixedTrial,
    FloatDistribution,
    FrozenTrial,
    IntDistribution,
    OptunaError,
    Trial,
    TrialPruned,
    TrialState,
)


class _Space:
    """Names of a module of Optuna."""

    def __init__(self, names: Dict[str, Any]) -> None:
        self.__dict__.update(names)


def _nothing(*_args: Any, **_options: Any) -> None:
    """Curvewise logs in its own way."""


_LOGGING: Dict[str, Any] = {
    **{
        name: _nothing
        for name in (
            "set_verbosity", "disable_default_handler", "enable_default_handler", "disable_propagation",
            "enable_propagation",
        )
    },
    **{"DEBUG": 10, "INFO": 20, "WARNING": 30, "WARN": 30, "ERROR": 40, "CRITICAL": 50, "FATAL": 50},
    "get_verbosity": lambda: 20,
}  # fmt: skip
_TRIALS: Dict[str, Any] = {
    each.__name__: each for each in (Trial, FrozenTrial, FixedTrial, TrialState)
}
_STUDIES: Dict[str, Any] = {each.__name__: each for each in (Study, create_study, load_study, delete_study)}
_ERRORS: Dict[str, Any] = {each.__name__: each for each in (OptunaError, TrialPruned, DuplicatedStudyError)}
_DISTRIBUTIONS: Dict[str, Any] = {
    each.__name__: each for each in (FloatDistribution, IntDistribution, CategoricalDistribution)
}

samplers = _Space(_algorithms.SAMPLERS)
pruners = _Space(_algorithms.PRUNERS)
trial = _Space(_TRIALS)
study = _Space(_STUDIES)
exceptions = _Space(_ERRORS)
distributions = _Space(_DISTRIBUTIONS)
logging = _Space(_LOGGING)

__all__ = [
    "FrozenTrial", "Study", "Trial", "TrialPruned", "TrialState", "create_study", "delete_study", "distributions",
    "exceptions", "load_study", "logging", "pruners", "samplers", "study", "trial",
]  # fmt: skip


def stand_in() -> StandIn:
    """What stands for ``optuna``."""
    return StandIn(
        "optuna",
        {
            "optuna": {**_STUDIES, "TrialPruned": TrialPruned, "Trial": Trial},
            "optuna.study": _STUDIES,
            "optuna.trial": _TRIALS,
            "optuna.exceptions": _ERRORS,
            "optuna.samplers": _algorithms.SAMPLERS,
            "optuna.pruners": _algorithms.PRUNERS,
        },
        {
            # As modules of their own as well: `import optuna` alone gives all of them.
            "optuna": {
                "samplers": samplers,
                "pruners": pruners,
                "trial": trial,
                "study": study,
                "exceptions": exceptions,
                "distributions": distributions,
                "logging": logging,
                "__version__": "5.0.0",
            },
            "optuna.distributions": _DISTRIBUTIONS,
            "optuna.logging": _LOGGING,
        },
    )
