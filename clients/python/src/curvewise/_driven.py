"""A study of Curvewise that another tuner asks: it runs the trainings, Curvewise proposes and stops."""

import secrets
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ._errors import CurvewiseError
from ._metrics import Number
from ._locations import Choice
from ._study import Space, Study
from ._trial import Trial
from ._worker import Worker

#: Seconds to wait for a proposal: nobody may be kept from telling how trials ended for long.
_PATIENCE = 0.5
#: Schedulers that never pause a trial.
_STOPPING = ("none", "median", "patience", "threshold")


def stopping_only(scheduler: Optional[Choice]) -> None:
    """Refuses schedulers that would pause trials, or give them the models of others.

    Raises:
        CurvewiseError: ``SCHEDULER_PAUSES``.
    """
    if scheduler is None or scheduler in _STOPPING:
        return
    name, options = (scheduler, {}) if isinstance(scheduler, str) else next(iter(scheduler.items()))
    given: Mapping[str, Any] = options if isinstance(options, Mapping) else {}
    if name in _STOPPING:
        return
    if name == "combine":
        for each in given.get("schedulers", []):
            stopping_only(each)
        return
    if (name, given.get("type")) == ("asha", "stopping") or (name, given.get("mode")) in (
        ("lcm", "stop"),
        ("lcm", "poster"),
    ):
        return
    raise CurvewiseError(
        "SCHEDULER_PAUSES",
        f"the scheduler {name} pauses trials or copies models, which the other tuner cannot do",
        "Use median, patience, threshold, {'asha': {'type': 'stopping'}}, {'lcm': {'mode': 'stop'}}, or a combine of"
        " these.",
    )


class Driven:
    """A study whose trials have the other tuner's names, and are told as it learns of them.

    Args:
        tuner: begins the study's name.
        scheduler: one that stops trials for good.
    """

    def __init__(
        self,
        tuner: str,
        *,
        goal: Mapping[str, str],
        space: Space,
        sampler: Optional[Choice],
        scheduler: Optional[Choice],
        max_steps: Optional[int],
        storage: Optional[str] = None,
        seed: int = 0,
        enqueue: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        stopping_only(scheduler)
        self._study = Study(
            f"{tuner}-{secrets.token_hex(4)}",
            goal=goal,
            space=space,
            sampler=sampler,
            scheduler=scheduler,
            max_steps=max_steps,
            storage=storage,
            seed=seed,
            enqueue=enqueue,
        )
        self._worker: Optional[Worker] = None
        #: Whether the study has nothing more to propose.
        self.is_over = False
        self._trials: Dict[Any, Trial] = {}
        self._shifts: Dict[Any, int] = {}
        self._last: Dict[Any, Dict[str, float]] = {}

    @property
    def study(self) -> Study:
        """The study of Curvewise."""
        return self._study

    def numbers(self) -> List[Any]:
        """The trials that have not ended."""
        return list(self._trials)

    def has(self, name: Any) -> bool:
        """Whether a trial was asked for, and has not ended."""
        return name in self._trials

    def ask(self, name: Any) -> Optional[Dict[str, Any]]:
        """The params of a new trial; None if there is none at the moment, or never again: see `is_over`."""
        if self.is_over:
            return None
        if self._worker is None:
            self._worker = self._study._new_worker()
        trial = self._worker.ask(wait=_PATIENCE)
        if trial is None:
            self.is_over = self._worker.is_finished
            return None
        self._trials[name] = trial
        return dict(trial.params)

    def report(self, name: Any, curve: Mapping[int, Mapping[str, Number]]) -> bool:
        """Reports what is new in a trial's curve, by the tuner's steps, which may begin at 0; whether it is to stop."""
        trial = self._trials.get(name)
        if trial is None:
            return False
        for step, metrics in curve.items():
            shift = self._shifts.setdefault(name, 1 if step <= 0 else 0)
            if trial.should_prune() or trial._is_complete():
                break
            if step + shift > trial._last_step:
                trial.report(step + shift, metrics)
                self._last[name] = {each: float(value) for each, value in metrics.items()}
        return trial.should_prune()

    def is_stopped(self, name: Any) -> bool:
        """Whether the scheduler has stopped a trial that has not ended."""
        return name in self._trials and self._trials[name].should_prune()

    def end(self, name: Any, metrics: Optional[Mapping[str, Number]]) -> None:
        """Says that a trial has ended, and with what, if its last report did not."""
        trial = self._trials.pop(name, None)
        if trial is None:
            return
        last = self._last.pop(name, {})
        known = {each: float(value) for each, value in (metrics or {}).items()}
        is_new = any(last.get(each) != value for each, value in known.items())
        if is_new and not trial.should_prune() and not trial._is_complete():
            trial.report(trial._last_step + 1, known)
        if not last and not is_new:
            self._study.tell(trial, error="nothing was reported")
        else:
            trial._end()

    def fail(self, name: Any, why: str) -> None:
        """Says that a trial has failed."""
        trial = self._trials.pop(name, None)
        self._last.pop(name, None)
        if trial is not None:
            self._study.tell(trial, error=why)

    def close(self) -> None:
        """Ends the engine; trials that have not ended are given back."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.leave()
        self._study.close()
