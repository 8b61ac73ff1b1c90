"""What the tuners themselves draw from the search files of the tests is in the spaces that ``curvewise init --from``
makes of them.

A tuner that is not installed here is skipped, and said to be: ``npm run test:tuners`` installs them all.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import tempfile
import unittest
from typing import Any, Callable, Dict, Iterator, Mapping, Tuple, TypeVar

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 4))
SEARCHES = os.path.join(ROOT, "tests", "interop", "searches")
DRAWS = 300
Test = TypeVar("Test", bound=Callable[..., None])
#: Prints a YAML file as JSON, as Curvewise reads it.
AS_JSON = 'console.log(JSON.stringify(require("yaml").parse(require("fs").readFileSync(process.argv[1], "utf8"))))'


def space_of(name: str) -> Dict[str, Dict[str, Any]]:
    """The space of the study file that Curvewise makes of a search file."""
    with tempfile.TemporaryDirectory() as folder:
        curvewise = ["node", os.path.join(ROOT, "bin", "curvewise.js")]
        command = [*curvewise, "init", folder, "--from", os.path.join(SEARCHES, name)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        printed = subprocess.run(
            ["node", "-e", AS_JSON, os.path.join(folder, "study.yaml")], cwd=ROOT, check=True, stdout=subprocess.PIPE
        ).stdout
    space: Dict[str, Dict[str, Any]] = json.loads(printed)["space"]
    return space


def holds(spec: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is one of a param's."""
    listed = spec.get("choice", spec.get("ordinal"))
    if listed is not None:
        return any(type(each) is type(value) and each == value for each in listed)
    if "fixed" in spec:
        return bool(spec["fixed"] == value)
    low, high = spec.get("int") or spec["float"]
    # The tools round to multiples without heed of the last digit.
    near = 1e-9
    if not low - near <= value <= high + near:
        return False
    if "int" in spec and value != int(value):
        return False
    step = spec.get("step")
    return step is None or abs((value - low) / step - round((value - low) / step)) < near


def read_yaml(name: str) -> Any:
    with open(os.path.join(SEARCHES, name)) as file:
        return importlib.import_module("yaml").safe_load(file)


def needs(module: str) -> Callable[[Test], Test]:
    """Skips a test where a tuner is not installed."""
    return unittest.skipUnless(importlib.util.find_spec(module), f"{module} is not installed")


