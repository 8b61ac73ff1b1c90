"""The space of an objective of Optuna, asked for before its study begins."""

import contextlib
import io
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional

from .._pool import process_context
from .._study import _discovered_elsewhere
from .._suggest import discover
from ._optuna_trial import Suggesting, is_pruned

Objective = Callable[[Any], Any]


class _Study:
    """Stands for the study while the objective is asked for its space."""

    study_name = ""
    trials: "list[Any]" = []
    user_attrs: Dict[str, Any] = {}
    system_attrs: Dict[str, Any] = {}

    def stop(self) -> None:
        """Nothing has begun."""


class _Probe(Suggesting):
    """Stands for a trial while the objective is asked for its space."""

    study = _Study()
    intermediate_values: Dict[int, float] = {}

    def report(self, value: Any, step: int) -> None:
        """Ends the objective: it has asked for all params."""
        self._source.report(step)


@dataclass(frozen=True)
class Found:
    """What is known of an objective.

    Attributes:
        space: as in study files.
        reports: whether it reports on its way.
    """

    space: Mapping[str, Any]
    reports: bool


def found_in(objective: Objective) -> Found:
    """Calls an objective, for each value of each choice, up to its first report; what it prints is not shown.

    Raises:
        CurvewiseError: ``SPACE_UNCLEAR``, ``SPACE_EMPTY``.
    """
    context = process_context()
    returned = context.Value("b", 0)

    def ask(source: Any) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                objective(_Probe(source))
            except Exception as error:
                if not is_pruned(error):
                    raise
        returned.value = 1

    # A spawned process would need to import the objective, which may be a lambda.
    is_fork = context.get_start_method() == "fork"
    space: Mapping[str, Any] = _discovered_elsewhere(context, ask, None) if is_fork else discover(ask)
    return Found(space, returned.value == 0)


def space_of(distributions: Optional[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The space that distributions of Optuna describe."""
    from ._optuna_trial import spec_of

    return {name: spec_of(each) for name, each in (distributions or {}).items()}
