"""Shows a study in W&B: a run for each trial, with its params, its metrics by step, and how it ended.

::

    curvewise run study.yaml &
    python3 -m curvewise.wandb_runs digits --project digits

follows the study ``digits`` until it ends. It only reads the database, so that nothing that happens to it, or to the
connection to W&B, disturbs the study. What it has logged is kept in a file beside W&B's own, so it can be ended and
started again at any time, also after the study has ended. If it is killed, runs that were open are logged once more
from their beginning, and W&B passes over the steps that it has. It needs the package ``wandb``, 0.31 or newer, and
takes W&B's variables: ``WANDB_API_KEY``, ``WANDB_MODE=offline``, and the others.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import time
from typing import Any, Dict, Iterator, List, Mapping, Optional

try:
    import wandb
except ImportError:
    sys.exit("error: this needs the package wandb: python3 -m pip install wandb")

from ._engine import engine_command, error_of, run_command
from ._errors import CurvewiseError

__all__ = ["StudyRuns", "follow"]

Record = Dict[str, Any]

#: How long a study is waited for that has not begun, in seconds.
_PATIENCE = 60.0


def _number(value: Any) -> float:
    """Curves have NaN and infinities as words."""
    return float(value)


def _exported(study: str, storage: List[str]) -> Iterator[Record]:
    done = subprocess.run(
        [*engine_command(), "export", study, *storage],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise error_of(done.stderr, done.returncode)
    for line in done.stdout.splitlines():
        yield json.loads(line)


class StudyRuns:
    """The runs of a study's trials, and which steps of each are logged.

    Args:
        study: the study's name.
        identity: what tells the study from others that had its name.
        project: W&B's project.
        entity: whose project it is; None: the user's own.
        folder: where W&B keeps its files, and this its own.
    """

    def __init__(self, study: str, identity: str, project: str, entity: Optional[str], folder: str) -> None:
        self._study = study
        self._identity = identity
        self._where = {"project": project, "entity": entity, "dir": folder}
        self._open: Dict[int, Any] = {}
        self._path = os.path.join(folder, "wandb", f"curvewise-{study}.json")
        self._logged: Dict[str, Record] = {}
        self._kept: Dict[str, Record] = {}
        try:
            with open(self._path, encoding="utf-8") as file:
                kept = json.load(file)
        except FileNotFoundError:
            return
        if kept["study"] == identity:
            self._logged, self._kept = dict(kept["trials"]), kept["trials"]

    def _run(self, trial: Mapping[str, Any]) -> Any:
        number = trial["number"]
        if number not in self._open:
            self._open[number] = wandb.init(
                **self._where,
                id=f"{self._identity}-{number}",
                name=f"{self._study}/{number}",
                group=self._study,
                config=dict(trial["params"]),
                resume="allow",
                reinit="create_new",
                # What this process prints is not the trials' output.
                settings=wandb.Settings(silent=True, console="off", x_disable_stats=True),
            )
        return self._open[number]

    def _keep(self) -> None:
        """Notes what is logged for good: what a run that is still open was told may not be in W&B's file yet."""
        closed = {number: known for number, known in self._logged.items() if int(number) not in self._open}
        self._kept.update(closed)
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        unfinished = f"{self._path}.{os.getpid()}"
        with open(unfinished, "w", encoding="utf-8") as file:
            json.dump({"study": self._identity, "trials": self._kept}, file)
        os.replace(unfinished, self._path)

    def update(self, trials: Iterator[Record]) -> int:
        """Logs what is new of trials, as ``curvewise export`` writes them.

        Returns:
            How many steps were logged.
        """
        count = 0
        for trial in trials:
            number, state = trial["number"], trial["state"]
            known = self._logged.get(str(number), {"step": 0, "state": None})
            points = [point for point in trial["curve"] if point["step"] > known["step"]]
            if state == "waiting" or (not points and state == known["state"]):
                continue
            run = self._run(trial)
            # Population based training changes params; W&B has those of now.
            run.config.update(dict(trial["params"]), allow_val_change=True)
            for point in points:
                metrics = {name: _number(value) for name, value in point.items() if name != "step"}
                run.log(metrics, step=point["step"], commit=True)
            count += len(points)
            if state != "running":
                run.summary["curvewise/state"] = state
                # A paused trial that goes on opens its run again.
                self._open.pop(number).finish(exit_code=1 if state == "failed" else 0)
            last = points[-1]["step"] if points else known["step"]
            self._logged[str(number)] = {"step": last, "state": state}
            if state != "running":
                self._keep()
        return count

    def close(self) -> None:
        """Ends the runs that are still open, whose trials go on without being shown."""
        while self._open:
            self._open.popitem()[1].finish()
        self._keep()


def _status(study: str, storage: List[str]) -> Record:
    found: Record = run_command(["status", study, *storage])["studies"][0]
    return found


def follow(
    study: str,
    *,
    project: str,
    entity: Optional[str] = None,
    storage: Optional[str] = None,
    folder: str = ".",
    every: float = 5.0,
    once: bool = False,
) -> int:
    """Logs a study's trials to W&B until the study ends.

    Args:
        study: its name.
        project: W&B's project.
        entity: whose project it is.
        storage: the database; the usual one by default.
        folder: where W&B keeps its files.
        every: how often the study is looked at, in seconds.
        once: whether to log what there is now, and end.

    Returns:
        How many steps were logged.

    Raises:
        CurvewiseError: those of ``curvewise status`` and ``curvewise export``.
    """
    where = [] if storage is None else ["--storage", storage]
    deadline = time.monotonic() + (0.0 if once else _PATIENCE)
    while True:
        try:
            status = _status(study, where)
        except CurvewiseError as error:
            if error.code not in ("STUDY_NOT_FOUND", "STORAGE_NOT_FOUND") or time.monotonic() >= deadline:
                raise
        else:
            if status["state"] != "idle" or time.monotonic() >= deadline:
                break
        time.sleep(min(every, 1.0))
    identity = f"{study}-{math.floor(status['createdAt'])}"
    runs = StudyRuns(study, identity, project, entity, os.path.abspath(folder))
    count = 0
    try:
        while True:
            # What is recorded between the two is logged in the next round, or the study has ended before.
            state = _status(study, where)["state"]
            count += runs.update(_exported(study, where))
            if once or state != "running":
                return count
            time.sleep(every)
    finally:
        runs.close()


def _main() -> None:
    parser = argparse.ArgumentParser(
        prog="python3 -m curvewise.wandb_runs",
        description="Shows a study in W&B while it runs, or afterwards: a run for each trial.",
    )
    parser.add_argument("study", help="the study's name")
    parser.add_argument("--project", required=True, help="W&B's project")
    parser.add_argument("--entity", help="whose project it is (default: your own)")
    parser.add_argument("--storage", help="the database (default: as for curvewise)")
    parser.add_argument("--folder", default=".", help="where W&B keeps its files (default: here)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between looks at the study (default: 5)")
    parser.add_argument("--once", action="store_true", help="log what there is now, and end")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        count = follow(**vars(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except CurvewiseError as error:
        print(f"error {error.code}: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        sys.exit(2)
    print(f"{count} steps logged")


if __name__ == "__main__":
    _main()
