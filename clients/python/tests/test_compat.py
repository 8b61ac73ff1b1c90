"""Trials of ``curvewise run`` whose programs were written for other tuners, without those tuners."""

import sys
import unittest
from typing import Any, List

from .other_tuners import OtherTunerTest

HYPERBAND = {"hyperband": {"eta": 3}}


def steps_of(trial: Any) -> List[int]:
    return [point["step"] for point in trial["curve"]]


class InStudiesTest(OtherTunerTest):
    def test_an_objective_of_optuna_is_stopped(self) -> None:
        space = {"x": {"float": [-10, 10]}, "scale": {"choice": ["linear", "square"]}}
        trials = self.tune(
            "optuna", goal={"minimize": "value"}, space=space, maxSteps=9, scheduler="median", budget={"trials": 12}, workers=1
        )
        self.assertEqual({trial["state"] for trial in trials}, {"complete", "stopped"})
        for trial in trials:
            steps = steps_of(trial)
            self.assertEqual(steps, list(range(1, len(steps) + 1)))
        # What follows study.optimize is for the whole study.
        self.assertNotIn("[", self.log().replace("[curvewise", ""))

    def test_an_objective_of_optuna_starts_over_after_a_pause(self) -> None:
        space = {"x": {"float": [-10, 10]}, "scale": {"choice": ["linear", "square"]}}
        trials = self.tune(
            "optuna", goal={"minimize": "value"}, space=space, maxSteps=9, scheduler=HYPERBAND, budget={"trials": 9}
        )
        self.assertEqual([trial["failures"] for trial in trials], [0] * 9)
        self.assertTrue([trial for trial in trials if trial["attempt"] > 1 and trial["state"] == "complete"])
        for trial in trials:
            self.assertEqual(steps_of(trial), list(range(1, trial["step"] + 1)))

    def test_a_trainable_of_ray_is_paused_and_goes_on_from_its_checkpoint(self) -> None:
        trials = self.tune("ray", space={"model.x": {"float": [0, 1]}}, maxSteps=27, scheduler=HYPERBAND, budget={"trials": 9})
        self.assertEqual([trial["failures"] for trial in trials], [0] * 9)
        resumed = [trial for trial in trials if trial["attempt"] > 1]
        self.assertTrue(resumed)
        for trial in resumed:
            self.assertEqual(steps_of(trial), list(range(1, trial["step"] + 1)))
            # It began anew at the step that was saved, and its sum went on.
            self.assertGreater(trial["curve"][-1]["begun"], 0)
            self.assertAlmostEqual(trial["value"], 2 * trial["params"]["model.x"])

    def test_a_script_of_syne_tune_is_paused_and_goes_on_from_its_checkpoint(self) -> None:
        trials = self.tune("syne_tune", maxSteps=27, scheduler=HYPERBAND, budget={"trials": 9})
        self.assertEqual([trial["failures"] for trial in trials], [0] * 9)
        resumed = [trial for trial in trials if trial["attempt"] > 1]
        self.assertTrue(resumed)
        for trial in resumed:
            self.assertEqual(steps_of(trial), list(range(1, trial["step"] + 1)))
            self.assertGreater(trial["curve"][-1]["begun"], 0)

    def test_a_trial_of_nni_is_stopped(self) -> None:
        space = {"x": {"float": [0, 1]}, "units": {"choice": [8, 16]}}
        trials = self.tune(
            "nni", "--metric", "loss", space=space, maxSteps=9, scheduler={"median": {"startup": 2}}, budget={"trials": 10}, workers=1
        )
        self.assertEqual({trial["state"] for trial in trials}, {"complete", "stopped"})
        complete = next(trial for trial in trials if trial["state"] == "complete")
        self.assertEqual(complete["curve"][-1]["units"], complete["params"]["units"])
        self.assertIn(f"{complete['number']} {complete['number']}", self.log(complete["number"]))

    def test_a_script_of_orion_reports_its_objective(self) -> None:
        self.write("train.py", "")
        command = [sys.executable, "-m", "curvewise.compat", "train.py", "-x", "{x}"]
        trials = self.tune("orion", command=command, goal={"minimize": "objective"}, maxSteps=1)
        for trial in trials:
            self.assertAlmostEqual(trial["value"], (trial["params"]["x"] - 0.34) ** 2 + 23.4)

    def test_a_run_of_wandb_is_stopped(self) -> None:
        trials = self.tune(
            "wandb", "--as", "wandb", maxSteps=9, scheduler={"median": {"startup": 2}}, budget={"trials": 10}, workers=1
        )
        self.assertEqual({trial["state"] for trial in trials}, {"complete", "stopped"})
        self.assertEqual(set(trials[0]["curve"][0]), {"step", "epoch", "loss"})

    def test_an_agent_of_wandb_runs_its_function_once(self) -> None:
        self.write(
            "agent.py",
            """
            import wandb

            def main():
                run = wandb.init(config={"x": 9, "depth": 2})
                for step in range(4):
                    wandb.log({"loss": wandb.config.x + step}, step=step)
                    wandb.log({"depth": run.config["depth"]}, step=step)

            wandb.agent(wandb.sweep({"method": "random"}), function=main, count=20)
            raise RuntimeError("the process has ended before")
            """,
        )
        command = [sys.executable, "-m", "curvewise.compat", "--as=wandb", "agent.py"]
        for trial in self.tune("wandb", command=command, maxSteps=4):
            points = [(each["step"], each["loss"] - trial["params"]["x"], each["depth"]) for each in trial["curve"]]
            self.assertEqual([(step, round(loss), depth) for step, loss, depth in points], [(n + 1, n, 2) for n in range(4)])

    def test_a_failing_objective_fails_its_trial(self) -> None:
        self.write("fail.py", "import optuna\nstudy = optuna.create_study()\nstudy.optimize(lambda trial: 1 / 0, n_trials=1)")
        command = [sys.executable, "-m", "curvewise.compat", "fail.py"]
        (trial,) = self.tune("optuna", command=command, budget={"trials": 1}, goal={"minimize": "value"}, code=1)
        self.assertEqual(trial["state"], "failed")
        self.assertIn("ZeroDivisionError", "\n".join(trial["failure"]["output"]))


if __name__ == "__main__":
    unittest.main()
