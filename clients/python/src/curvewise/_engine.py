"""The command line as a process of this one: found, started, and always ended with it."""

import importlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from typing import IO, Any, Dict, List, Mapping, Optional, Sequence

from ._address import Address, Door
from ._errors import CurvewiseError, error_from
from ._metrics import plain_number
from ._signals import after_fork

_SECONDS_TO_END = 10.0


def engine_command() -> List[str]:
    """How to start the command line: CURVEWISE_ENGINE, the wheel `curvewise-engine`, or `curvewise` on the PATH.

    Raises:
        CurvewiseError: ``ENGINE_NOT_FOUND``.
    """
    named = os.environ.get("CURVEWISE_ENGINE", "")
    if named:
        return shlex.split(named)
    try:
        wheel = importlib.import_module("curvewise_engine")
    except ImportError:
        found = shutil.which("curvewise")
        if found is not None:
            return [found]
        raise CurvewiseError(
            "ENGINE_NOT_FOUND",
            "the command line `curvewise` is not installed",
            "pip install 'curvewise[engine]', or npm install --global curvewise; CURVEWISE_ENGINE may name another.",
        ) from None
    return [str(each) for each in wheel.command()]


def _plain(value: object) -> object:
    """What JSON does not know: NumPy's numbers and the like."""
    return plain_number(value)


#: Options of the command line that hints name, and how a program in Python does the same.
_OPTIONS = {
    "with --change": "with Study(..., change=True)",
    "then run with --retry-failed": "then run it again",
    "with --storage (or CURVEWISE_STORAGE)": "with Study(..., storage=...) or CURVEWISE_STORAGE",
    "with --storage": "with Study(..., storage=...)",
    "with --files": "with Study(..., files=...)",
}


def _in_python(error: CurvewiseError) -> CurvewiseError:
    """The same error, with a hint for a program in Python instead of the command line."""
    hint = error.hint
    for option, way in _OPTIONS.items():
        hint = hint and hint.replace(option, way)
    return CurvewiseError(error.code, error.message, hint)


def error_of(text: str, code: Optional[int]) -> CurvewiseError:
    """The error that the command line wrote to its standard error, as JSON."""
    for line in reversed(text.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and "error" in told:
            return _in_python(error_from(told["error"]))
    ended = f"it ended with exit code {code}" if code is None or code >= 0 else f"it was killed by signal {-code}"
    return CurvewiseError("ENGINE_FAILED", f"the engine failed: {ended}\n{text[-2000:].strip()}")


def run_command(arguments: Sequence[str], *, reads: bool = True) -> Any:
    """What a command that reads prints as JSON; None of one that does not read.

    Raises:
        CurvewiseError: the command's own, and ``ENGINE_NOT_FOUND``.
    """
    done = subprocess.run(
        [*engine_command(), *arguments, *(["--json"] if reads else [])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise error_of(done.stderr, done.returncode)
    return json.loads(done.stdout) if reads else None


def study_folder(storage: str, name: str, files: Optional[str]) -> str:
    """The folder of a study's files, as the command line chooses it."""
    if files is not None:
        return os.path.join(os.path.abspath(files), name)
    path = re.sub(r"^(sqlite|file):(//)?", "", storage, flags=re.IGNORECASE)
    return os.path.join(re.sub(r"\.db$", "", os.path.abspath(path)) + "-files", name)


class Engine:
    """A coordinator that runs a study without trainings of its own, until the study or this process ends.

    Args:
        study: what a study file holds.
        arguments: further ones of ``curvewise run``.
    """

    def __init__(
        self,
        study: Mapping[str, object],
        *,
        storage: str,
        files: Optional[str],
        arguments: Sequence[str] = (),
    ) -> None:
        self.folder = study_folder(storage, str(study["study"]), files)
        before = self._door()
        self._stale = None if before is None else before.coordinator
        self._own = tempfile.mkdtemp(prefix="curvewise-study-")
        file = os.path.join(self._own, "study.yaml")
        try:
            with open(file, "w", encoding="utf-8") as opened:
                json.dump(study, opened, default=_plain)
            self._output = self._open("output")
            self._errors = self._open("errors")
            place = ["--storage", storage, *([] if files is None else ["--files", files])]
            self._process = subprocess.Popen(
                [
                    *engine_command(), "run", file, *place, "--listen", "127.0.0.1:0", "--extend",
                    "--until-input-ends", "--quiet", "--json", *arguments,
                ],
                stdin=subprocess.PIPE,
                stdout=self._output,
                stderr=self._errors,
                # Ctrl-C in a terminal is for this process alone, which tells the engine.
                start_new_session=True,
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(self._own, ignore_errors=True)
            raise
        self._starter = os.getpid()
        after_fork(self._let_go)

    def _open(self, name: str) -> IO[str]:
        return open(os.path.join(self._own, name), "w+", encoding="utf-8")

    def _let_go(self) -> None:
        """In a forked child: the engine's input must end with the process that started it, not with its children."""
        self._close_input()

    def _close_input(self) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
        except OSError:
            pass

    def _door(self) -> Optional[Door]:
        return Address(self.folder).find()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    def wait_open(self) -> None:
        """Waits until it can be reached, or has ended: a finished study's does at once.

        Raises:
            CurvewiseError: what the engine refused.
        """
        rest = 0.01
        while self.is_running:
            try:
                door = self._door()
            except CurvewiseError:
                door = None
            if door is not None and door.coordinator != self._stale and not door.finished:
                return
            time.sleep(rest)
            rest = min(0.1, 1.5 * rest)

    def interrupt(self) -> None:
        """Asks it to end once those who train have saved."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Ends it at once. Nothing recorded is lost."""
        self._close_input()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_end(self) -> None:
        """Waits until it has ended by itself."""
        self._process.wait()

    def result(self) -> Dict[str, Any]:
        """What it printed at its end: ``ended``, ``exhausted`` and ``study``.

        Raises:
            CurvewiseError: what it wrote instead.
        """
        code = self._process.wait()
        self._output.seek(0)
        self._errors.seek(0)
        output, errors = self._output.read(), self._errors.read()
        try:
            told = json.loads(output)
        except ValueError:
            raise error_of(self._without_file(errors), code) from None
        return told if isinstance(told, dict) else {}

    def _without_file(self, errors: str) -> str:
        """Errors that name arguments of the caller's, who wrote no file."""
        file = re.escape(os.path.join(self._own, "study.yaml"))
        return re.sub(rf"{file}:\d+:\d+: ", "an argument of Study: ", errors)

    def close(self) -> None:
        """Ends it if it runs, and removes what it needed."""
        if os.getpid() != self._starter:
            return
        self.end()
        self._output.close()
        self._errors.close()
        shutil.rmtree(self._own, ignore_errors=True)
