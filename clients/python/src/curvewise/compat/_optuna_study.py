"""Optuna's studies, which are trials of ``curvewise run`` or studies of Curvewise."""

import importlib
import os
import threading
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Type, Union

from .._errors import CurvewiseError
from .._results import Best
from .._samplers import known_samplers
from .._study import Study as Search
from .._trial import Trial as Given
from .._trial import failure_of
from .._worker import Worker
from ._notes import note
from ._optuna_algorithms import sampler_of, scheduler_of
from ._optuna_space import Found, Objective, found_in, space_of
from ._optuna_trial import FrozenTrial, Trial, TrialState, frozen, is_pruned
from ._reports import Reports, TrainingEnded, begin, current, end, in_program, metric_or, unsupported

Callbacks = Iterable[Callable[["Study", FrozenTrial], None]]


class _Told:
    """What several threads of one ``optimize`` share."""

    def __init__(self, trials: Optional[int], seconds: Optional[float]) -> None:
        self._left = trials
        self._until = None if seconds is None else time.monotonic() + seconds
        self._lock = threading.Lock()
        self.error: Optional[BaseException] = None
        self.stopped = False

    def take(self) -> bool:
        """Whether another trial may begin; it counts."""
        with self._lock:
            if self.stopped or self._left == 0 or (self._until is not None and time.monotonic() > self._until):
                return False
            if self._left is not None:
                self._left -= 1
            return True


