"""A worker by HTTP: it takes trials from a coordinator, one after another, and trains them in this process."""

import atexit
import os
import posixpath
import re
import secrets
import socket
import sys
import threading
import time
from types import TracebackType
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Type

from ._address import Address, address_of
from ._client import Client, StudyOver
from ._errors import CurvewiseError
from ._program import is_started_by_curvewise, trial
from ._signals import is_asked, listen, when_asked
from ._trial import Answer, Assignment, Failure, Trial, failure_of

#: Seconds that a wish for a trial waits at the coordinator before it is asked again.
_WAIT = 10.0
#: Seconds to wait for a coordinator when this process is about to end anyway.
_FAREWELL = 2.0
#: What a coordinator answers about an attempt that is no longer this worker's: nothing is left to say about it.
_OVER = ("ATTEMPT_OVER", "ATTEMPT_UNKNOWN", "WORKER_NOT_FOUND", "WORKER_LOST")


class _Woken(BaseException):
    """SIGTERM came while the worker waited for a trial."""


def _wake() -> None:
    raise _Woken()


class HttpTalk:
    """The trial protocol by HTTP. Each call has its place in a sequence, so it can be repeated."""

    def __init__(self, call: Callable[..., Any], worker: str, assigned: Mapping[str, Any], home: str) -> None:
        self._call = call
        self._path = f"/trials/{assigned['trial']}"
        self._said: Dict[str, object] = {"worker": worker, "attempt": assigned["attempt"]}
        self._lock = threading.Lock()
        self._sequence = 0
        self._process = os.getpid()
        self._base = posixpath.join(_study_folder(assigned), f"trial-{assigned['trial']}")
        self._remote_home, self._home = _study_folder(assigned), home

    def _say(self, what: str, body: Mapping[str, object]) -> Any:
        with self._lock:
            self._sequence += 1
            # A forked child counts for itself: its calls must not be taken for this process's.
            place = {"sequence": self._sequence} if self._process == os.getpid() else {}
            return self._call("POST", f"{self._path}/{what}", {**self._said, **place, **body})

    def report(self, step: int, metrics: Mapping[str, object], exploits: bool) -> Answer:
        try:
            said = self._say("report", {"step": step, "metrics": metrics, "canExploit": exploits})
        except StudyOver:
            return Answer("stop")
        answer = said["answer"]
        if answer["action"] != "exploit":
            return Answer(answer["action"])
        resume = answer["resume"]
        return Answer("exploit", self.local(resume["path"]), resume["step"], answer["params"])

    def local(self, path: str) -> str:
        """A path of the coordinator's host as it is here."""
        return os.path.join(self._home, *posixpath.relpath(path, self._remote_home).split("/"))

    def snapshot(self, step: int, path: str) -> None:
        base = self.local(self._base)
        inner = os.path.relpath(path, base).replace(os.sep, "/")
        try:
            self._say("snapshot", {"step": step, "path": inner})
        except StudyOver:
            return
        except CurvewiseError as error:
            if error.code not in _OVER:
                raise

    def park(self) -> Optional[int]:
        # In this process a function takes its place at once, and a start costs little.
        return None

    def end(self, failure: Optional[Failure], released: bool) -> None:
        end: Dict[str, object] = {"kind": "ended"}
        if failure is not None:
            said = {"code": failure.code, "message": failure.message}
            if failure.hint is not None:
                said["hint"] = failure.hint
            end = {"kind": "failed", "error": said, "output": failure.output}
        elif released:
            end = {"kind": "released", "reason": "interrupted"}
        try:
            self._say("tell", {"end": end})
        except StudyOver:
            return
        except CurvewiseError as error:
            if error.code not in _OVER:
                raise


def _study_folder(assigned: Mapping[str, Any]) -> str:
    """The study's folder on the coordinator's host, by the folder of a trial or of one of its replicates."""
    folder = str(assigned["folder"])
    found = re.match(rf"(.*)/trial-{assigned['trial']}(/|$)", folder)
    return found.group(1) if found else posixpath.dirname(folder)


