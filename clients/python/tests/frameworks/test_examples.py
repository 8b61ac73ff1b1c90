"""The studies in ``examples/frameworks`` and ``examples/unedited``, run as they are; each is a test of its own.

A study whose libraries are not installed here is skipped, and said to be: ``npm run test:frameworks`` installs them all.
"""

import glob
import importlib.util
import os
import re
import shutil
import sys
import unittest
from typing import Any, Dict, List, Sequence

from ..support import ROOT, EngineTest

EXAMPLES = os.path.join(ROOT, "examples")
#: What each folder needs besides the standard library and the client.
MODULES: Dict[str, Sequence[str]] = {
    "frameworks/catboost": ("catboost", "sklearn"),
    "frameworks/fastai": ("fastai", "sklearn"),
    "frameworks/keras": ("keras", "jax", "sklearn"),
    "frameworks/lightgbm": ("lightgbm", "sklearn"),
    "frameworks/lightning": ("lightning", "sklearn"),
    "frameworks/pytorch": ("torch", "sklearn"),
    "frameworks/sklearn-partial-fit": ("sklearn",),
    "frameworks/sklearn-warm-start": ("sklearn",),
    "frameworks/transformers": ("transformers", "accelerate", "sklearn"),
    "frameworks/xgboost": ("xgboost", "sklearn"),
    "unedited/fastai": ("fastai", "sklearn"),
    "unedited/huggingface": ("transformers", "accelerate", "sklearn"),
    "unedited/hydra": ("hydra", "sklearn"),
    "unedited/keras": ("keras", "jax", "sklearn"),
    "unedited/lightgbm": ("lightgbm", "sklearn"),
    "unedited/lightning": ("lightning", "sklearn"),
    "unedited/nanogpt": ("torch",),
    "unedited/plain": (),
    "unedited/pytorch-mnist": ("torch", "sklearn"),
    "unedited/timm": ("torch", "sklearn"),
    "unedited/xgboost": ("xgboost", "sklearn"),
}
STUDIES = sorted(
    os.path.relpath(path, EXAMPLES)
    for kind in ("frameworks", "unedited")
    for path in glob.glob(os.path.join(EXAMPLES, kind, "*", "*.yaml"))
)


class Examples(EngineTest):
    """A test for each study."""

    def setUp(self) -> None:
        super().setUp()
        # The studies say `python3`: let it be the Python that runs the tests, with the libraries beside it.
        folder = self.path("bin")
        os.mkdir(folder)
        # Not a link: a virtual environment is found by the path that is started.
        self.write("bin/python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        os.chmod(os.path.join(folder, "python3"), 0o755)
        self.environment["PATH"] = folder + os.pathsep + self.environment["PATH"]

    def run_study(self, name: str) -> List[Dict[str, Any]]:
        """Runs a study, and returns its trials, once all of them have ended well."""
        folder, file = os.path.split(name)
        shutil.copytree(os.path.join(EXAMPLES, folder), self.folder, dirs_exist_ok=True)
        engine = self.engine("run", file)
        out, error = engine.communicate(timeout=3600)
        self.assertEqual(engine.returncode, 0, f"{out}\n{error}")
        (study,) = self.told("status")["studies"]
        outputs = ""
        if study["trials"]["failed"] > 0:
            for log in glob.glob(self.path("curvewise-files", "*", "trial-*", "output-*.log")):
                with open(log, encoding="utf-8", errors="replace") as text:
                    outputs += f"{log}:\n{text.read()[-2000:]}\n"
        self.assertEqual(study["trials"]["failed"], 0, f"{error}\n{outputs}")
        self.assertEqual(study["trials"]["waiting"] + study["trials"]["running"], 0, f"{out}\n{error}")
        self.assertIsNotNone(study["best"], error)
        self.assertTrue(study["best"]["complete"], error)
        trials: List[Dict[str, Any]] = self.told("trials", study["name"])["trials"]
        for trial in trials:
            steps = [point["step"] for point in trial["curve"]]
            self.assertEqual(steps, sorted(set(steps)))
            if trial["state"] == "complete":
                self.assertEqual(steps[-1], study["maxSteps"], error)
        return trials

    def try_pausing(self, name: str) -> None:
        trials = self.run_study(name)
        self.assertIn("paused", [trial["state"] for trial in trials])
        self.assertIn("complete", [trial["state"] for trial in trials])
        resumed = [trial["number"] for trial in trials if trial["attempt"] > 1]
        self.assertNotEqual(resumed, [], "no trial went on")
        study = self.told("status")["studies"][0]["name"]
        for number in resumed:
            attempts = self.told("explain", study, str(number))["attempts"]
            self.assertTrue(all(attempt["fromStep"] > 0 for attempt in attempts[1:]), attempts)

    def try_stopping(self, name: str) -> None:
        states = [trial["state"] for trial in self.run_study(name)]
        self.assertEqual(set(states), {"complete", "stopped"})

    def try_population(self, name: str) -> None:
        trials = self.run_study(name)
        self.assertEqual({trial["state"] for trial in trials}, {"complete"})
        self.assertGreater(self.told("status")["studies"][0]["exploits"], 0)


class Covered(unittest.TestCase):
    """No study is left out."""

    def test_every_folder_says_what_it_needs(self) -> None:
        self.assertEqual({os.path.dirname(study) for study in STUDIES}, set(MODULES))


def _add(study: str) -> None:
    with open(os.path.join(EXAMPLES, study), encoding="utf-8") as file:
        text = file.read()

    def test(self: Examples) -> None:
        if "\n  pbt:" in text:
            self.try_population(study)
        elif "mode: stop" in text:
            self.try_stopping(study)
        else:
            self.try_pausing(study)

    missing = [name for name in MODULES.get(os.path.dirname(study), ()) if importlib.util.find_spec(name) is None]
    checked = unittest.skipIf(missing, f"not installed here: {', '.join(missing)}")(test)
    name = re.sub(r"\W", "_", study.replace("/study.yaml", "").replace(".yaml", ""))
    setattr(Examples, f"test_{name}", checked)


for _study in STUDIES:
    _add(_study)