class Study:
    """A study in the words of Optuna."""

    def __init__(
        self, name: str, storage: Optional[str], direction: str, sampler: Any, pruner: Any, is_new: bool = True
    ) -> None:
        self.study_name = name
        self.sampler = sampler
        self.pruner = pruner
        self.user_attrs: Dict[str, Any] = {}
        self.system_attrs: Dict[str, Any] = {}
        self._direction = direction
        self._storage_name = storage
        self._metric = metric_or("value")
        self._enqueued: List[Dict[str, Any]] = []
        self._search: Optional[Search] = None
        self._shift = 0
        self._reports = True
        self._space: Mapping[str, Any] = {}
        self._told: Optional[_Told] = None
        self._asked: Dict[int, Trial] = {}
        self._is_new = is_new

    @property
    def direction(self) -> Any:
        """Which way the value is better: Optuna's enumeration if that is installed, otherwise its name."""
        return direction_named(self._direction)

    @property
    def directions(self) -> List[Any]:
        """The one direction."""
        return [self.direction]

    def enqueue_trial(
        self, params: Dict[str, Any], user_attrs: Optional[Dict[str, Any]] = None, skip_if_exists: bool = False
    ) -> None:
        """Has params tried first. In a trial of ``curvewise run``, the study file's ``enqueue`` counts.

        Raises:
            CurvewiseError: ``NOT_SUPPORTED`` once the study has begun.
        """
        if self._search is not None:
            raise unsupported("enqueue_trial after the study has begun", "Enqueue before the first optimize().")
        if not (skip_if_exists and params in self._enqueued):
            self._enqueued.append(dict(params))

    def optimize(
        self,
        func: Objective,
        n_trials: Optional[int] = None,
        timeout: Optional[float] = None,
        n_jobs: int = 1,
        catch: Union[Iterable[Type[Exception]], Type[Exception]] = (),
        callbacks: Optional[Callbacks] = None,
        gc_after_trial: bool = False,
        show_progress_bar: bool = False,
    ) -> None:
        """Trains the trial of this process and ends it; by hand, trains so many trials more, in this process.

        Raises:
            CurvewiseError: what the engine refuses.
        """
        caught = (catch,) if isinstance(catch, type) else tuple(catch)
        if in_program():
            self._train(current(), func, caught)
            raise TrainingEnded()
        if self._search is None:
            self._begin(found_in(func))
        told = self._told = _Told(n_trials, timeout)

        def work(worker: Worker) -> None:
            try:
                while told.take():
                    given = worker.ask()
                    if given is None:
                        note(f"the study {self.study_name} has no more trials to propose")
                        return
                    self._train_one(given, func, caught, list(callbacks or ()))
            except BaseException as error:
                told.stopped = True
                told.error = told.error or error
            finally:
                worker.leave()

        if n_jobs == 1:
            work(self._worker())
        else:
            jobs = (os.cpu_count() or 1) if n_jobs < 1 else n_jobs
            # The first of them starts the engine, which all of them share.
            workers = [self._worker() for _ in range(jobs)]
            threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in workers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self._told = None
        assert self._search is not None
        # So that other processes, and other objects of the same study, may go on with it.
        self._search.close()
        if told.error is not None:
            raise told.error

    def stop(self) -> None:
        """Begins no further trials in this ``optimize``."""
        if self._told is None:
            raise RuntimeError("`Study.stop` is supposed to be invoked inside an objective function or a callback.")
        self._told.stopped = True

    def _train_one(
        self, given: Given, func: Objective, caught: Tuple[Type[Exception], ...], callbacks: List[Any]
    ) -> None:
        reports = begin(given)
        try:
            self._train(reports, func, caught)
        finally:
            end()
            self._shift = reports._shift or self._shift
        for callback in callbacks:
            callback(self, self._frozen_of(given.number))

    def _train(self, reports: Reports, func: Objective, caught: Tuple[Type[Exception], ...]) -> None:
        """Calls the objective, and says how the trial ended. In a program, its end says so."""
        is_program = in_program()
        try:
            value = func(Trial(self, reports, self._metric))
            self._finish(reports, value)
        except Exception as error:
            if is_pruned(error):
                if not is_program:
                    reports.trial._end()
            elif is_program:
                raise
            else:
                reports.trial._end(failure_of(error))
                if not isinstance(error, caught):
                    raise
        except BaseException:
            if not is_program:
                reports.trial._end(released=True)
            raise

    def _finish(self, reports: Reports, value: Any) -> None:
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1:
            value = value[0]
        if value is not None:
            reports.result({self._metric: value})
        elif not reports.last:
            raise ValueError("The value None could not be cast to float.")
        if not in_program():
            reports.trial._end()

    def ask(self, fixed_distributions: Optional[Mapping[str, Any]] = None) -> Trial:
        """A trial to train: that of this process, once, or the next of a study whose distributions are given.

        Raises:
            CurvewiseError: ``SPACE_NEEDED`` by hand without distributions.
        """
        if in_program():
            if self._asked:
                raise TrainingEnded()
            trial = Trial(self, current(), self._metric)
        else:
            if self._search is None:
                if not fixed_distributions:
                    raise CurvewiseError(
                        "SPACE_NEEDED",
                        "study.ask() has no distributions",
                        "Write study.ask({'lr': optuna.distributions.FloatDistribution(1e-4, 1, log=True)}), or"
                        " study.optimize(objective).",
                    )
                self._begin(Found(space_of(fixed_distributions), True))
            assert self._search is not None
            trial = Trial(self, Reports(self._search.ask()), self._metric)
        self._asked[trial.number] = trial
        return trial

    def tell(
        self,
        trial: Union[Trial, int],
        values: Any = None,
        state: Optional[TrialState] = None,
        skip_if_finished: bool = False,
    ) -> Optional[FrozenTrial]:
        """Says how a trial of `ask` ended; in a trial of ``curvewise run``, there is nothing to look at after it."""
        found = self._asked[trial] if isinstance(trial, int) else trial
        if state is not None and state.name == "FAIL":
            if in_program():
                raise SystemExit("the program told that its trial has failed")
            found._reports.trial._end(failure_of(RuntimeError("the program told that its trial has failed")))
        elif state is not None and state.name == "PRUNED":
            found._reports.trial._end()
        else:
            self._finish(found._reports, values)
        return None if in_program() else self._frozen_of(found.number)

    def _begin(self, found: Found) -> None:
        sampler, self._space, seed = sampler_of(self.sampler, found.space, known_samplers())
        scheduler, steps = scheduler_of(self.pruner, self._metric, None if found.reports else 1)
        self._reports = found.reports
        self._search = Search(
            self.study_name,
            goal={self._direction: self._metric},
            space=self._space,
            sampler=sampler,
            scheduler=scheduler if found.reports else "none",
            max_steps=steps,
            enqueue=self._enqueued,
            seed=seed,
            storage=self._storage_name,
        )
        if self._is_new:
            note(f"the study is {self._search.name} in {self._search.storage}")

    def _worker(self) -> Worker:
        assert self._search is not None
        return self._search._new_worker()

    def _looked_up(self) -> Search:
        return self._search or Search(
            self.study_name, goal={self._direction: self._metric}, storage=self._storage_name
        )

    def _distributions(self, params: Mapping[str, Any]) -> Dict[str, Any]:
        module = importlib.import_module("curvewise.compat._optuna_trial")
        try:
            module = importlib.import_module("optuna.distributions")
        except ImportError:
            pass
        return {name: _distribution(module, self._space[name]) for name in params if name in self._space}

    def _frozen(self, record: Mapping[str, Any]) -> FrozenTrial:
        folder = os.path.join(self._looked_up()._folder, f"trial-{record['number']}")
        made = frozen(dict(record), self._metric, self._shift, folder, self._distributions(record["params"]))
        if not self._reports:
            made.intermediate_values.clear()
        return made

    def _frozen_of(self, number: int) -> FrozenTrial:
        return next(each for each in self.trials if each.number == number)

    @property
    def trials(self) -> List[FrozenTrial]:
        """All trials that have begun, by number."""
        return self.get_trials()

    def get_trials(self, deepcopy: bool = True, states: Any = None) -> List[FrozenTrial]:
        """The trials that have begun, by number; with ``states``, those among them."""
        try:
            records = self._looked_up().trials
        except CurvewiseError as error:
            if error.code not in ("STUDY_NOT_FOUND", "STORAGE_NOT_FOUND"):
                raise
            records = []
        found = [self._frozen(each) for each in records if each["attempt"] > 0]
        return found if states is None else [each for each in found if each.state in states]

    def _best(self) -> Best:
        try:
            return self._looked_up().best
        except CurvewiseError as error:
            if error.code not in ("NOTHING_FOUND", "STUDY_NOT_FOUND", "STORAGE_NOT_FOUND"):
                raise
            raise ValueError("No trials are completed yet.") from None

    @property
    def best_trial(self) -> FrozenTrial:
        """The best trial. Raises ValueError if there is none."""
        return self._frozen_of(self._best().number)

    @property
    def best_trials(self) -> List[FrozenTrial]:
        """The best trial, in a list."""
        return [self.best_trial]

    @property
    def best_value(self) -> float:
        """The best trial's value."""
        return self._best().value

    @property
    def best_params(self) -> Dict[str, Any]:
        """The best trial's params."""
        return self._best().params

    def trials_dataframe(self, attrs: Sequence[str] = (), multi_index: bool = False) -> Any:
        """The trials as a pandas data frame, a row each."""
        wanted = tuple(attrs) or (
            "number", "value", "datetime_start", "datetime_complete", "duration", "params", "user_attrs", "state",
        )  # fmt: skip
        rows = []
        for trial in self.trials:
            row: Dict[str, Any] = {}
            for name in wanted:
                value = getattr(trial, name)
                if isinstance(value, dict):
                    row.update({f"{name}_{key}": each for key, each in value.items()})
                else:
                    row[name] = value.name if isinstance(value, TrialState) else value
            rows.append(row)
        return importlib.import_module("pandas").DataFrame(rows)

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keeps something with the study, in this process."""
        self.user_attrs[key] = value

    def set_system_attr(self, key: str, value: Any) -> None:
        """Keeps something with the study, in this process."""
        self.system_attrs[key] = value

    def set_metric_names(self, metric_names: List[str]) -> None:
        """Names the value, unless ``--metric`` does."""
        if len(metric_names) != 1:
            raise several()
        if self._search is None:
            self._metric = metric_or(metric_names[0])


def direction_named(direction: str) -> Any:
    """A direction as Optuna has it, or its name where Optuna is not installed."""
    try:
        return importlib.import_module("optuna.study").StudyDirection[direction.upper()]
    except (ImportError, AttributeError):
        return direction


def _distribution(module: Any, spec: Mapping[str, Any]) -> Any:
    if "choice" in spec:
        return module.CategoricalDistribution(spec["choice"])
    if "fixed" in spec:
        return module.CategoricalDistribution([spec["fixed"]])
    kind = "int" if "int" in spec else "float"
    low, high = spec[kind]
    step = spec.get("step", 1 if kind == "int" else None)
    make = module.IntDistribution if kind == "int" else module.FloatDistribution
    return make(low, high, log=spec.get("log", False), step=step)


def several() -> CurvewiseError:
    return unsupported("a study with several objectives", "Return one number; report the others as user attributes.")
