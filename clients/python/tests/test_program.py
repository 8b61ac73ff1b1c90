"""Programs that ``curvewise run`` starts."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import unittest
from typing import Any, Dict, List

from .support import EngineTest, until

import curvewise

TRAIN = """
    import json, os
    import curvewise

    trial = curvewise.trial(max_steps=3)
    total = 0.0
    if trial.resume:
        with open(trial.resume, encoding="utf-8") as file:
            total = json.load(file)
    for step in trial.steps():
        total += trial.params["x"]
        action = trial.report(step, loss=total, acc=1)
        if trial.should_save(step):
            with trial.save(step) as path, open(path, "w", encoding="utf-8") as file:
                json.dump(total, file)
"""


class StartTest(unittest.TestCase):
    def test_loads_what_other_uses_need_when_they_come(self) -> None:
        script = """
            import sys
            import curvewise
            assert "curvewise._study" not in sys.modules and "http.client" not in sys.modules
            from curvewise import *
            assert Study is curvewise.Study and callable(trials) and Best(0, {}, 1.0, True).value == 1
            try:
                curvewise.study
            except AttributeError as error:
                print(error)
        """
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(curvewise.__file__))},
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(told.stdout, "module 'curvewise' has no attribute 'study'\n")


class ProgramTest(EngineTest):
    def trials(self) -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = self.told("trials", "s")["trials"]
        return found

    def test_trains_the_trials_of_a_study(self) -> None:
        self.write("train.py", TRAIN)
        self.finish(self.engine("run", self.study_file(), "--quiet"))
        for trial in self.trials():
            self.assertEqual(trial["state"], "complete")
            self.assertEqual([point["step"] for point in trial["curve"]], [1, 2, 3, 4, 5])
            self.assertAlmostEqual(trial["value"], 5 * trial["params"]["x"])

    def test_pauses_and_goes_on_from_its_snapshot(self) -> None:
        self.write("train.py", TRAIN)
        file = self.study_file(scheduler={"hyperband": {"eta": 2}}, maxSteps=4, budget={"trials": 5}, park=0)
        self.finish(self.engine("run", file, "--quiet"))
        trials = self.trials()
        self.assertTrue(any(trial["attempt"] > 1 for trial in trials))
        for trial in trials:
            steps = [point["step"] for point in trial["curve"]]
            self.assertEqual(steps, list(range(1, len(steps) + 1)))
            self.assertAlmostEqual(trial["value"], len(steps) * trial["params"]["x"])

    def test_waits_in_memory_while_it_is_paused(self) -> None:
        self.write(
            "train.py",
            """
            import curvewise

            trial = curvewise.trial()
            assert trial.resume is None
            total = 0.0
            for step in trial.steps():
                total += trial.params["x"]
                trial.report(step, loss=total, attempt=trial.attempt)
                if trial.should_save(step):
                    with trial.save(step) as path, open(path, "w", encoding="utf-8") as file:
                        file.write("saved")
            """,
        )
        file = self.study_file(scheduler={"hyperband": {"eta": 2}}, maxSteps=4, budget={"trials": 5}, park=5)
        self.finish(self.engine("run", file, "--quiet"))
        trials = self.trials()
        self.assertEqual([trial["failures"] for trial in trials], [0] * 5)
        self.assertTrue(any(trial["attempt"] > 1 for trial in trials))
        for trial in trials:
            curve = trial["curve"]
            self.assertEqual([point["step"] for point in curve], list(range(1, len(curve) + 1)))
            self.assertEqual(curve[-1]["attempt"], trial["attempt"])
            self.assertAlmostEqual(trial["value"], len(curve) * trial["params"]["x"])
        starts = self.told("status", "s")["studies"][0]["starts"]
        self.assertEqual((starts["total"], starts["afterPause"]), (5, 0))
        self.assertGreater(starts["parked"], 0)

    def test_does_not_wait_without_a_snapshot(self) -> None:
        self.write(
            "train.py",
            """
            import curvewise

            trial = curvewise.trial()
            for step in trial.steps():
                trial.report(step, loss=trial.params["x"])
            assert not trial.park()
            """,
        )
        file = self.study_file(scheduler={"hyperband": {"eta": 2}}, maxSteps=4, budget={"trials": 5}, park=5)
        self.finish(self.engine("run", file, "--quiet"))
        starts = self.told("status", "s")["studies"][0]["starts"]
        self.assertGreater(starts["afterPause"], 0)
        self.assertEqual(starts["parked"], 0)

    def test_keeps_a_folder_as_a_snapshot(self) -> None:
        self.write(
            "train.py",
            """
            import os
            import curvewise

            trial = curvewise.trial()
            if trial.resume:
                with open(os.path.join(trial.resume, "inner", "weights.txt"), encoding="utf-8") as file:
                    assert file.read() == str(trial.resume_step)
            for step in trial.steps():
                trial.report(step, loss=trial.params["x"] / step, resumed=trial.resume_step)
                if trial.should_save(step):
                    with trial.save(step) as path:
                        os.makedirs(os.path.join(path, "inner"))
                        with open(os.path.join(path, "inner", "weights.txt"), "w", encoding="utf-8") as file:
                            file.write(str(step))
            """,
        )
        file = self.study_file(scheduler={"hyperband": {"eta": 2}}, maxSteps=4, budget={"trials": 5}, park=0)
        self.finish(self.engine("run", file, "--quiet"))
        trials = self.trials()
        self.assertEqual([trial["failures"] for trial in trials], [0] * 5)
        self.assertTrue(any(trial["curve"][-1]["resumed"] > 0 for trial in trials))
        folders = [self.path("curvewise-files", "s", f"trial-{trial['number']}") for trial in trials]
        left = [name for folder in folders for name in os.listdir(folder)]
        self.assertEqual([name for name in left if name.startswith(("unpacked-", ".saving-"))], [])

    def test_exploits_in_place(self) -> None:
        self.write(
            "train.py",
            """
            import json
            import os
            import time
            import curvewise

            trial = curvewise.trial(exploits=True)
            weight = 0.0
            for step in trial.steps():
                # The worst is told so at step 4 at the latest, since all others have been seen by then.
                while step == 4 and len([name for name in os.listdir(".") if name.startswith("seen-")]) < 4:
                    time.sleep(0.01)
                weight += trial.params["x"]
                action = trial.report(step, loss=weight / step)
                if step == 2:
                    open(f"seen-{trial.number}", "w").close()
                if action == "exploit":
                    with open(trial.resume, encoding="utf-8") as file:
                        weight = json.load(file)
                elif trial.should_save(step):
                    with trial.save(step, ".json") as path, open(path, "w", encoding="utf-8") as file:
                        json.dump(weight, file)
            """,
        )
        file = self.study_file(
            scheduler={"pbt": {"population": 4, "interval": 2}}, maxSteps=8, budget={}, workers=4
        )
        self.finish(self.engine("run", file, "--quiet"))
        trials = self.trials()
        self.assertTrue(any(trial["inheritances"] for trial in trials))
        self.assertEqual([(trial["state"], trial["attempt"]) for trial in trials], [("complete", 1)] * 4)

    def test_takes_sigterm_as_a_wish_to_pause(self) -> None:
        self.write(
            "train.py",
            """
            import os, time
            import curvewise

            trial = curvewise.trial()
            for step in trial.steps():
                if trial.attempt == 1 and step == 3:
                    with open(os.path.join(trial.dir, "pid"), "w") as file:
                        file.write(str(os.getpid()))
                    while not os.path.exists(os.path.join(trial.dir, "sent")):
                        time.sleep(0.01)
                action = trial.report(step, loss=1 / step)
                if trial.should_save(step):
                    with trial.save(step) as path, open(path, "w") as file:
                        file.write("saved")
            """,
        )
        run = self.engine("run", self.study_file(budget={"trials": 1}, retries=1), "--quiet")
        folder = self.path("curvewise-files", "s", "trial-0")
        pid = until("it is at step 3", lambda: _read(os.path.join(folder, "pid")))
        os.kill(int(pid), signal.SIGTERM)
        with open(os.path.join(folder, "sent"), "w", encoding="ascii"):
            pass
        self.finish(run)
        (trial,) = self.trials()
        self.assertEqual((trial["state"], trial["attempt"], trial["failures"]), ("complete", 2, 1))
        self.assertEqual(trial["snapshot"]["step"], 3)

    def test_runs_by_hand(self) -> None:
        self.write(
            "train.py",
            """
            import json
            import curvewise

            defaults = {"lr": 0.1, "layers": [64], "amp": True, "name": "a"}
            trial = curvewise.trial(defaults, max_steps=2)
            actions = [trial.report(step, loss=1.0) for step in trial.steps()]
            print(json.dumps([trial.params, actions, trial.seed, trial.resume]))
            """,
        )
        out = self.finish(self.python("train.py", "--lr=0.5", "--layers", "[8,8]", "--no-amp", "--name=b c"))
        params = {"lr": 0.5, "layers": [8, 8], "amp": False, "name": "b c"}
        self.assertEqual(json.loads(out), [params, ["continue", "continue"], 0, None])

    def test_says_what_is_wrong_with_a_report(self) -> None:
        self.write(
            "train.py",
            """
            import curvewise

            trial = curvewise.trial()
            trial.report(1, loss=0.5)
            codes = []
            for wrong in (lambda: trial.report(1, loss=0.4), lambda: trial.report(2), lambda: trial.report(2.5, loss=1),
                          lambda: trial.report(2, loss="low")):
                try:
                    wrong()
                except curvewise.CurvewiseError as error:
                    codes.append(error.code)
            try:
                with trial.save(4) as path:
                    open(path, "w").close()
            except curvewise.CurvewiseError as error:
                codes.append(error.code)
            print(codes)
            trial.report(5, {"loss": float("nan"), "größe/🙂": float("-inf")})
            """,
        )
        self.finish(self.engine("run", self.study_file(budget={"trials": 1}), "--quiet"), code=1)
        with open(self.path("curvewise-files", "s", "trial-0", "output-1.log"), encoding="utf-8") as log:
            printed = log.read()
        self.assertIn("['STEP_NOT_INCREASING', 'REPORT_INVALID', 'REPORT_INVALID', 'REPORT_INVALID', 'SNAPSHOT_INVALID']", printed)
        (trial,) = self.trials()
        self.assertEqual(trial["curve"][-1], {"step": 5, "loss": "NaN", "größe/🙂": "-Infinity"})


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    unittest.main()


COUNTS_FROM_ZERO = """
    import json, os
    import curvewise

    trial = curvewise.trial()
    total = 0.0
    if trial.resume:
        with open(trial.resume, encoding="utf-8") as file:
            total = json.load(file)
    for step in {steps}:
        total += 1
        action = trial.report(step, loss=total)
        if trial.should_save(step):
            with trial.save(step) as path, open(path, "w", encoding="utf-8") as file:
                json.dump(total, file)
        if action in ("pause", "stop"):
            break
