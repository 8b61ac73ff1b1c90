"""Studies of functions in Python."""

import atexit
import os
import secrets
import sys
import threading
from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Type, Union

from ._address import Address
from ._client import Client, StudyOver
from ._dashboard import Dashboard
from ._engine import Engine, run_command, study_folder
from ._errors import CurvewiseError
from ._locations import Choice, Transfer, located, located_transfer
from ._metrics import Number
from ._page import Page, table_of
from ._pool import Pool, Processes, Threads, begin_child, process_context, train_with
from ._results import Best, FrontMember, Record, best_of, front_of, rows_of
from ._suggest import discover
from ._training import Train, report_result
from ._trial import Failure, Trial
from ._worker import Worker

Space = Mapping[str, Any]
#: Held while an engine is started for `ask`. Not the study's own, since that would make studies impossible to pickle.
_STARTING = threading.Lock()


class Study:
    """A search for the params with which a training ends best.

    Everything is kept in a database; a study of the same name and database goes on where it was. The keys of
    ``goal``, ``space``, ``sampler``, ``scheduler``, ``constraints``, ``enqueue``, ``transfer`` and ``budget`` are those of study files:
    ``docs/study-files.md``.

    Args:
        name: letters, digits, ``.``, ``_`` and ``-``; by default a new one.
        goal: ``{"minimize": "loss"}`` or ``{"maximize": "acc"}``; or a list of several that count as much as each other.
        constraints: rules across params, such as ``["width1 >= width2"]``; limits of metrics by name, such as
            ``{"memory_gb": "<= 16"}``; or both, in a list.
        space: the params by name, such as ``{"lr": {"float": [1e-4, 1], "log": True}}``; or a function of a trial that
            calls ``suggest_float`` and the like; None: ask the function that is trained.
        max_steps: the step at which a training is complete.
        sampler: what proposes params; by default ``auto``, which chooses by the space, the goals and whether there are curves.
        scheduler: what decides which trainings go on; by default ``none``.
        budget: further limits besides the number of trials, such as ``{"time": "4h", "target": 0.05}``.
        seed: the same seed gives the same params.
        transfer: earlier trials to begin with: ``"auto"``, all studies of the database that fit; or a list of studies
            and of .csv and .jsonl files; or ``{"from": ..., "first": 3, "columns": {"lr": "learning_rate"}}``.
        storage: the database, a file or a ``postgres://`` URL; by default CURVEWISE_STORAGE or ``curvewise.db``.
        files: the folder for snapshots; by default beside the database.
        change: go on with an earlier study of this name although it had another space, other constraints, smaller
            ``max_steps``, or another sampler or scheduler: ``docs/study-files.md``, "Changing a study that has begun".
    """

    def __init__(
        self,
        name: Optional[str] = None,
        *,
        goal: Union[Mapping[str, Any], Sequence[Mapping[str, Any]]],
        space: Union[Space, Callable[[Any], Any], None] = None,
        max_steps: Optional[int] = None,
        sampler: Optional[Choice] = None,
        scheduler: Optional[Choice] = None,
        constraints: Union[Mapping[str, str], Sequence[Union[str, Mapping[str, str]]]] = (),
        enqueue: Sequence[Mapping[str, Any]] = (),
        transfer: Optional[Transfer] = None,
        budget: Optional[Mapping[str, Any]] = None,
        replicates: int = 1,
        retries: int = 0,
        seed: int = 0,
        storage: Optional[str] = None,
        files: Optional[str] = None,
        change: bool = False,
    ) -> None:
        self.name = name or f"study-{secrets.token_hex(4)}"
        self.storage = storage or os.environ.get("CURVEWISE_STORAGE") or "curvewise.db"
        is_file = not self.storage.startswith(("postgres://", "postgresql://"))
        self._files = files if files is not None or is_file else "curvewise-files"
        self._goals = _checked_goals(goal)
        self._space = space
        self._entries: Dict[str, object] = {
            "maxSteps": max_steps,
            "sampler": located(sampler),
            "scheduler": located(scheduler),
            "constraints": (
                dict(constraints) if isinstance(constraints, Mapping) else list(constraints)
            )
            or None,
            "enqueue": [dict(each) for each in enqueue] or None,
            "transfer": located_transfer(transfer),
            "replicates": None if replicates == 1 else replicates,
        }
        self._budget = budget
        self._max_steps = max_steps
        self._retries = retries
        self._seed = seed
        self._change = change
        self._engine: Optional[Engine] = None
        self._worker: Optional[Worker] = None

    @property
    def _folder(self) -> str:
        """The folder of its files."""
        return study_folder(self.storage, self.name, self._files)

    @property
    def _metric(self) -> str:
        """The metric of the goal, or of the first one."""
        return str(self._goals[0].get("minimize", self._goals[0].get("maximize", "")))

    @property
    def front(self) -> List[FrontMember]:
        """The trials that no other one beats in every goal, the best in the first goal first.

        Raises:
            CurvewiseError: ``ONE_GOAL`` if the study has one goal: it has a best trial.
        """
        if len(self._goals) == 1:
            raise CurvewiseError("ONE_GOAL", f"the study {self.name} has one goal", "See study.best.")
        return front_of(run_command(["best", self.name, "--storage", self.storage]))

    def optimize(
        self,
        train: Train,
        trials: Optional[int] = None,
        workers: int = 1,
        *,
        threads: bool = False,
    ) -> Best:
        """Trains until the study has so many trials, and nothing is left to do with them.

        Args:
            train: trains a trial, and reports; or returns the goal's metric, or metrics by name. If it raises, its
                trial has failed, and the study goes on.
            trials: how many trials the study has in the end, those of earlier calls included; None: as many as its
                budget and sampler allow.
            workers: how many trainings at the same time.
            threads: train in threads of this process instead of processes.

        Returns:
            The best trial.

        Raises:
            CurvewiseError: ``NOTHING_FOUND`` if no trial has a finite value; ``STUDY_CHANGED`` if a study of this name
                has another goal or seed or, without ``change``, another space, sampler or scheduler; and what else the engine refuses.
            KeyboardInterrupt: after Ctrl-C, once all that was recorded is safe: the same call goes on from there.
        """
        self.close()
        space = self._known_space(train, None if threads else process_context())
        try:
            told = self._run(train, workers, threads, space, self._budget, trials)
        except CurvewiseError as error:
            # A budget never shrinks: a study that may have more trials is ended here once it has enough.
            if trials is None or not _is_about_budget(error) or self._budget is not None:
                raise
            told = self._state()
            if _ended_trials(told) < trials:
                told = self._run(train, workers, threads, space, told["budget"], None, trials)
        return _found(best_of(told), self.name)

    def _run(
        self,
        train: Train,
        workers: int,
        threads: bool,
        space: Space,
        budget: Optional[Mapping[str, Any]],
        trials: Optional[int],
        enough: Optional[int] = None,
    ) -> Record:
        """Runs the engine and workers until the study's budget is used up, or enough trials have ended."""
        engine = self._engine_for(space, budget, trials)
        try:
            engine.wait_open()
            if engine.is_running:
                make = Threads if threads else Processes
                pool: Pool = make(engine, train, self._metric, workers)
                client = Client(Address(engine.folder), reconnect_for=0)

                def is_enough() -> bool:
                    try:
                        return enough is not None and _ended_trials(client.call("GET", "")) >= enough
                    except (CurvewiseError, StudyOver):
                        return False

                try:
                    train_with(engine, pool, _say, is_enough)
                finally:
                    client.close()
            return dict(engine.result()["study"])
        finally:
            engine.close()

    def ask(self) -> Trial:
        """Takes a trial, to be trained by the caller and ended with `tell`.

        Raises:
            CurvewiseError: ``STUDY_FINISHED`` if there are no more; and what the engine refuses.
        """
        with _STARTING:
            if self._worker is None:
                self._worker = self._new_worker()
            worker = self._worker
        trial = worker.ask()
        if trial is None:
            raise CurvewiseError(
                "STUDY_FINISHED", f"the study {self.name} has no more trials", "Raise its budget, if it has one."
            )
        return trial

    def _new_worker(self) -> Worker:
        """Takes trials in this process, of an engine that runs until `close`."""
        if self._engine is None:
            self._engine = self._engine_for(self._known_space(None, None), self._budget, None)
            atexit.register(self.close)
            self._engine.wait_open()
            if not self._engine.is_running:
                self._engine.result()
        return Worker(Address(self._engine.folder), reconnect_for=10, stays=False)

    def tell(
        self,
        trial: Trial,
        result: Union[Number, Mapping[str, Number], None] = None,
        *,
        error: Optional[str] = None,
    ) -> None:
        """Says how a trial of `ask` ended.

        Args:
            result: the goal's metric, or metrics by name; None if the trial has reported them.
            error: why it failed, if it did.

        Raises:
            CurvewiseError: ``TRIAL_ENDED`` if it was told before how the trial ended.
        """
        if trial._is_over:
            raise CurvewiseError(
                "TRIAL_ENDED",
                f"trial {trial.number} has ended already: nothing more can be told of it",
                "Call tell once for each trial that ask returns.",
            )
        if error is None:
            report_result(trial, result, self._metric)
        trial._end(None if error is None else Failure("TRIAL_FAILED", error, []))

    @property
    def best(self) -> Best:
        """The best trial so far.

        Raises:
            CurvewiseError: ``NOTHING_FOUND`` if no trial has a finite value; ``STUDY_NOT_FOUND``.
        """
        state: Record = self._live_or_kept(lambda: self._get(""), self._state)
        return _found(best_of(state), self.name)

    @property
    def trials(self) -> List[Record]:
        """All trials, by number: ``number``, ``state``, ``params``, ``value``, ``curve``, ``failure`` and more.

        Raises:
            CurvewiseError: ``STUDY_NOT_FOUND`` if the study has not begun.
        """
        found: List[Record] = self._live_or_kept(self._live_trials, self._kept_trials)
        return found

    def _kept_trials(self) -> List[Record]:
        return list(run_command(["trials", self.name, "--storage", self.storage])["trials"])

    def _live_trials(self) -> List[Record]:
        found: List[Record] = []
        after: Optional[int] = -1
        while after is not None:
            page = self._get(f"/trials?limit=1000{'' if after < 0 else f'&after={after}'}")
            found.extend(page["trials"])
            after = page["next"]
        return found

    def _live_or_kept(self, live: Callable[[], Any], kept: Callable[[], Any]) -> Any:
        """What the engine tells while it runs, otherwise what the database has."""
        if self._engine is not None and self._engine.is_running:
            try:
                return live()
            except CurvewiseError as error:
                if error.code != "STUDY_FINISHED":
                    raise
                # Nothing is left to do in the study: the engine is about to end by itself.
                self._engine.wait_end()
        return kept()

    def dataframe(self) -> Any:
        """The trials as a pandas data frame, a row each.

        Raises:
            ImportError: pandas is not installed.
        """
        import importlib

        return importlib.import_module("pandas").DataFrame(rows_of(self.trials))

    def report(self, path: Optional[str] = None, *others: str) -> Page:
        """Writes the page with the learning curves, the best so far, parallel coordinates, and a table of all trials.

        Args:
            path: its file, replaced if it exists; by default the study's name and ``.html``.
            others: names of studies in the same database, to be compared with this one.

        Returns:
            The page, which a notebook shows.

        Raises:
            CurvewiseError: ``STUDY_NOT_FOUND`` if the study has not begun; what else the command line refuses.
        """
        page = Page(path or f"{self.name}.html")
        run_command(["report", self.name, *others, "--storage", self.storage, "--output", page.path])
        return page

    def dashboard(self, *, act: bool = False) -> Dashboard:
        """Serves the study's page, live while it runs, until this process ends or it is closed.

        Args:
            act: whether a notebook shows it with the token that lets its reader pause, stop and enqueue. The token is
                then saved with the notebook.

        Returns:
            The page, which a notebook shows if its browser is on this machine too; ``url`` is its address.

        Raises:
            CurvewiseError: ``STORAGE_NOT_FOUND`` if there is no database yet; what else the command line refuses.
        """
        return Dashboard(self.name, storage=self.storage, files=self._files, act=act)

    def _repr_html_(self) -> str:
        """What a notebook shows of the study: how its best trials were set, and what became of all of them."""
        return table_of(self.name, self._goals[0], self.trials)

    def close(self) -> None:
        """Ends the engine that `ask` started; trials that have not ended are given back."""
        worker, self._worker = self._worker, None
        engine, self._engine = self._engine, None
        if worker is not None:
            worker.leave()
        if engine is not None:
            atexit.unregister(self.close)
            engine.close()

    def __enter__(self) -> "Study":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def _get(self, path: str) -> Any:
        assert self._engine is not None
        client = Client(Address(self._engine.folder), reconnect_for=10)
        try:
            return client.call("GET", path)
        except StudyOver:
            raise CurvewiseError("STUDY_FINISHED", f"the study {self.name} has just ended") from None
        finally:
            client.close()

    def _state(self) -> Record:
        """The study as the database has it. Raises CurvewiseError ``STUDY_NOT_FOUND``."""
        return dict(run_command(["status", self.name, "--storage", self.storage])["studies"][0])

    def _engine_for(self, space: Space, budget: Optional[Mapping[str, Any]], trials: Optional[int]) -> Engine:
        entries = {key: value for key, value in self._entries.items() if value is not None}
        study = {
            "study": self.name,
            **({"goal": self._goals[0]} if len(self._goals) == 1 else {"goals": self._goals}),
            "space": space,
            "seed": self._seed,
            "retries": self._retries,
            "budget": dict(budget or {}),
            **entries,
        }
        limit = [] if trials is None else ["--trials", str(trials)]
        agreed = ["--change"] if self._change else []
        return Engine(study, storage=self.storage, files=self._files, arguments=[*limit, *agreed])

    def _known_space(self, train: Optional[Train], context: Any) -> Space:
        if isinstance(self._space, Mapping):
            return self._space
        function = self._space or train
        if function is None:
            raise CurvewiseError(
                "SPACE_NEEDED",
                "the study has no space",
                'Give one, such as space={"lr": {"float": [1e-4, 1], "log": True}}, or a function that suggests.',
            )
        self._space = (
            discover(function, self._max_steps)
            if self._space is not None or context is None
            else _discovered_elsewhere(context, function, self._max_steps)
        )
        return self._space


