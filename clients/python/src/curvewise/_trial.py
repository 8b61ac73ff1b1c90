"""A trial, as a training sees it."""

import os
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ContextManager, Dict, Iterator, List, Literal, Mapping, Optional, Protocol, Type

from ._errors import CurvewiseError
from ._metrics import Number, encoded_metrics, plain_number, plain_step
from ._schedules import rate_at
from ._signals import is_asked
from ._snapshots import remove_unpacked, saving, unpacked

#: What a training does after a report. Plain strings: ``action == "stop"``.
Action = Literal["continue", "pause", "stop", "exploit"]

_OUTPUT_LINES = 100


@dataclass(frozen=True)
class Assignment:
    """Which training this is."""

    study: str
    number: int
    attempt: int
    params: Dict[str, Any]
    seed: int
    max_steps: Optional[int]
    dir: str
    resume: Optional[str]
    resume_step: int
    snapshot_every: Optional[int]
    first_step: int = 1


@dataclass(frozen=True)
class Answer:
    """The answer to a report; with ``exploit``, the model to go on from and its params."""

    action: Action
    resume: Optional[str] = None
    step: int = 0
    params: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class Failure:
    """Why a training failed."""

    code: str
    message: str
    output: List[str]
    hint: Optional[str] = None


class Talk(Protocol):
    """The way to whoever runs the study."""

    def report(self, step: int, metrics: Mapping[str, object], exploits: bool) -> Answer:
        """Answered once the report is durable."""

    def snapshot(self, step: int, path: str) -> None:
        """Answered once the snapshot is recorded; the path is absolute."""

    def park(self) -> Optional[int]:
        """Waits until the trial goes on: as which attempt. None: it does not go on here."""

    def end(self, failure: Optional[Failure], released: bool) -> None:
        """The training ended: by itself or as it was told, with a failure, or given back."""


def failure_of(error: BaseException) -> Failure:
    """What an exception says, with the end of its traceback."""
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    last = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    message = f"the training raised {last[-1] if last else type(error).__name__}"
    output = [line[:10_000] for line in lines[-_OUTPUT_LINES:]]
    return Failure("FUNCTION_FAILED", message[:10_000], output, "The traceback is part of the failure.")


