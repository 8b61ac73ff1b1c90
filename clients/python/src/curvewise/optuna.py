"""Curvewise's samplers and schedulers as sampler and pruner of a study of Optuna.

::

    pruner = CurvewisePruner("median", max_steps=30)
    study = optuna.create_study(sampler=CurvewiseSampler(pruner=pruner), pruner=pruner)
    study.optimize(objective, n_trials=100)

Both ask one study of Curvewise, which this process starts. Optuna keeps its own trials in its own storage; the trials
that it has when the sampler is asked first are told to Curvewise. This needs the package ``optuna``.
"""

import threading
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

import optuna
from optuna.distributions import BaseDistribution
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.trial import FrozenTrial, TrialState

from ._driven import Driven, stopping_only
from ._errors import CurvewiseError
from ._locations import Choice
from .compat._optuna_trial import spec_of

__all__ = ["CurvewisePruner", "CurvewiseSampler"]

_METRIC = "value"
#: Seconds between two looks for a proposal.
_REST = 0.05
#: The param of a study that only decides which trials go on: the params are another sampler's.
_ANY_SPACE = {"optuna": {"float": [0, 1]}}


def _direction(study: "optuna.Study") -> str:
    if len(study.directions) != 1:
        raise CurvewiseError(
            "NOT_SUPPORTED", "the study has several objectives", "Curvewise has one goal: use another sampler."
        )
    return str(study.direction.name).lower()


class CurvewisePruner(BasePruner):  # type: ignore[misc]
    """Stops trials as a scheduler of Curvewise does.

    Args:
        scheduler: one that stops trials for good, with its options: ``median``, ``patience``, ``threshold``,
            ``{"asha": {"type": "stopping"}}``, ``{"lcm": {"mode": "stop"}}``, or a ``combine`` of such.
        max_steps: the step at which a training is complete; ``asha`` and ``lcm`` need it.
        storage: the database of Curvewise; by default CURVEWISE_STORAGE or ``curvewise.db``.

    Raises:
        CurvewiseError: ``SCHEDULER_PAUSES`` if it would pause trials, which Optuna cannot do.
    """

    def __init__(
        self, scheduler: Choice = "median", *, max_steps: Optional[int] = None, storage: Optional[str] = None
    ) -> None:
        stopping_only(scheduler)
        self._scheduler = scheduler
        self._max_steps = max_steps
        self._storage = storage
        self._driven: Optional[Driven] = None
        self._lock = threading.RLock()
        self._has_sampler = False

    def prune(self, study: "optuna.Study", trial: FrozenTrial) -> bool:
        """Whether the scheduler stops a trial, by what it has reported."""
        with self._lock:
            if self._driven is None:
                if self._has_sampler:
                    # The sampler has not begun: its first trials are drawn by another.
                    return False
                self._driven = Driven(
                    "optuna",
                    goal={_direction(study): _METRIC},
                    space=_ANY_SPACE,
                    sampler="random",
                    scheduler=self._scheduler,
                    max_steps=self._max_steps,
                    storage=self._storage,
                )
            driven = self._driven
            if not self._has_sampler:
                self._end_others(study, trial)
                if not driven.has(trial.number) and driven.ask(trial.number) is None:
                    return False
            if not driven.has(trial.number):
                return False
            return driven.report(trial.number, _curve(trial))

    def _end_others(self, study: "optuna.Study", current: FrozenTrial) -> None:
        """Tells of trials that have ended: nothing calls a pruner then."""
        driven = self._driven
        assert driven is not None
        known = [number for number in driven.numbers() if number != current.number]
        if not known:
            return
        trials = {each.number: each for each in study.get_trials(deepcopy=False)}
        for number in known:
            ended = trials.get(number)
            if ended is not None and ended.state.is_finished():
                _tell(driven, ended)


def _curve(trial: FrozenTrial) -> Dict[int, Dict[str, float]]:
    return {step: {_METRIC: value} for step, value in sorted(trial.intermediate_values.items())}


def _tell(driven: Driven, trial: FrozenTrial, value: Optional[float] = None) -> None:
    driven.report(trial.number, _curve(trial))
    if trial.state == TrialState.FAIL:
        driven.fail(trial.number, str(trial.system_attrs.get("fail_reason", "the trial failed")))
        return
    last = trial.value if value is None else value
    driven.end(trial.number, None if last is None else {_METRIC: last})


