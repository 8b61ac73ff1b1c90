"""Programs of other tuners that are run by hand under ``python -m curvewise.compat``, without those tuners."""

import json
import sys
import unittest

from .other_tuners import OtherTunerTest


class ByHandTest(OtherTunerTest):
    def test_an_objective_of_optuna_is_tuned_in_its_process(self) -> None:
        count, pruned, complete, best, params = self.by_hand("optuna").split(maxsplit=4)
        self.assertEqual((count, params.strip()), ("12", "['scale', 'x']"))
        self.assertGreater(int(pruned), 0)
        self.assertEqual(int(pruned) + int(complete), 12)
        self.assertEqual(len(self.told("status")["studies"]), 1)

    def test_a_trainable_of_ray_is_tuned_in_processes(self) -> None:
        self.assertEqual(self.by_hand("ray"), "9 0 1 27\n")

    def test_scripts_run_without_a_study(self) -> None:
        self.assertEqual(self.by_hand("nni"), "STANDALONE 0\n")
        self.write("train.py", "")

    def run_program(self, text: str, *arguments: str, code: int = 0) -> str:
        self.write("program.py", text)
        return self.finish(self.start([sys.executable, "-m", "curvewise.compat", *arguments, "program.py"]), code=code)

    def test_studies_of_optuna_go_on_stop_and_fail_as_optuna_has_it(self) -> None:
        out = self.run_program(
            """
            import json, threading
            import optuna

            calls, names = [], set()

            def objective(trial):
                calls.append(trial.number)
                names.add(threading.current_thread().name)
                trial.set_user_attr("half", trial.suggest_int("n", 0, 100) / 2)
                if trial.number == 4:
                    raise ValueError("four")
                return trial.params["n"]

            def stop_at_six(study, trial):
                if trial.number == 6:
                    study.stop()

            def again(**options):
                return optuna.create_study(study_name="a study", storage="sqlite:///kept.db", **options)

            study = again()
            study.enqueue_trial({"n": 77})
            study.optimize(objective, n_trials=3)
            first = [study.trials[0].params["n"], len(study.trials), sorted(names)]
            try:
                again()
            except optuna.exceptions.DuplicatedStudyError:
                first.append("duplicated")
            study = again(load_if_exists=True)
            try:
                study.optimize(objective, n_trials=4)
            except ValueError as error:
                first.append(str(error))
            study.optimize(objective, n_trials=20, catch=(ValueError,), callbacks=[stop_at_six])
            study.optimize(objective, n_trials=4, n_jobs=2)
            loaded = optuna.load_study(study_name="a study", storage="sqlite:///kept.db")
            trials, best, ours = loaded.trials, loaded.best_trial, study.best_trial
            optuna.delete_study(study_name="a study", storage="sqlite:///kept.db")
            try:
                optuna.load_study(study_name="a study", storage="sqlite:///kept.db")
            except KeyError:
                first.append("deleted")
            print(json.dumps(first + [
                len(trials), len(calls), trials[4].state.name, best.value == best.params["n"],
                best.user_attrs["half"] == best.value / 2, ours.intermediate_values, best.duration.total_seconds() >= 0,
            ]))
            """,
        )
        self.assertEqual(
            json.loads(out),
            [77, 3, ["MainThread"], "duplicated", "four", "deleted", 11, 11, "FAIL", True, True, {}, True],
        )

    def test_optuna_asks_and_tells(self) -> None:
        out = self.run_program(
            """
            import optuna
            from optuna.distributions import FloatDistribution

            study = optuna.create_study(direction="maximize")
            for _ in range(4):
                trial = study.ask({"x": FloatDistribution(0, 1)})
                study.tell(trial, trial.params["x"])
            failed = study.ask({"x": FloatDistribution(0, 1)})
            study.tell(failed, state=optuna.trial.TrialState.FAIL)
            print(len(study.trials), study.best_value == max(trial.value for trial in study.trials[:4]))
            """
        )
        self.assertEqual(out, "5 True\n")

    def test_samplers_and_pruners_of_optuna_become_ours(self) -> None:
        out = self.run_program(
            """
            import optuna

            def objective(trial):
                x = trial.suggest_categorical("x", [1, 2, 3])
                y = trial.suggest_float("y", 0, 1)
                for step in range(1, 28):
                    trial.report(x + y, step)
                    if trial.should_prune():
                        raise optuna.TrialPruned()
                return x + y

            grid = optuna.create_study(
                sampler=optuna.samplers.GridSampler({"x": [1, 3], "y": [0.25, 0.5]}), pruner=optuna.pruners.NopPruner()
            )
            grid.optimize(objective, n_trials=10)
            print([[trial.params["x"], trial.params["y"], trial.last_step] for trial in grid.trials])
            for pruner in (
                optuna.pruners.SuccessiveHalvingPruner(reduction_factor=3),
                optuna.pruners.HyperbandPruner(max_resource=27),
                optuna.pruners.ThresholdPruner(upper=2.5),
                optuna.pruners.PatientPruner(None, patience=3),
            ):
                study = optuna.create_study(
                    pruner=pruner, sampler=optuna.samplers.PartialFixedSampler({"y": 0.5}, optuna.samplers.RandomSampler(seed=1))
                )
                study.optimize(objective, n_trials=6)
                print(sorted({trial.last_step for trial in study.trials}), {trial.params["y"] for trial in study.trials})
            """
        )
        grid, halving, hyperband, threshold, patient = out.splitlines()
        self.assertEqual(json.loads(grid), [[x, y, 27] for x in (1, 3) for y in (0.25, 0.5)])
        self.assertTrue(halving.startswith("[1, ") and halving.endswith("27] {0.5}"), halving)
        self.assertTrue(hyperband.endswith("27] {0.5}"), hyperband)
        self.assertEqual(threshold, "[1, 27] {0.5}")
        self.assertEqual(patient, "[5] {0.5}")

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


if __name__ == "__main__":
    unittest.main()
