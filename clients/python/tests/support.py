"""What the tests share: folders, the engine, programs, and the log of a study."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from typing import Any, Callable, Dict, List, Optional

CLIENT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
ROOT = os.path.abspath(os.path.join(CLIENT, "..", ".."))
SOURCE = os.path.join(CLIENT, "src")
sys.path.insert(0, SOURCE)
# The engine of this repository, unless the tests are told which.
ENGINE = os.environ.setdefault(
    "CURVEWISE_ENGINE", f"node {shlex.quote(os.path.join(ROOT, 'bin', 'curvewise.js'))}"
)
#: Only to end what hangs: no test depends on how quick a machine is.
PATIENCE = 120.0
for _name in [each for each in os.environ if each.startswith("CURVEWISE_") and each != "CURVEWISE_ENGINE"]:
    del os.environ[_name]


def until(what: str, holds: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Waits until a function returns something true, and returns that."""
    deadline = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen: {what}")
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs, and is not only waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
    except OSError:
        return True


class EngineTest(unittest.TestCase):
    """A test with an empty folder, in which it starts programs that are ended with it."""

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="curvewise-python-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {**os.environ, "PYTHONPATH": SOURCE, "NO_COLOR": "1"}

    def path(self, *parts: str) -> str:
        """A path in the test's folder."""
        return os.path.join(self.folder, *parts)

    def write(self, name: str, text: str) -> str:
        """Writes a file, whose text may be indented."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return self.path(name)

    def start(self, command: List[str], **environment: str) -> "subprocess.Popen[str]":
        """Starts a command in the test's folder."""
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

        def end() -> None:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

        self.addCleanup(end)
        return process

    def python(self, name: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Starts a Python program of the test's folder."""
        return self.start([sys.executable, self.path(name), *arguments], **environment)

    def engine(self, *arguments: str) -> "subprocess.Popen[str]":
        """Starts the command line."""
        return self.start([*shlex.split(ENGINE), *arguments])

    def told(self, *arguments: str) -> Any:
        """What a command that reads prints with ``--json``."""
        out, error = self.engine(*arguments, "--json").communicate(timeout=PATIENCE)
        self.assertNotEqual(out, "", error)
        return json.loads(out)

    def finish(self, process: "subprocess.Popen[str]", code: Optional[int] = 0) -> str:
        """Waits for a process, and returns its standard output."""
        out, error = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, code, f"{out}\n{error}")
        return out

    def study_file(self, **entries: object) -> str:
        """Writes a study.yaml, as JSON, without the entries that are None."""
        study: Dict[str, object] = {
            "study": "s",
            "goal": {"minimize": "loss"},
            "command": [sys.executable, "train.py"],
            "space": {"x": {"float": [0, 1]}},
            "maxSteps": 5,
            "budget": {"trials": 4},
            "workers": 2,
            "seed": 1,
            **entries,
        }
        given = {key: value for key, value in study.items() if value is not None}
        return self.write("study.yaml", json.dumps(given))