class Trial:
    """One value for every hyperparameter, and its training.

    Attributes:
        study: the study's name; empty outside of a study.
        number: which trial this is, from 0.
        attempt: which attempt at it, from 1.
        params: the hyperparameters by name.
        seed: for the training's own randomness; the same in every attempt.
        max_steps: the step at which the training is complete; None if the study has none.
        dir: the trial's own folder.
        resume: the file or folder, saved by an earlier attempt, to go on from; None: begin from scratch.
        first_step: what the program calls its first step: 1, or 0 in a study with ``firstStep: 0``.
        resume_step: the step after which it was saved; at the beginning, the one before ``first_step``.
        action: the last answer to a report; ``continue`` before the first.
    """

    def __init__(self, assignment: Assignment, talk: Talk, exploits: bool = False) -> None:
        self.study = assignment.study
        self.number = assignment.number
        self.attempt = assignment.attempt
        self.params = dict(assignment.params)
        self.seed = assignment.seed
        self.max_steps = assignment.max_steps
        self.dir = assignment.dir
        self.resume = unpacked(assignment.resume, assignment.dir)
        self.first_step = assignment.first_step
        self.resume_step = assignment.resume_step
        self.action: Action = "continue"
        self._snapshot_every = assignment.snapshot_every
        self._exploits = exploits
        self._talk = talk
        self._last_step = self.resume_step
        self._reported: Dict[str, object] = {}
        self._is_over = False
        self._paused_itself = False
        self._saved_step = 0
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f"<curvewise.Trial {self.number} of {self.study or 'no study'}: {self.params}>"

    def report(self, step: int, metrics: Optional[Mapping[str, Number]] = None, **named: Number) -> Action:
        """Reports metrics at a step, and waits until they are durable.

        Args:
            step: the step reached, counted from ``first_step``; steps increase, and each is reported once.
            metrics: metrics whose names are no Python names, such as ``{"val/loss": 0.3}``.
            named: metrics by name; NumPy's and PyTorch's scalars are numbers too.

        Returns:
            ``continue``; ``pause``: save a snapshot and end; ``stop``: end; ``exploit`` (only if the trial was made
            with ``exploits=True``): ``params``, ``resume`` and ``resume_step`` are new, load that model and go on.

        Raises:
            CurvewiseError: the report was refused and changed nothing; or nobody is there to take it.
        """
        number = plain_step(step)
        encoded = encoded_metrics(metrics, named)
        answer = self._talk.report(number, encoded, self._exploits)
        self._last_step = number
        self._reported.update(encoded)
        self.action = answer.action
        if answer.action == "exploit":
            self.params = dict(answer.params or {})
            self.resume = unpacked(answer.resume, self.dir)
            self.resume_step = self._last_step = answer.step
        self._paused_itself = answer.action == "continue" and is_asked() and not self._is_complete()
        if self._paused_itself:
            self.action = "pause"
        return self.action

    def should_save(self, step: int) -> bool:
        """Whether to save a snapshot now: after being told to pause, or at steps at which the scheduler wants one."""
        if self.action == "pause":
            return True
        if self.action == "stop" or self._snapshot_every is None:
            return False
        return (plain_step(step) + 1 - self.first_step) % self._snapshot_every == 0

    def save(self, step: int, suffix: str = "") -> ContextManager[str]:
        """Saves a snapshot of a step that was reported: ``with trial.save(step) as path: torch.save(model, path)``.

        Write a file or a folder to the path. It is renamed into place and handed in when the block ends; if the
        block raises (a full disk), what was written is removed. A folder is kept as one file and is a folder again
        in ``resume``.

        Args:
            suffix: the end of the name, for libraries that look at it, such as ``.keras``.

        Raises:
            CurvewiseError: ``SNAPSHOT_INVALID`` if the step was not reported; ``SNAPSHOT_MISSING`` if nothing was
                written.
        """
        number = plain_step(step)
        name = f"step-{number}-attempt-{self.attempt}"
        return saving(self.dir, name, suffix, lambda path: self._hand_in(number, path))

    def _hand_in(self, step: int, path: str) -> None:
        self._talk.snapshot(step, path)
        self._saved_step = step

    def park(self) -> bool:
        """Waits in memory, after being told to pause and saving, until the trial goes on: no start is needed then.

        ``steps()`` does this by itself. While it waits, another trial may be trained in its place. Where memory gets
        short, or the study ends, the training is told to end, as it would have without waiting.

        Returns:
            True: go on with the next step; ``action`` is ``continue`` again, and ``attempt`` the new one. False: end.
            That is the answer at once if the training was not told to pause, if the step that it has reached was not
            saved, or where nobody parks trainings.
        """
        if self.action != "pause" or self._paused_itself or self._saved_step != self._last_step or is_asked():
            return False
        attempt = self._talk.park()
        if attempt is None:
            return False
        self.attempt = attempt
        self.action = "continue"
        return True

    def steps(self, last: Optional[int] = None) -> Iterator[int]:
        """The steps that are left to train: from the one after ``resume_step`` to the last one, or until told to end.

        Told to pause, a training that has saved waits for its next step if it can: see ``park``.

        Args:
            last: the last step, for studies without ``maxSteps``, as the program calls it.

        Raises:
            CurvewiseError: ``STEPS_UNKNOWN`` if neither the study nor the caller says which step is the last.
        """
        end = self._end_step if last is None else last
        if end is None:
            raise CurvewiseError(
                "STEPS_UNKNOWN", "the study has no maxSteps", "Set maxSteps, or write trial.steps(30)."
            )
        step = self.resume_step + 1
        while step <= end:
            yield step
            if self.action == "stop" or (self.action == "pause" and not self.park()):
                return
            if self.action == "exploit":
                step, self.action = self.resume_step, "continue"
            step += 1

    def rate(self, time: float, *, name: str = "schedule", rate: Optional[float] = None) -> float:
        """The learning rate of the trial's schedule: see `curvewise.rate_at`."""
        return rate_at(self.params, time, name=name, rate=rate)

    def suggest_float(
        self, name: str, low: float, high: float, *, step: Optional[float] = None, log: bool = False
    ) -> float:
        """The value of a param, in the words of Optuna; its range is the study's."""
        return plain_number(self._suggested(name))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """The value of a param, in the words of Optuna; its range is the study's."""
        return int(plain_number(self._suggested(name)))

    def suggest_categorical(self, name: str, choices: "List[Any]") -> Any:
        """The value of a param, in the words of Optuna; its choices are the study's."""
        return self._suggested(name)

    def should_prune(self) -> bool:
        """Whether the last report was answered with ``stop`` or ``pause``, in the words of Optuna."""
        return self.action in ("pause", "stop")

    def _suggested(self, name: str) -> Any:
        if name in self.params:
            return self.params[name]
        raise CurvewiseError(
            "PARAM_UNKNOWN",
            f"the study's space has no param {name} in this trial",
            "A space cannot grow once its study has begun: give Study(space=..) with all params.",
        )

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> bool:
        """Ends the trial; an exception fails the trial, not the process, but for those that end programs."""
        if error is None:
            self._end()
            return False
        if isinstance(error, Exception):
            # Told to end, a training may do so by raising, as Optuna's do.
            self._end(None if self.should_prune() else failure_of(error))
            return True
        is_exit = isinstance(error, SystemExit)
        is_failure = isinstance(error, SystemExit) and error.code not in (None, 0)
        self._end(failure_of(error) if is_failure else None, released=not is_exit)
        return False

    @property
    def _end_step(self) -> Optional[int]:
        """What the program calls the step at which the training is complete."""
        return None if self.max_steps is None else self.max_steps - 1 + self.first_step

    def _counts_from_one(self, who: str) -> None:
        """For what counts the steps itself, so that they would be counted twice.

        Raises:
            CurvewiseError: ``FIRST_STEP_UNSUITABLE`` if the study has ``firstStep: 0``.
        """
        if self.first_step != 1:
            raise CurvewiseError(
                "FIRST_STEP_UNSUITABLE",
                f"the study has firstStep: {self.first_step}, but {who} counts steps from 1 by itself",
                "Leave firstStep out of the study file.",
            )

    def _is_complete(self) -> bool:
        return self._end_step is not None and self._last_step >= self._end_step

    def _may_end(self) -> bool:
        """Whether nothing is missing if the training ends now."""
        return self._is_over or self.should_prune() or self._is_complete()

    def _end(self, failure: Optional[Failure] = None, released: bool = False) -> None:
        """Says how the training ended, once."""
        if self._is_over or self._process != os.getpid():
            return
        self._is_over = True
        given_back = released or (self._paused_itself and failure is None)
        self._talk.end(failure, given_back)
        if os.path.isdir(self.dir):
            remove_unpacked(self.dir)
