"""Several workers of this machine, as processes or threads, that train the trials of an engine."""

import multiprocessing
import multiprocessing.connection
import os
import secrets
import signal
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Protocol

from ._address import RENDEZVOUS_FILE, Address
from ._client import Client, StudyOver
from ._engine import Engine
from ._errors import CurvewiseError
from ._signals import is_asked, listen
from ._training import Train, train_trials
from ._worker import Worker

#: Seconds between two looks at workers and engine.
_LOOK = 0.05
#: Seconds of silence after which the engine gives up a worker; one whose process ended is given up at once.
_LEASE = 60.0
#: Seconds without an answer after which a worker gives up: nobody starts the engine again.
_PATIENCE = 10.0
#: How many processes may end by themselves, one after another, without any trial being trained.
_FRUITLESS = 3


def process_context() -> Any:
    """How processes are started: as forks where that is safe, so that `train` can be any function."""
    return multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")


def _worker(folder: str, name: str) -> Worker:
    rendezvous = os.path.join(folder, RENDEZVOUS_FILE)
    return Worker(
        Address(folder),
        name=name,
        lease=_LEASE,
        reconnect_for=_PATIENCE,
        stays=False,
        # The engine removes the file when it ends before the study is finished.
        is_given_up=lambda: not os.path.exists(rendezvous),
    )


def watch_parent(parent: int) -> None:
    """Ends this process when its parent is gone: nobody is left to look after it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if hasattr(os, "getppid"):
        threading.Thread(target=watch, name="curvewise-parent", daemon=True).start()


def begin_child(parent: int) -> None:
    """What a child does first: Ctrl-C is for the parent, which tells its children; SIGTERM asks for a pause."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch_parent(parent)


def _train_in_process(folder: str, name: str, train: Train, metric: str, parent: int) -> None:
    begin_child(parent)
    listen()
    with _worker(folder, name) as worker:
        try:
            train_trials(worker, train, metric)
        except (CurvewiseError, StudyOver):
            # The engine is gone; the parent knows why.
            if not is_asked():
                sys.exit(1)


class Pool(Protocol):
    """Workers that are at work."""

    def look(self) -> None:
        """Waits for a moment, and sees to workers that ended."""

    def kill(self) -> None:
        """Ends them at once, as far as that is possible."""

    def join(self) -> None:
        """Waits until they have ended; the engine has."""


class Processes:
    """Workers in processes of their own. One that dies fails its trial, and another takes its place."""

    def __init__(self, engine: Engine, train: Train, metric: str, count: int) -> None:
        self._engine = engine
        self._train = train
        self._metric = metric
        self._context = process_context()
        self._processes: Dict[str, Any] = {}
        self._fruitless = 0
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        name = f"python-{os.getpid()}-{secrets.token_hex(3)}"
        process = self._context.Process(
            target=_train_in_process,
            args=(self._engine.folder, name, self._train, self._metric, os.getpid()),
            name=name,
            daemon=False,
        )
        process.start()
        self._processes[name] = process

    def look(self) -> None:
        sentinels = [each.sentinel for each in self._processes.values()]
        if not sentinels:
            time.sleep(_LOOK)
        multiprocessing.connection.wait(sentinels, _LOOK)
        ended = {name: each for name, each in self._processes.items() if each.exitcode is not None}
        for name, process in ended.items():
            del self._processes[name]
            if process.exitcode != 0 and self._engine.is_running:
                self._replace(name, process.exitcode)

    def _replace(self, name: str, code: int) -> None:
        how = f"it was killed by {_signal_name(-code)}" if code < 0 else f"it ended with exit code {code}"
        self._fruitless = 0 if self._fail(name, how) else self._fruitless + 1
        if self._fruitless >= _FRUITLESS:
            raise CurvewiseError(
                "WORKERS_FAILING",
                f"{_FRUITLESS} worker processes ended before they took a trial; the last: {how}",
                "Their errors are above. Where processes are spawned (not on Linux), train must be importable, and"
                " the program guarded by if __name__ == '__main__'.",
            )
        self._start()

    def _fail(self, name: str, how: str) -> bool:
        """Fails the trial that a dead worker had; whether it had one."""
        client = Client(Address(self._engine.folder), reconnect_for=1)
        had = False
        try:
            for worker in client.call("GET", "/workers")["workers"]:
                for number in worker["trials"] if worker["name"] == name else []:
                    had = True
                    attempt = client.call("GET", f"/trials/{number}")["attempt"]
                    error = {"code": "PROCESS_ENDED", "message": f"the process of the training is gone: {how}"}
                    end = {"kind": "failed", "error": error, "output": []}
                    told = {"worker": name, "attempt": attempt, "end": end}
                    client.call("POST", f"/trials/{number}/tell", told)
            client.call("DELETE", f"/workers/{name}")
        except (CurvewiseError, StudyOver):
            # It never asked for a trial, or the engine has ended meanwhile.
            pass
        finally:
            client.close()
        return had

    def kill(self) -> None:
        for process in self._processes.values():
            process.kill()

    def join(self) -> None:
        for process in self._processes.values():
            process.join()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Threads:
    """Workers in threads of this process."""

    def __init__(self, engine: Engine, train: Train, metric: str, count: int) -> None:
        self._engine = engine
        self._error: Optional[BaseException] = None
        self._threads: List[threading.Thread] = []

        def work(name: str) -> None:
            try:
                with _worker(engine.folder, name) as worker:
                    train_trials(worker, train, metric)
            except (CurvewiseError, StudyOver):
                # The engine is gone; its result says why.
                pass
            except BaseException as error:
                self._error = error

        for _ in range(count):
            name = f"python-{os.getpid()}-{secrets.token_hex(3)}"
            thread = threading.Thread(target=work, args=(name,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def look(self) -> None:
        time.sleep(_LOOK)
        if self._error is not None:
            raise self._error

    def kill(self) -> None:
        """Threads cannot be ended; they end with the process at the latest."""
        self._threads.clear()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def train_with(
    engine: Engine, pool: Pool, say: Callable[[str], None], is_enough: Callable[[], bool]
) -> None:
    """Has a pool train until the engine has ended. Ctrl-C: all save and end; once more: they are ended at once.

    Args:
        is_enough: asked now and then: whether all may save and end.

    Raises:
        KeyboardInterrupt: once all have ended.
        CurvewiseError: ``WORKERS_FAILING``.
    """
    asked = 0
    is_asked_to_end = False
    try:
        while True:
            try:
                while engine.is_running:
                    pool.look()
                    if not is_asked_to_end and is_enough():
                        is_asked_to_end = True
                        engine.interrupt()
                pool.join()
                break
            except KeyboardInterrupt:
                asked += 1
                if asked == 1:
                    say("finishing: trials save and end; press again to stop at once")
                    engine.interrupt()
                else:
                    pool.kill()
                    engine.end()
    except BaseException:
        pool.kill()
        engine.end()
        raise
    if asked > 0:
        raise KeyboardInterrupt()
