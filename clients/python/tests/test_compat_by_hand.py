"""Programs of other tuners that are run by hand under ``python -m curvewise.compat``, without those tuners."""

import sys
import unittest

from .other_tuners import OtherTunerTest


class ByHandTest(OtherTunerTest):
    def test_a_trainable_of_ray_is_tuned_in_processes(self) -> None:
        self.assertEqual(self.by_hand("ray"), "9 0 1 27\n")

    def test_ray_tunes_grids_classes_and_old_programs(self) -> None:
        out = self.run_program(
            """
            from ray import tune

            class Falling(tune.Trainable):
                def setup(self, config):
                    self.weight = config["x"]

                def step(self):
                    self.weight /= 2
                    return {"loss": self.weight, "done": self.iteration >= 2}

            grid = tune.Tuner(
                Falling,
                param_space={"x": tune.grid_search([1.0, 2.0]), "y": tune.choice(["a", "b"])},
                tune_config=tune.TuneConfig(metric="loss", mode="min", num_samples=2, max_concurrent_trials=2),
            ).fit()
            print(sorted(result.config["x"] for result in grid), grid.get_best_result().metrics["loss"])

            analysis = tune.run(lambda config: {"score": config["x"]}, config={"x": tune.quniform(0, 1, 0.25)}, num_samples=3,
                                metric="score", mode="max", max_concurrent_trials=2)
            print(analysis.best_config["x"] % 0.25, analysis.best_result["score"] == analysis.best_config["x"])
            """
        )
        self.assertEqual(out, "[1, 1, 2, 2] 0.125\n0.0 True\n")

    def test_ray_evolves_a_population(self) -> None:
        out = self.run_program(
            """
            import json, os, tempfile
            from ray import tune
            from ray.tune.schedulers import PopulationBasedTraining

            def train(config):
                total, step = 0.0, 0
                if tune.get_checkpoint():
                    with tune.get_checkpoint().as_directory() as folder, open(os.path.join(folder, "s.json")) as file:
                        total, step = json.load(file)
                while True:
                    step += 1
                    total += config["x"]
                    with tempfile.TemporaryDirectory() as folder:
                        with open(os.path.join(folder, "s.json"), "w") as file:
                            json.dump([total, step], file)
                        tune.report({"score": total}, checkpoint=tune.Checkpoint.from_directory(folder))

            results = tune.Tuner(
                train,
                param_space={"x": tune.uniform(0, 1)},
                run_config=tune.RunConfig(stop={"training_iteration": 12}),
                tune_config=tune.TuneConfig(
                    metric="score", mode="max", num_samples=4, max_concurrent_trials=2,
                    scheduler=PopulationBasedTraining(
                        time_attr="training_iteration", perturbation_interval=3, hyperparam_mutations={"x": tune.uniform(0, 1)}
                    ),
                ),
            ).fit()
            print(len(results), {result.metrics["training_iteration"] for result in results}, results.num_errors)
            """
        )
        self.assertEqual(out, "4 {12} 0\n")

    def test_says_what_it_lacks(self) -> None:
        out = self.run_program(
            """
            import curvewise, importlib

            def code(attempt):
                try:
                    attempt()
                except curvewise.CurvewiseError as error:
                    return error.code
                return None

            from ray import tune
            import optuna

            def metricless():
                tune.Tuner(lambda config: None, param_space={"x": tune.uniform(0, 1)}).fit()

            def whole(name):
                try:
                    importlib.import_module(name)
                except ModuleNotFoundError as error:
                    return error.code

            assert not hasattr(optuna, "visualization")
            print([
                whole("optuna.visualization"),
                whole("ray.rllib"),
                code(lambda: optuna.visualization),
                code(lambda: tune.sample_from(lambda spec: 1)),
                code(lambda: tune.randn(0, 1)),
                code(metricless),
                code(lambda: optuna.create_study(directions=["minimize", "maximize"])),
                code(lambda: optuna.create_study(storage="mysql://root@localhost/example")),
                code(lambda: optuna.create_study().ask()),
            ])
            """
        )
        self.assertEqual(
            out,
            str(["NOT_SUPPORTED"] * 3 + ["SPACE_NOT_SUPPORTED", "SPACE_NOT_SUPPORTED", "GOAL_NEEDED", "NOT_SUPPORTED", "NOT_SUPPORTED", "SPACE_NEEDED"])
            + "\n",
        )

    def test_a_program_may_import_a_stand_in_itself(self) -> None:
        self.write(
            "program.py",
            """
            from curvewise.compat import optuna
            from curvewise.compat import ray as tune

            study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler())
            study.optimize(lambda trial: trial.suggest_int("n", 1, 3), n_trials=5)
            print(sorted(trial.value for trial in study.trials), tune.space({"a": {"b": tune.randint(0, 4)}, "c": 1}))
            """,
        )
        self.assertEqual(self.finish(self.python("program.py")), "[1.0, 2.0, 3.0] {'a.b': {'int': [0, 3]}}\n")

    def test_runs_modules_with_arguments_and_replaces_only_what_was_named(self) -> None:
        self.write(
            "nni.py",
            """
            def get_next_parameter():
                return {"x": "theirs"}

            def get_platform():
                return "theirs too"
            """,
        )
        self.write("tool.py", "import nni, sys\nprint(nni.get_next_parameter(), nni.get_platform(), sys.argv[1:])")

        def run(*arguments: str) -> str:
            return self.finish(self.start([sys.executable, "-m", "curvewise.compat", *arguments]))

        self.assertEqual(run("-m", "tool", "--x=1"), "{'x': 1} theirs too ['--x=1']\n")
        self.assertEqual(run("--as", "optuna", "tool.py", "-x"), "{'x': 'theirs'} theirs too ['-x']\n")
        wrong = self.start([sys.executable, "-m", "curvewise.compat", "--as", "keras-tuner", "tool.py"])
        self.finish(wrong, code=2)

    def test_scripts_run_without_a_study(self) -> None:
        self.assertEqual(self.by_hand("nni"), "STANDALONE 0\n")


if __name__ == "__main__":
    unittest.main()