def _discover_in_process(sender: Any, function: Train, max_steps: Optional[int], parent: int) -> None:
    begin_child(parent)
    try:
        sender.send((True, discover(function, max_steps)))
    except CurvewiseError as error:
        sender.send((False, (error.code, error.message, error.hint)))


def _discovered_elsewhere(context: Any, function: Train, max_steps: Optional[int]) -> Space:
    """The space of a training, asked for in another process: it may begin to train, which must not happen in this."""
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_discover_in_process, args=(sender, function, max_steps, os.getpid()))
    process.start()
    sender.close()
    try:
        is_found, told = receiver.recv()
    except EOFError:
        raise CurvewiseError(
            "SPACE_UNCLEAR", "the training failed while it was asked for its params", "Its error is above."
        ) from None
    finally:
        process.join()
        receiver.close()
    if is_found:
        return dict(told)
    raise CurvewiseError(*told)


def _checked_goals(goal: object) -> List[Dict[str, Any]]:
    """A study's goals; the engine checks the rest of them.

    Raises:
        CurvewiseError: ``GOAL_INVALID`` if one does not say what to minimize or to maximize.
    """
    given = list(goal) if isinstance(goal, Sequence) and not isinstance(goal, str) else [goal]
    goals = [dict(each) if isinstance(each, Mapping) else {} for each in given]
    if not goals or any(sum(key in each for key in ("minimize", "maximize")) != 1 for each in goals):
        raise CurvewiseError(
            "GOAL_INVALID",
            f"Study(goal=..) must name the metric to minimize or to maximize, but is {goal!r}",
            'Write goal={"minimize": "loss"} or goal={"maximize": "acc"}, or a list of several.',
        )
    return goals


def _is_about_budget(error: CurvewiseError) -> bool:
    return error.code == "STUDY_CHANGED" and error.message.startswith("the budget of study")


def _ended_trials(state: Mapping[str, Any]) -> int:
    return sum(state["trials"].get(each, 0) for each in ("complete", "stopped", "failed"))


def _found(best: Optional[Best], name: str) -> Best:
    if best is not None:
        return best
    raise CurvewiseError(
        "NOTHING_FOUND", f"no trial of the study {name} has a finite value of its goal", "See study.trials."
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