class SearchFilesTest(unittest.TestCase):
    def check(self, space: Mapping[str, Mapping[str, Any]], params: Mapping[str, Any]) -> None:
        for name, value in params.items():
            self.assertTrue(holds(space[name], value), f"{name}: {value!r} is not in {space[name]}")
        for name, spec in space.items():
            condition: Mapping[str, Any] = spec.get("when", {})
            is_on = all(params.get(other) == value for other, value in condition.items())
            self.assertEqual(name in params, is_on, f"{name} in {params}")

    @needs("nni")
    def test_nni(self) -> None:
        tuner = importlib.import_module("nni.algorithms.hpo.random_tuner").RandomTuner(seed=1)

        def flat(params: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
            for name, value in params.items():
                if isinstance(value, dict):
                    yield name, value["_name"]
                    yield from ((f"{name}.{inner}", each) for inner, each in value.items() if inner != "_name")
                else:
                    yield name, value

        space = space_of("nni.yaml")
        tuner.update_search_space(read_yaml("nni.yaml")["searchSpace"])
        for number in range(DRAWS):
            self.check(space, dict(flat(tuner.generate_parameters(number))))

    @needs("orion")
    def test_orion(self) -> None:
        builder = importlib.import_module("orion.core.io.space_builder").SpaceBuilder()
        flatten = importlib.import_module("orion.core.utils.flatten").flatten

        def priors(document: Any, path: str = "") -> Iterator[Tuple[str, str]]:
            for name, value in document.items():
                here = f"{path}.{name}" if path else name
                if isinstance(value, dict):
                    yield from priors(value, here)
                elif isinstance(value, str) and value.startswith("orion~"):
                    yield here, value[len("orion~") :]

        space = space_of("orion.yaml")
        for trial in builder.build(dict(priors(read_yaml("orion.yaml")))).sample(DRAWS, seed=1):
            self.check(space, {name: value for name, value in flatten(trial.params).items() if name != "epochs"})

    @needs("hydra")
    def test_hydra(self) -> None:
        parser = importlib.import_module("hydra.core.override_parser.overrides_parser").OverridesParser.create()
        kinds = importlib.import_module("hydra.core.override_parser.types")
        space = space_of("hydra.yaml")
        given = read_yaml("hydra.yaml")["hydra"]["sweeper"]["params"]
        self.assertEqual(list(given), list(space))
        for override in parser.parse_overrides([f"{name}={value}" for name, value in given.items()]):
            spec = space[override.get_key_element()]
            value = override.value()
            if isinstance(value, kinds.IntervalSweep):
                self.assertEqual(spec.get("float") or spec["int"], [value.start, value.end])
                self.assertEqual(spec.get("log", False), "log" in value.tags)
            elif isinstance(value, kinds.RangeSweep):
                # Optuna's sweeper, for which this config is, takes in the end.
                low, high = spec.get("float") or spec["int"]
                self.assertEqual((low, high, spec["step"]), (value.start, value.stop, value.step))
            elif override.is_sweep_override():
                listed = [getattr(each, "text", each) for each in value.list]
                self.assertEqual(spec.get("choice", spec.get("ordinal")), listed)
            else:
                self.assertEqual(spec, {"fixed": value})

    @needs("wandb")
    @needs("optuna")
    def test_wandb(self) -> None:
        converted = importlib.import_module("wandb.sdk.sweeps.scheduler.optuna").sweep_parameter_to_distribution
        space = space_of("wandb.yaml")
        compared = 0
        for name, parameter in read_yaml("wandb.yaml")["parameters"].items():
            # PyYAML takes 1e-5 for a text.
            ends = {key: float(parameter[key]) for key in ("min", "max") if isinstance(parameter.get(key), str)}
            numbers = {**parameter, **ends}
            if numbers.get("distribution") in ("log_uniform", "q_uniform") or "parameters" in numbers:
                continue
            known = vars(converted(numbers))
            spec = space[name]
            compared += 1
            if "choices" in known:
                self.assertEqual(spec.get("choice", spec.get("ordinal", [spec.get("fixed")])), list(known["choices"]))
            else:
                self.assertEqual(spec.get("float") or spec["int"], [known["low"], known["high"]])
                self.assertEqual(spec.get("log", False), known["log"])
        self.assertEqual(compared, 7)


class RayTest(unittest.TestCase):
    @needs("ray")
    def test_imports_what_an_experiment_left(self) -> None:
        ray, tune = importlib.import_module("ray"), importlib.import_module("ray.tune")
        asha = importlib.import_module("ray.tune.schedulers").ASHAScheduler(max_t=9, grace_period=1, reduction_factor=3)

        def train(config: Mapping[str, Any]) -> None:
            if config["x"] > 0.8:
                raise RuntimeError("diverged")
            for step in range(1, 10):
                tune.report({"loss": config["x"] + 1 / step})

        with tempfile.TemporaryDirectory() as folder:
            ray.init(num_cpus=2, include_dashboard=False, configure_logging=False)
            try:
                grid = tune.Tuner(
                    train,
                    param_space={"x": tune.uniform(0, 1), "model": {"layers": tune.randint(1, 5)}},
                    tune_config=tune.TuneConfig(num_samples=12, metric="loss", mode="min", scheduler=asha),
                    run_config=tune.RunConfig(storage_path=folder, name="exp", verbose=0),
                ).fit()
            finally:
                ray.shutdown()
            curvewise = ["node", os.path.join(ROOT, "bin", "curvewise.js")]
            options = ["--storage", os.path.join(folder, "curvewise.db")]
            subprocess.run(
                [*curvewise, "import", os.path.join(folder, "exp"), "--minimize", "loss", *options],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            lines = subprocess.run([*curvewise, "export", "exp", *options], check=True, stdout=subprocess.PIPE).stdout
        imported = {trial["params"]["x"]: trial for trial in map(json.loads, lines.splitlines())}
        self.assertEqual(len(imported), 12)
        for result in grid:
            trial = imported[result.config["x"]]
            self.assertEqual(trial["params"]["model.layers"], result.config["model"]["layers"])
            if result.error is not None:
                self.assertEqual((trial["state"], trial["curve"]), ("failed", []))
                continue
            losses = list(result.metrics_dataframe["loss"])
            self.assertEqual([point["loss"] for point in trial["curve"]], losses)
            self.assertEqual(trial["state"], "complete" if len(losses) == 9 else "stopped")


if __name__ == "__main__":
    unittest.main()
