"""The trial of a program that Curvewise started, or that is run by hand."""

import atexit
import json
import os
import socket
import sys
import threading
from typing import Any, BinaryIO, Dict, List, Mapping, Optional, Tuple

from ._errors import CurvewiseError, error_from
from ._signals import after_fork, die_of_it, listen, when_asked
from ._trial import Answer, Assignment, Failure, Talk, Trial


class SocketTalk:
    """The trial protocol over a Unix socket: a line of JSON each way. Threads take turns; forks connect anew."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: Optional[Tuple[socket.socket, BinaryIO]] = None
        after_fork(self._forget)

    def _forget(self) -> None:
        """In a forked child: the connection is the parent's, and another of its threads may hold the lock."""
        self._lock = threading.Lock()
        self._close()

    def exchange(self, line: str) -> Dict[str, Any]:
        """Sends a line, and returns the answer to it.

        Raises:
            CurvewiseError: ``COORDINATOR_GONE``.
        """
        with self._lock:
            try:
                connection, answers = self._connected()
                connection.sendall(line.encode() + b"\n")
                text = answers.readline()
                if not text.endswith(b"\n"):
                    raise ConnectionError("the connection was closed")
                answer = json.loads(text)
            except OSError as cause:
                self._close()
                raise CurvewiseError(
                    "COORDINATOR_GONE",
                    f"{self._path} does not answer: {cause}",
                    "The process that runs the study has ended; the trial goes on when the study is run again.",
                ) from cause
            except BaseException:
                # Interrupted between a message and its answer: the next message must not get that answer.
                self._close()
                raise
        return answer if isinstance(answer, dict) else {}

    def _connected(self) -> Tuple[socket.socket, BinaryIO]:
        if self._connection is None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self._path)
            except BaseException:
                connection.close()
                raise
            self._connection = (connection, connection.makefile("rb"))
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            connection, answers = self._connection
            answers.close()
            connection.close()
        self._connection = None

    def _ask(self, message: Mapping[str, object]) -> Dict[str, Any]:
        answer = self.exchange(json.dumps(message))
        if "error" in answer:
            raise error_from(answer["error"])
        return answer

    def report(self, step: int, metrics: Mapping[str, object], exploits: bool) -> Answer:
        report = {"step": step, "metrics": metrics, **({"exploit": True} if exploits else {})}
        answer = self._ask({"report": report})
        return Answer(answer["action"], answer.get("resume"), answer.get("step", 0), answer.get("params"))

    def snapshot(self, step: int, path: str) -> None:
        self._ask({"snapshot": {"step": step, "path": path}})

    def park(self) -> Optional[int]:
        if os.environ.get("CURVEWISE_PARK", "") == "":
            return None
        try:
            when_asked(self._hang_up)
            answer = self._ask({"park": {}})
        except CurvewiseError:
            # Nobody is there any longer, or the process was asked to end.
            return None
        finally:
            when_asked(None)
        return answer.get("attempt") if answer.get("action") == "continue" else None

    def _hang_up(self) -> None:
        """Ends the wait for an answer."""
        if self._connection is not None:
            self._connection[0].shutdown(socket.SHUT_RDWR)

    def end(self, failure: Optional[Failure], released: bool) -> None:
        """The process's exit code says how the training ended."""
        if released:
            die_of_it()


class NoTalk:
    """Nobody listens: the program is run by hand."""

    def report(self, step: int, metrics: Mapping[str, object], exploits: bool) -> Answer:
        return Answer("continue")

    def snapshot(self, step: int, path: str) -> None:
        """Nothing is recorded."""

    def park(self) -> Optional[int]:
        return None

    def end(self, failure: Optional[Failure], released: bool) -> None:
        """Nothing is recorded."""


def is_started_by_curvewise() -> bool:
    """Whether this process is the training program of a trial."""
    return os.environ.get("CURVEWISE_SOCKET", "") != ""


def _whole(name: str) -> Optional[int]:
    text = os.environ.get(name, "")
    return int(text) if text else None


def _assignment_of_environment() -> Assignment:
    with open(os.environ["CURVEWISE_PARAMS"], encoding="utf-8") as file:
        params = json.load(file)
    first_step = 0 if os.environ.get("CURVEWISE_FIRST_STEP") == "0" else 1
    resume_step = _whole("CURVEWISE_RESUME_STEP")
    return Assignment(
        study=os.environ.get("CURVEWISE_STUDY", ""),
        number=_whole("CURVEWISE_TRIAL") or 0,
        attempt=_whole("CURVEWISE_ATTEMPT") or 1,
        params=params,
        seed=_whole("CURVEWISE_SEED") or 0,
        max_steps=_whole("CURVEWISE_MAX_STEPS"),
        dir=os.environ.get("CURVEWISE_DIR", "."),
        resume=os.environ.get("CURVEWISE_RESUME") or None,
        resume_step=first_step - 1 if resume_step is None else resume_step,
        snapshot_every=_whole("CURVEWISE_SNAPSHOT_EVERY"),
        first_step=first_step,
    )


def _value_of(text: str) -> Any:
    """An argument's value: JSON if it is that, otherwise the text, as Curvewise writes arguments."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def params_of_arguments(arguments: List[str], defaults: Mapping[str, Any]) -> Dict[str, Any]:
    """Params from ``--name=value``, ``--name value``, ``--name`` (true) and ``--no-name`` (false)."""
    params = dict(defaults)
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if not argument.startswith("--") or argument == "--":
            continue
        name, equals, text = argument[2:].partition("=")
        known = name if name in defaults else name.replace("-", "_")
        if equals:
            params[known] = _value_of(text)
        elif rest and not rest[0].startswith("--"):
            params[known] = _value_of(rest.pop(0))
        elif name.startswith("no-") and isinstance(defaults.get(name[3:].replace("-", "_")), bool):
            params[name[3:].replace("-", "_")] = False
        else:
            params[known] = True
    return params


_trial: Optional[Trial] = None


def trial(
    defaults: Optional[Mapping[str, Any]] = None, *, max_steps: Optional[int] = None, exploits: bool = False
) -> Trial:
    """The trial that this process trains; the same one at each call.

    SIGTERM counts as being told to pause, unless the program has a handler of its own.

    When the program is run by hand there is no trial: reports are answered with ``continue`` and go nowhere, and
    ``params`` are the defaults and what the command line says instead, as ``--lr=0.1``.

    Args:
        defaults: the params by name, for running by hand.
        max_steps: the last step, for running by hand.
        exploits: whether the training can go on with another trial's model, for populations.
    """
    global _trial
    if _trial is None:
        if is_started_by_curvewise():
            talk: Talk = SocketTalk(os.environ["CURVEWISE_SOCKET"])
            assignment = _assignment_of_environment()
            listen()
        else:
            talk = NoTalk()
            params = params_of_arguments(sys.argv[1:], defaults or {})
            assignment = Assignment("", 0, 1, params, 0, max_steps, os.getcwd(), None, 0, None)
        _trial = Trial(assignment, talk, exploits)
        # After `listen`, so that it runs before the process may end by the signal.
        atexit.register(_trial._end)
    return _trial