"""


class FirstStepTest(EngineTest):
    def test_counts_no_step_twice_with_first_step_0(self) -> None:
        by_hand = "range(trial.resume_step + 1, trial.max_steps)"
        for name, steps in (("s", "trial.steps()"), ("by-hand", by_hand)):
            self.write("train.py", COUNTS_FROM_ZERO.format(steps=steps))
            pausing = {"asha": {"minSteps": 2, "eta": 2}}
            self.study_file(study=name, firstStep=0, scheduler=pausing, maxSteps=6, park=0)
            self.finish(self.engine("run", "study.yaml", "--quiet"))
            trials = self.told("trials", name)["trials"]
            # The loss counts the steps that were trained, so it is the step where none was lost or trained twice.
            for trial in trials:
                curve = [(point["step"], point["loss"]) for point in trial["curve"]]
                self.assertEqual(curve, [(step, step) for step in range(1, trial["step"] + 1)])
            self.assertIn("complete", [trial["state"] for trial in trials])
            self.assertEqual(max(trial["step"] for trial in trials), 6)

    def test_refuses_first_step_0_where_the_client_counts_by_itself(self) -> None:
        script = """
            from curvewise.compat import nni

            nni.get_next_parameter()
            nni.report_intermediate_result(0.5)
        """
        self.write("train.py", script)
        self.study_file(firstStep=0, budget={"trials": 1})
        self.finish(self.engine("run", "study.yaml", "--quiet"), 1)
        [trial] = self.told("trials", "s")["trials"]
        self.assertIn("FIRST_STEP_UNSUITABLE", "\n".join(trial["failure"]["output"]))
