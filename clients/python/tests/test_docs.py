"""The programs of the docs, as they are printed."""

import importlib.util
import os
import re
import sys
import unittest
from typing import List

from .support import ROOT, EngineTest


def blocks(page: str, language: str) -> List[str]:
    """The blocks of a page in a language."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), flags=re.MULTILINE | re.DOTALL)


class DocsTest(EngineTest):
    def setUp(self) -> None:
        super().setUp()
        self.programs = blocks(os.path.join("docs", "python.md"), "python")
        (study,) = blocks(os.path.join("docs", "python.md"), "yaml")
        self.write("study.yaml", study)

    def test_a_training_program_runs_by_hand_and_in_a_study(self) -> None:
        (program,) = [each for each in self.programs if "curvewise.trial(" in each]
        self.write("train.py", program)
        self.finish(self.python("train.py", "--lr=0.01"))
        self.finish(self.engine("run", "study.yaml", "--quiet"))
        states = {trial["state"] for trial in self.told("trials", "falling")["trials"]}
        self.assertEqual(states - {"complete", "stopped", "paused"}, set())

    def test_a_worker_trains_the_same_study(self) -> None:
        (program,) = [each for each in self.programs if "curvewise.trials(" in each]
        self.write("worker.py", program)
        run = self.engine("run", "study.yaml", "--listen", "0", "--quiet")
        worker = self.python("worker.py")
        self.finish(run)
        self.finish(worker)

    def test_studies_run_as_printed(self) -> None:
        programs = [each for each in self.programs if "curvewise.Study(" in each]
        programs += blocks("README.md", "python")
        self.assertEqual(len(programs), 4)
        for number, program in enumerate(programs):
            with self.subTest(program):
                os.makedirs(self.path(str(number)))
                self.write(os.path.join(str(number), "tune.py"), f"import os\nos.chdir('{number}')\n{program}")
                self.assertRegex(self.finish(self.python(os.path.join(str(number), "tune.py"))), r"^\{")


class OtherTunersTest(EngineTest):
    """The page on programs that were written for other tuners."""

    page = os.path.join("docs", "other-frameworks.md")

    def program(self, line: str) -> str:
        """Writes the program of the page that has a line."""
        (found,) = [each for each in blocks(self.page, "python") if line in each]
        return self.write("train.py", found)

    def compat(self) -> str:
        return self.finish(self.start([sys.executable, "-m", "curvewise.compat", "train.py"]))

    def test_programs_of_optuna_and_ray_run_by_hand(self) -> None:
        self.program("optuna.create_study(direction=")
        self.assertRegex(self.compat(), r"^\{'x': .*'scale': ")
        self.program("tune.Tuner(")
        self.assertRegex(self.compat(), r"^\{'lr': ")

    def test_the_study_runs_programs_of_all(self) -> None:
        (study,) = blocks(self.page, "yaml")
        for number, line in enumerate(("optuna.create_study(direction=", "syne_tune", "nni.get_next_parameter")):
            with self.subTest(line):
                self.program(line)
                metric = ["--metric, value, "] if line.startswith("nni") else [""]
                text = study.replace("study: moved", f"study: moved-{number}")
                self.write("study.yaml", text.replace("train.py", f"{metric[0]}train.py"))
                self.finish(self.engine("run", "study.yaml", "--quiet"))
                trials = self.told("trials", f"moved-{number}")["trials"]
                self.assertEqual({trial["state"] for trial in trials}, {"complete", "stopped"})

    @unittest.skipUnless(importlib.util.find_spec("optuna"), "optuna is not installed here")
    def test_a_study_of_optuna_runs(self) -> None:
        self.program("CurvewisePruner(")
        self.assertRegex(self.finish(self.python("train.py")), r"^\{'x': ")


if __name__ == "__main__":
    unittest.main()
