"""Processes that train many trials, by HTTP, of a coordinator that comes and goes."""

import json
import os
import signal
import subprocess
import unittest
from typing import Any, Dict, List, Set

from .support import EngineTest, until

import curvewise

TRAIN_MANY = """
    import json, os, sys, time
    import curvewise

    for trial in curvewise.trials(sys.argv[1], lease=5):
        with trial:
            total = 0.0
            if trial.resume:
                with open(trial.resume) as file:
                    total = json.load(file)
            for step in trial.steps():
                total += trial.params["x"]
                if trial.number == 1 and not os.path.exists("go") and step == 3:
                    open("held", "w").close()
                    while not os.path.exists("go"):
                        time.sleep(0.01)
                trial.report(step, loss=total, pid=os.getpid())
                if trial.should_save(step):
                    with trial.save(step) as path, open(path, "w") as file:
                        json.dump(total, file)
    print("done")
"""


class WorkerTest(EngineTest):
    files = "curvewise-files/s"

    def run_study(self, **entries: Any) -> "subprocess.Popen[str]":
        self.study_file(command=None, **entries)
        return self.engine("run", "study.yaml", "--listen", "0", "--quiet")

    def trials(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.told("trials", "s")["trials"]
        return found

    def test_trains_many_trials_in_one_process_through_pauses(self) -> None:
        self.write("go", "")
        self.write("train.py", TRAIN_MANY)
        run = self.run_study(scheduler="hyperband", maxSteps=9, budget={"trials": 9})
        worker = self.python("train.py", self.files)
        self.finish(run)
        self.assertEqual(self.finish(worker), "done\n")
        trials = self.trials()
        self.assertTrue(any(trial["attempt"] > 1 for trial in trials))
        pids: Set[int] = {point["pid"] for trial in trials for point in trial["curve"]}
        self.assertEqual(len(pids), 1)
        for trial in trials:
            steps = [point["step"] for point in trial["curve"]]
            self.assertEqual(steps, list(range(1, len(steps) + 1)))
            self.assertAlmostEqual(trial["value"], len(steps) * trial["params"]["x"])

    def test_goes_on_with_the_next_coordinator_when_one_is_killed(self) -> None:
        self.write("train.py", TRAIN_MANY)
        run = self.run_study()
        worker = self.python("train.py", self.files)
        until("trial 1 is at step 3", lambda: os.path.exists(self.path("held")))
        run.kill()
        run.wait()
        self.write("go", "")
        again = self.engine("run", "study.yaml", "--listen", "0", "--quiet")
        self.finish(again)
        self.assertEqual(self.finish(worker), "done\n")
        trials = self.trials()
        self.assertEqual([trial["state"] for trial in trials], ["complete"] * 4)
        self.assertEqual(trials[1]["attempt"], 2)
        for trial in trials:
            self.assertEqual([point["step"] for point in trial["curve"]], [1, 2, 3, 4, 5])

    def test_gives_its_trial_back_at_sigterm(self) -> None:
        self.write("train.py", TRAIN_MANY)
        run = self.run_study()
        worker = self.python("train.py", self.files)
        until("trial 1 is at step 3", lambda: os.path.exists(self.path("held")))
        os.kill(worker.pid, signal.SIGTERM)
        self.write("go", "")
        self.assertEqual(self.finish(worker), "done\n")
        (trial,) = [each for each in self.trials() if each["number"] == 1]
        self.assertEqual((trial["state"], trial["step"], trial["snapshot"]["step"]), ("waiting", 3, 3))
        self.finish(self.python("train.py", self.files))
        self.finish(run)
        self.assertEqual([trial["failures"] for trial in self.trials()], [0] * 4)

    def test_loses_its_trial_when_it_is_killed(self) -> None:
        self.write("train.py", TRAIN_MANY)
        run = self.run_study()
        worker = self.python("train.py", self.files)
        until("trial 1 is at step 3", lambda: os.path.exists(self.path("held")))
        worker.kill()
        self.write("go", "")
        other = self.python("train.py", self.files)
        self.finish(run)
        self.assertEqual(self.finish(other), "done\n")
        self.assertEqual([(each["state"], each["failures"]) for each in self.trials()], [("complete", 0)] * 4)

    def test_fails_a_trial_by_an_exception_and_goes_on(self) -> None:
        self.write(
            "train.py",
            """
            import sys
            import curvewise

            for trial in curvewise.trials(sys.argv[1]):
                with trial:
                    trial.report(1, loss=trial.params["x"])
                    if trial.number == 1:
                        raise ValueError("too deep")
            """,
        )
        run = self.run_study()
        self.finish(self.python("train.py", self.files))
        self.finish(run, code=0)
        states = [trial["state"] for trial in self.trials()]
        self.assertEqual(states, ["complete", "failed", "complete", "complete"])

    def test_fails_a_trial_by_an_exception_that_ends_the_process(self) -> None:
        self.write(
            "train.py",
            """
            import sys
            import curvewise

            for trial in curvewise.trials(sys.argv[1]):
                trial.report(1, loss=trial.params["x"])
                if trial.number == 1:
                    raise ValueError("too deep")
            """,
        )
        run = self.run_study()
        self.finish(self.python("train.py", self.files), code=1)
        self.finish(self.python("train.py", self.files))
        self.finish(run)
        trials = self.trials()
        self.assertEqual([trial["state"] for trial in trials], ["complete", "failed", "complete", "complete"])
        self.assertEqual(trials[1]["failure"]["message"], "the training raised ValueError: too deep")

    def test_is_one_trial_in_a_program_that_a_run_started(self) -> None:
        self.write("train.py", TRAIN_MANY.replace("curvewise.trials(sys.argv[1], lease=5)", "curvewise.trials()"))
        self.write("go", "")
        self.finish(self.engine("run", self.study_file(), "--quiet"))
        self.assertEqual([trial["state"] for trial in self.trials()], ["complete"] * 4)

    def test_says_that_there_is_no_coordinator(self) -> None:
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            next(iter(curvewise.trials()))
        self.assertEqual(raised.exception.code, "COORDINATOR_UNKNOWN")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            next(iter(curvewise.trials(self.folder, reconnect_for=0.2)))
        self.assertEqual(raised.exception.code, "COORDINATOR_GONE")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            next(iter(curvewise.trials("http://127.0.0.1:9", token="t" * 20, reconnect_for=0.2)))
        self.assertEqual(raised.exception.code, "COORDINATOR_GONE")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            next(iter(curvewise.trials("http://127.0.0.1:9")))
        self.assertEqual(raised.exception.code, "TOKEN_NEEDED")

    def test_takes_trials_by_url_and_is_refused_with_a_wrong_token(self) -> None:
        run = self.run_study()
        place = self.path("curvewise-files", "s")
        until("it is open", lambda: os.path.exists(os.path.join(place, "coordinator.json")))
        with open(os.path.join(place, "coordinator.json"), encoding="utf-8") as file:
            url = json.load(file)["url"]
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            next(iter(curvewise.trials(url, token="x" * 30)))
        self.assertEqual(raised.exception.code, "TOKEN_REFUSED")
        with open(os.path.join(place, "token"), encoding="ascii") as token:
            key = token.read().strip()
        for trial in curvewise.trials(url, token=key, reconnect_for=1):
            for step in trial.steps():
                trial.report(step, loss=1.0)
            if trial.number == 3:
                break
        self.finish(run)
        self.assertEqual([trial["state"] for trial in self.trials()], ["complete"] * 4)

    def test_saves_snapshots_of_replicates(self) -> None:
        self.write(
            "train.py",
            """
            import sys
            import curvewise

            for trial in curvewise.trials(sys.argv[1]):
                with trial:
                    for step in trial.steps():
                        trial.report(step, loss=trial.params["x"])
                        with trial.save(step) as path, open(path, "w") as file:
                            file.write("saved")
            """,
        )
        run = self.run_study(replicates=2, budget={"trials": 2})
        worker = self.python("train.py", self.files)
        self.finish(run)
        self.finish(worker)
        self.assertEqual([(each["state"], each["failures"]) for each in self.trials()], [("complete", 0)] * 2)


if __name__ == "__main__":
    unittest.main()
