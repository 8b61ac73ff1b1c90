"""Curvewise for Python: trainings that report to a study, workers that train many trials, and studies.

In a program that ``curvewise run`` starts::

    trial = curvewise.trial()
    for step in trial.steps():
        trial.report(step, loss=train_one_epoch(trial.params))
        if trial.should_save(step):
            with trial.save(step) as path:
                save_model(path)

In a process that trains many trials, one after another::

    for trial in curvewise.trials("curvewise-files/my-study"):
        with trial:
            train(trial)

In a program of its own::

    study = curvewise.Study("q", goal={"minimize": "loss"}, space={"x": {"float": [0, 1]}}, max_steps=5)
    best = study.optimize(train, trials=30, workers=2)
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._errors import CurvewiseError
from ._program import trial
from ._schedules import rate_at
from ._trial import Action, Trial

if TYPE_CHECKING:
    from ._results import Best, FrontMember
    from ._study import Study
    from ._worker import trials

__version__ = "0.1.0"

__all__ = ["Action", "Best", "CurvewiseError", "FrontMember", "Study", "Trial", "rate_at", "trial", "trials"]

#: What a program that trains one trial does not need: loading it takes as long as all that it does need.
_LATER = {"Best": "._results", "FrontMember": "._results", "Study": "._study", "trials": "._worker"}


def __getattr__(name: str) -> Any:
    """Loads the rest of the package when it is first used."""
    if name not in _LATER:
        raise AttributeError(f"module 'curvewise' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LATER[name], __name__), name)
    globals()[name] = value
    return value