class Worker:
    """Takes trials of one study, one at a time; shows that it is alive while it has one.

    Args:
        lease: seconds of silence after which the coordinator gives the trial to others.
        reconnect_for: seconds without a coordinator after which to give up.
        stays: whether to wait for the next coordinator when one ends before the study is finished.
        is_given_up: asked while there is no coordinator: whether none will come.
    """

    def __init__(
        self,
        address: Address,
        *,
        name: Optional[str] = None,
        lease: float = 60,
        reconnect_for: float = 600,
        exploits: bool = False,
        stays: bool = True,
        is_given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name = name or f"{_plain(socket.gethostname())}-{os.getpid()}-{secrets.token_hex(3)}"
        self.current: Optional[Trial] = None
        #: Whether the study has no more trials, rather than none at the moment.
        self.is_finished = False
        self._lease = lease
        self._exploits = exploits
        self._stays = stays
        self._labels = {"client": "python", "pid": str(os.getpid())}
        self._reconnect_for = reconnect_for
        self._client = Client(address, reconnect_for=reconnect_for, is_given_up=is_given_up)
        self._pulse = Client(address, reconnect_for=0)
        self._resting = threading.Event()
        self._has_left = False
        self._joined = False
        self._heart: Optional[threading.Thread] = None
        self._process = os.getpid()

    def call(self, method: str, path: str, body: Optional[Mapping[str, object]] = None, wait: float = 0) -> Any:
        """Calls the study's API."""
        return self._client.call(method, path, body, wait=wait, reconnect_for=self._reconnect_for)

    def hurry(self) -> None:
        """From now on, gives up soon: this process is about to end."""
        self._reconnect_for = min(self._reconnect_for, _FAREWELL)

    def ask(self, wait: Optional[float] = None) -> Optional[Trial]:
        """Takes a trial; None if there will be none, or there was none for `wait` seconds."""
        wish = secrets.token_hex(8)
        until = None if wait is None else time.monotonic() + wait
        while not is_asked():
            patience = _WAIT if until is None else max(0.0, min(_WAIT, until - time.monotonic()))
            asked = {
                "worker": self.name,
                "request": wish,
                "wait": patience,
                "lease": self._lease,
                "host": socket.gethostname()[:255] or "unknown",
                "labels": self._labels,
            }
            try:
                answer = self._while_waking(lambda: self.call("POST", "/trials:ask", asked, patience))
            except StudyOver:
                self.is_finished = True
                return None
            except _Woken:
                return None
            self._joined = True
            if answer["assignment"] is not None:
                return self._begin(answer["assignment"])
            if answer["reason"] == "finished" or (answer["reason"] == "interrupted" and not self._stays):
                self.is_finished = True
                return None
            if answer["reason"] == "interrupted":
                time.sleep(0.5)
            if until is not None and time.monotonic() >= until:
                return None
        return None

    @staticmethod
    def _while_waking(call: Callable[[], Any]) -> Any:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main:
            when_asked(_wake)
        try:
            return call()
        finally:
            if is_main:
                when_asked(None)

    def _begin(self, assigned: Mapping[str, Any]) -> Trial:
        self._beat()
        home = self._client.folder or _study_folder(assigned)
        talk = HttpTalk(self.call, self.name, assigned, home)
        resume = assigned["resume"]
        assignment = Assignment(
            study=self._client.study,
            number=assigned["trial"],
            attempt=assigned["attempt"],
            params=assigned["params"],
            seed=assigned["seed"],
            max_steps=assigned["maxSteps"],
            dir=talk.local(assigned["folder"]),
            resume=None if resume is None else talk.local(resume["path"]),
            resume_step=0 if resume is None else resume["step"],
            snapshot_every=assigned["snapshotEvery"],
        )
        self.current = Trial(assignment, talk, self._exploits)
        return self.current

    def _beat(self) -> None:
        """Starts the thread that shows that this worker is alive, unless it runs."""
        if self._heart is not None and self._heart.is_alive():
            return

        def beat() -> None:
            while not self._resting.wait(self._lease / 4):
                try:
                    self._pulse.call("POST", f"/workers/{self.name}/heartbeat")
                except (CurvewiseError, StudyOver):
                    # Nobody is there, or knows this worker: the next report will tell.
                    continue

        self._heart = threading.Thread(target=beat, name="curvewise-heartbeat", daemon=True)
        self._heart.start()

    def rest(self) -> None:
        """Stops to show that this worker is alive."""
        self._resting.set()

    def leave(self) -> None:
        """Ends what it has and leaves; trials that have not ended are given back."""
        if self._has_left or self._process != os.getpid():
            return
        self._has_left = True
        self.rest()
        self.hurry()
        if self._joined:
            try:
                self.call("DELETE", f"/workers/{self.name}")
            except (CurvewiseError, StudyOver):
                pass
        self._client.close()
        if self._heart is not None:
            # So that a later fork is not one of a process with threads. A silent coordinator may hold it up for long.
            self._heart.join(1)
            if not self._heart.is_alive():
                self._pulse.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.leave()


def _plain(host: str) -> str:
    """A host's name as a part of a worker's name."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", host).lstrip("-._")[:60] or "host"


def trials(
    address: Optional[str] = None,
    *,
    token: Optional[str] = None,
    name: Optional[str] = None,
    lease: float = 60,
    reconnect_for: float = 600,
    exploits: bool = False,
) -> Iterator[Trial]:
    """Trials to train in this process, one after another, until the study is finished.

    ``for trial in curvewise.trials("curvewise-files/my-study"): with trial: train(trial)``

    A trial ends with the loop's body. An exception within ``with trial`` fails the trial, and the loop goes on;
    without it, the exception ends the loop. When the coordinator is started anew, the loop goes on with it. SIGTERM
    counts as being told to pause; the loop then ends, and its trial is given back.

    In a program that ``curvewise run`` started there is one trial: its own.

    Args:
        address: the study's folder, which has the file ``coordinator.json``; or the URL. By default
            CURVEWISE_RENDEZVOUS or CURVEWISE_URL.
        token: the key, if the folder does not say it; by default CURVEWISE_TOKEN.
        name: this worker's name, unique among the study's.
        lease: seconds of silence after which the coordinator gives the trial to others.
        reconnect_for: seconds without a coordinator after which to give up.
        exploits: whether the training can go on with another trial's model, for populations.

    Raises:
        CurvewiseError: ``COORDINATOR_UNKNOWN``, ``COORDINATOR_GONE``, ``TOKEN_REFUSED`` and others.
    """
    if address is None and is_started_by_curvewise():
        yield trial(exploits=exploits)
        return
    worker = Worker(
        address_of(address, token), name=name, lease=lease, reconnect_for=reconnect_for, exploits=exploits
    )
    listen()
    leaving = _leaving(worker)
    atexit.register(leaving)
    try:
        while True:
            given = worker.ask()
            if given is None:
                break
            yield given
            given._end()
    except GeneratorExit:
        # The loop ended, by `break` or by an exception: which one, only the end of the process tells.
        current = worker.current
        if current is not None and not current._may_end():
            worker.rest()
            return
        leaving()
    except BaseException:
        leaving()
        raise
    worker.leave()
    atexit.unregister(leaving)


def _leaving(worker: Worker) -> Callable[[], None]:
    """What to do at the process's end in the middle of a trial: it failed if an exception ends the process."""

    def leave() -> None:
        worker.hurry()
        error = getattr(sys, "last_value", None)
        trial = worker.current
        try:
            if trial is not None and trial._may_end():
                trial._end()
            elif trial is not None:
                failure = failure_of(error) if isinstance(error, Exception) else None
                trial._end(failure, released=failure is None)
        except CurvewiseError:
            pass
        worker.leave()

    return leave
