"""The tuners themselves: their programs do the same under them and under the stand-ins, which take the same arguments.

A tuner that is not installed here is skipped, and said to be: ``npm run test:tuners`` installs them all.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys
import unittest
from typing import Any, Dict, List, Tuple

from ..other_tuners import PROGRAMS, OtherTunerTest

#: What stands for what: the stand-in's module, and the real one.
REPLACED: Dict[str, Tuple[str, ...]] = {
    "optuna": ("optuna", "optuna.study", "optuna.trial", "optuna.exceptions", "optuna.samplers", "optuna.pruners"),
    "ray": ("ray.tune", "ray.tune.schedulers", "ray.tune.schedulers.pb2", "ray.train"),
    "syne_tune": ("syne_tune", "syne_tune.report"),
    "nni": ("nni",),
    "orion": ("orion.client",),
    "hydra": ("hydra",),
}
#: Classes that programs make objects of.
CLASSES = ("Tuner", "TuneConfig", "RunConfig", "CheckpointConfig", "FailureConfig", "Checkpoint", "Reporter")
#: Classes of which programs use methods: all that the real ones have of these names take the same arguments.
METHODS: Dict[str, Tuple[str, ...]] = {
    "optuna.study.Study": ("optimize", "ask", "tell", "enqueue_trial", "get_trials", "set_user_attr", "stop"),
    "optuna.trial.Trial": (
        "suggest_float", "suggest_int", "suggest_categorical", "report", "should_prune", "set_user_attr",
        "set_constraint",
    ),
    "ray.tune.ResultGrid": ("get_best_result", "get_dataframe"),
    "ray.tune.Checkpoint": ("from_directory", "to_directory", "as_directory", "get_metadata", "set_metadata"),
    "ray.tune.Trainable": ("setup", "step", "save_checkpoint", "load_checkpoint", "cleanup"),
    "syne_tune.Reporter": ("__call__",),
}  # fmt: skip


def lacking(real: Any, ours: Any) -> List[str]:
    """The arguments that the real function takes and ours does not."""
    theirs = inspect.signature(real).parameters
    mine = inspect.signature(ours).parameters
    kinds = {each.kind for each in mine.values()}
    found = []
    for name, parameter in theirs.items():
        if name.startswith("_") or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        known = mine.get(name)
        if known is None and inspect.Parameter.VAR_KEYWORD not in kinds:
            found.append(name)
        if known is not None and parameter.kind == parameter.POSITIONAL_OR_KEYWORD:
            if known.kind == parameter.KEYWORD_ONLY:
                found.append(f"{name} by position")
    return found


def order(function: Any) -> List[str]:
    """The names of the arguments that may be given by position."""
    return [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.kind == each.POSITIONAL_OR_KEYWORD and not each.name.startswith("_")
    ]


class SignaturesTest(unittest.TestCase):
    def test_stand_ins_take_what_the_tuners_take(self) -> None:
        seen = 0
        for tool, modules in REPLACED.items():
            if importlib.util.find_spec(tool) is None:
                continue
            stand_in = importlib.import_module(f"curvewise.compat.{tool}").stand_in()
            for module in modules:
                for name, ours in stand_in.replaced[module].items():
                    real = getattr(importlib.import_module(module), name, None)
                    with self.subTest(f"{module}.{name}"):
                        self.assertIsNotNone(real, "the real one has no such name")
                        is_class = isinstance(ours, type)
                        if callable(ours) and (not is_class or name in CLASSES):
                            seen += 1
                            self.assertEqual(lacking(real, ours), [])
                        recorded = dict(getattr(ours, "signature", ()))
                        if recorded and real is not None:
                            seen += 1
                            theirs = inspect.signature(real).parameters
                            self.assertEqual([each for each in recorded if each not in theirs], [])
                            by_place = [each for each in order(real)][: len(recorded)]
                            if by_place:
                                self.assertEqual([each for each in recorded if each in by_place], by_place)
        if seen == 0:
            self.skipTest("no tuner is installed")

    def test_methods_take_what_the_tuners_methods_take(self) -> None:
        for path, methods in METHODS.items():
            module, _, name = path.rpartition(".")
            tool = module.partition(".")[0]
            if importlib.util.find_spec(tool) is None:
                continue
            ours = importlib.import_module(f"curvewise.compat.{tool}").stand_in().replaced[module][name]
            real = getattr(importlib.import_module(module), name)
            for method in methods:
                with self.subTest(f"{path}.{method}"):
                    self.assertEqual(lacking(getattr(real, method), getattr(ours, method)), [])


@unittest.skipUnless(importlib.util.find_spec("ray"), "ray is not installed here")
class RaySpacesTest(unittest.TestCase):
    def test_whole_numbers_and_multiples_are_those_of_ray(self) -> None:
        from ray import tune

        from curvewise.compat import ray as ours

        for name, arguments in {
            "randint": (2, 7),
            "lograndint": (2, 7),
            "qrandint": (2, 10, 4),
            "quniform": (0, 1, 0.25),
        }.items():
            with self.subTest(name):
                domain = getattr(tune, name)(*arguments)
                drawn = {domain.sample() for _ in range(2000)}
                (spec,) = ours.space({"x": getattr(ours, name)(*arguments)}).values()
                low, high = spec.get("int") or spec["float"]
                step = spec.get("step", 1)
                self.assertEqual(drawn, {low + step * index for index in range(round((high - low) / step) + 1)})


class TunersTest(OtherTunerTest):
    """Each is the tool's program under the tool itself, with what its trials do written to a file."""

    def needs(self, tool: str) -> None:
        if importlib.util.find_spec(tool) is None:
            self.skipTest(f"{tool} is not installed")

    def real(self, *arguments: str, **environment: str) -> str:
        return self.finish(self.start([sys.executable, self.path("train.py"), *arguments], **environment))

    def test_optuna(self) -> None:
        self.needs("optuna")
        self.write("train.py", PROGRAMS["optuna"])
        theirs = self.real().split(maxsplit=4)
        ours = self.by_hand("optuna").split(maxsplit=4)
        # The params differ, and with them what is stopped; how the program ran does not.
        self.assertEqual((ours[0], ours[4]), (theirs[0], theirs[4]))

    def test_optuna_in_a_study(self) -> None:
        self.needs("optuna")
        space = {"x": {"float": [-10, 10]}, "scale": {"choice": ["linear", "square"]}}
        trials = self.tune(
            "optuna", goal={"minimize": "value"}, space=space, maxSteps=9, scheduler="median", budget={"trials": 8}
        )
        self.assertEqual({each["state"] for each in trials} - {"complete", "stopped"}, set())

    def test_ray(self) -> None:
        self.needs("ray")
        self.write("train.py", PROGRAMS["ray"])
        theirs = self.real(RAY_AIR_NEW_OUTPUT="0", RAY_USAGE_STATS_ENABLED="0")
        ours = self.by_hand("ray")
        self.assertEqual(theirs.splitlines()[-1], "9 0 1 27")
        self.assertEqual(ours, "9 0 1 27\n")

    def test_syne_tune(self) -> None:
        self.needs("syne_tune")
        self.write("train.py", PROGRAMS["syne_tune"])
        told = [
            json.loads(line.partition(": ")[2])
            for line in self.real("--x=0.5", "--epochs=4").splitlines()
            if line.startswith("[tune-metric]")
        ]
        trials = self.tune("syne_tune", space={"x": {"float": [0, 1]}}, enqueue=[{"x": 0.5}], maxSteps=4, budget={"trials": 1})
        curve = [{"step": point["epoch"], "loss": point["loss"], "begun": point["begun"]} for point in told]
        self.assertEqual(trials[0]["curve"], curve)

    def test_nni(self) -> None:
        self.needs("nni")
        self.write("train.py", PROGRAMS["nni"])
        self.assertEqual(self.real().splitlines()[-1], self.by_hand("nni").splitlines()[-1])

    def test_orion(self) -> None:
        self.needs("orion")
        self.write("train.py", PROGRAMS["orion"])
        results = self.write("results.json", "")
        self.real("-x", "0.5", ORION_RESULTS_PATH=results)
        with open(results, encoding="utf-8") as file:
            (told,) = json.load(file)
        command = [sys.executable, "-m", "curvewise.compat", "train.py", "-x", "0.5"]
        trials = self.tune("orion", command=command, goal={"minimize": told["name"]}, maxSteps=1, budget={"trials": 1})
        self.assertEqual(trials[0]["value"], told["value"])

    def test_wandb(self) -> None:
        self.needs("wandb")
        self.write("train.py", PROGRAMS["wandb"])
        self.real(WANDB_MODE="offline", WANDB_SILENT="true")
        trials = self.tune("wandb", "--as", "wandb", maxSteps=9, budget={"trials": 2})
        self.assertEqual([each["state"] for each in trials], ["complete"] * 2)

    def test_hydra(self) -> None:
        self.needs("hydra")
        os.makedirs(self.path("conf"))
        self.write("config.yaml", "x: 1.0\nmodel:\n  name: small\n  layers: [8]\n")
        self.write("train.py", PROGRAMS["hydra"])
        self.assertEqual(self.real("x=2", "hydra.run.dir=."), "name small\n")
        names = ["it's", "a b", "true", "plain/path-1.0", "x=1,2", "back\\slash", "${not}"]
        space = {"x": {"float": [0, 1]}, "model.name": {"choice": names}, "model.layers": {"choice": [[1], [1, 2]]}}
        trials = self.tune("hydra", goal={"minimize": "value"}, space=space, maxSteps=1, budget={"trials": 14})
        for trial in trials:
            params = trial["params"]
            self.assertAlmostEqual(trial["value"], params["x"] ** 2 + len(params["model.layers"]))
            self.assertIn(f"name {params['model.name']}\n", self.log(trial["number"]))
        folder = self.path("curvewise-files", "s", "trial-0", "hydra")
        self.assertIn("train.log", os.listdir(folder))


if __name__ == "__main__":
    unittest.main()