class CurvewiseSampler(BaseSampler):  # type: ignore[misc]
    """Proposes params as a sampler of Curvewise does.

    The space is that of Optuna's other relative samplers: the params that all complete trials have in common. Until a
    trial is complete, and for params outside of that space, params are drawn at random.

    Args:
        sampler: by name, or with its options; by default ``auto``, which chooses by the space and the number of trials.
        pruner: the study's pruner, if that is a `CurvewisePruner`: both then know the same curves.
        max_steps: the step at which a training is complete, if there is no pruner that says so; samplers such as
            ``curve`` need it. 1 for objectives that do not report on their way.
        space: distributions by name, if they are known beforehand: then nothing is drawn at random first.
        seed: the same seed proposes the same params.
        storage: the database of Curvewise; by default CURVEWISE_STORAGE or ``curvewise.db``.
    """

    def __init__(
        self,
        sampler: Choice = "auto",
        *,
        pruner: Optional[CurvewisePruner] = None,
        max_steps: Optional[int] = None,
        space: Optional[Mapping[str, BaseDistribution]] = None,
        seed: int = 0,
        storage: Optional[str] = None,
    ) -> None:
        self._sampler = sampler
        self._pruner = pruner or CurvewisePruner("none", max_steps=max_steps, storage=storage)
        if pruner is not None and max_steps is not None:
            raise CurvewiseError("OPTION_INVALID", "max_steps is the pruner's", "Write CurvewisePruner(max_steps=..).")
        self._pruner._has_sampler = True
        self._space = None if space is None else dict(space)
        self._seed = seed
        self._storage = storage or self._pruner._storage
        self._common = IntersectionSearchSpace()
        self._others = RandomSampler(seed=seed)

    def infer_relative_search_space(
        self, study: "optuna.Study", trial: FrozenTrial
    ) -> Dict[str, BaseDistribution]:
        """The params that are proposed together."""
        if self._space is not None:
            return self._space
        common = self._common.calculate(study)
        return {name: each for name, each in common.items() if not each.single()}

    def sample_relative(
        self, study: "optuna.Study", trial: FrozenTrial, search_space: Dict[str, BaseDistribution]
    ) -> Dict[str, Any]:
        """What Curvewise proposes. When it has nothing more to propose, the study is stopped."""
        if not search_space:
            return {}
        while True:
            with self._pruner._lock:
                driven = self._pruner._driven
                if driven is None:
                    driven = self._pruner._driven = self._begin(study, search_space)
                params = driven.ask(trial.number)
            if params is not None:
                break
            if driven.is_over:
                try:
                    study.stop()
                except RuntimeError:
                    # Optuna can only be stopped within `optimize`.
                    pass
                return {}
            # Whatever comes next depends on trials that other threads train.
            time.sleep(_REST)
        # A param that is off here, or that later trials no longer have in common, is drawn at random.
        return {name: params[name] for name in search_space if name in params}

    def _begin(self, study: "optuna.Study", search_space: Mapping[str, BaseDistribution]) -> Driven:
        pruner = self._pruner
        space = {name: spec_of(each) for name, each in search_space.items()}
        earlier: List[FrozenTrial] = [
            each
            for each in study.get_trials(deepcopy=False)
            if each.state in (TrialState.COMPLETE, TrialState.PRUNED)
            and all(name in each.params and search_space[name]._contains(
                search_space[name].to_internal_repr(each.params[name])
            ) for name in search_space)
        ]  # fmt: skip
        driven = Driven(
            "optuna",
            goal={_direction(study): _METRIC},
            space=space,
            sampler=self._sampler,
            scheduler=pruner._scheduler,
            max_steps=pruner._max_steps,
            storage=self._storage,
            seed=self._seed,
            enqueue=[{name: each.params[name] for name in search_space} for each in earlier],
        )
        for each in earlier:
            driven.ask(each.number)
            _tell(driven, each)
        return driven

    def sample_independent(
        self,
        study: "optuna.Study",
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """A param outside of the common space, at random."""
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: "optuna.Study", trial: FrozenTrial, state: TrialState, values: Optional[Sequence[float]]
    ) -> None:
        """Tells Curvewise how a trial ended."""
        with self._pruner._lock:
            driven = self._pruner._driven
            if driven is None or not driven.has(trial.number):
                return
            driven.report(trial.number, _curve(trial))
            if state == TrialState.FAIL:
                driven.fail(trial.number, "the objective failed")
            else:
                driven.end(trial.number, {_METRIC: values[0]} if values else None)

    def reseed_rng(self) -> None:
        """Curvewise's proposals differ from trial to trial in any case."""
        self._others.reseed_rng()
