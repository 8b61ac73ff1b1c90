"""Reports of programs that were written for another tuner: how they count steps, and how they are ended."""

import threading
from typing import Any, Dict, Mapping, Optional

from .._errors import CurvewiseError
from .._metrics import Number, plain_number, plain_step
from .._program import is_started_by_curvewise, trial
from .._trial import Action, Trial

#: The goal's metric, for tools whose reports do not name it: what ``--metric`` says.
_named_metric: Optional[str] = None
_here = threading.local()


class TrainingEnded(SystemExit):
    """Ends a training that was told to pause or stop, as the other tuner would have ended its process.

    Where nobody catches it, the process ends with exit code 0.
    """

    def __init__(self) -> None:
        super().__init__(0)


def name_metric(name: Optional[str]) -> None:
    """Says what reports without a name are called."""
    global _named_metric
    _named_metric = name


def metric_or(name: str) -> str:
    """The metric that was named for the whole program, otherwise the tool's own word."""
    return _named_metric or name


def in_program() -> bool:
    """Whether this process trains one trial of ``curvewise run``, rather than a study of its own."""
    return is_started_by_curvewise() and getattr(_here, "reports", None) is None


def is_number(value: object) -> bool:
    """Whether something can be a metric."""
    if isinstance(value, bool):
        return False
    try:
        plain_number(value)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def numbers_of(values: Mapping[str, Any], prefix: str = "") -> Dict[str, Number]:
    """What of a mapping is numbers; mappings within it by ``outer/inner``."""
    found: Dict[str, Number] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found.update(numbers_of(value, f"{prefix}{name}/"))
        elif is_number(value):
            found[f"{prefix}{name}"] = value
    return found


class Reports:
    """The reports of one trial.

    Attributes:
        trial: the trial.
        last: the metrics of the last report.
    """

    def __init__(self, given: Trial) -> None:
        given._counts_from_one("curvewise.compat")
        self.trial = given
        self.last: Dict[str, float] = {}
        self._step = given.resume_step
        self._number: Optional[int] = None
        self._shift: Optional[int] = None

    def step_of(self, number: object) -> int:
        """The step, counted from 1, of what the program calls ``number``: a program may count from 0."""
        plain = plain_step(number)
        if self._shift is None:
            # What comes first continues the resumed step; a program that counts from 0 is one behind.
            self._shift = 1 if plain <= self.trial.resume_step else 0
        return plain + self._shift

    @property
    def number(self) -> Optional[int]:
        """The last step as the program calls it."""
        return self._number

    def report(self, metrics: Mapping[str, Number], number: Optional[object] = None) -> Action:
        """Reports metrics at the program's own count, or at the next step."""
        step = self._step + 1 if number is None else self.step_of(number)
        action = self.trial.report(step, metrics)
        self._number = None if number is None else plain_step(number)
        self._step = step
        self.last = {name: plain_number(value) for name, value in metrics.items()}
        return action

    def result(self, metrics: Mapping[str, Number]) -> None:
        """Reports how the training ended, unless the last report said so, or it was told to end."""
        known = {name: plain_number(value) for name, value in metrics.items()}
        if self.trial.should_prune() or all(self.last.get(name) == value for name, value in known.items()):
            return
        if self.trial._is_complete():
            from ._notes import note

            note("the result differs from what was reported at the last step, which counts")
            return
        self.report(metrics)

    def is_over(self) -> bool:
        """Whether the trial was told to end, or is at its last step."""
        return self.trial.should_prune() or self.trial._is_complete()

    def report_or_end(self, metrics: Mapping[str, Number], number: Optional[object] = None) -> None:
        """Reports, and ends the training if it is told to.

        Raises:
            TrainingEnded: the training was told to pause or stop.
        """
        self.report(metrics, number)
        if self.trial.should_prune():
            raise TrainingEnded()


def begin(given: Trial) -> Reports:
    """Has this thread train a trial from now on."""
    reports = Reports(given)
    _here.reports = reports
    return reports


def end() -> None:
    """This thread trains no trial from now on."""
    _here.reports = None


_of_program: Optional[Reports] = None


def current() -> Reports:
    """The trial of this thread, otherwise that of this process; by hand, one whose reports go nowhere."""
    reports: Optional[Reports] = getattr(_here, "reports", None)
    if reports is not None:
        return reports
    global _of_program
    if _of_program is None:
        _of_program = Reports(trial())
    return _of_program


def unsupported(what: str, hint: str) -> CurvewiseError:
    """The error for what a stand-in cannot do."""
    return CurvewiseError("NOT_SUPPORTED", f"{what} is not part of curvewise.compat", hint)
