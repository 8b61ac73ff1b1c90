"""Studies of Optuna that are run by hand under ``python -m curvewise.compat``, without Optuna."""

import json
import unittest

from .other_tuners import OtherTunerTest


class OptunaTest(OtherTunerTest):
    def test_an_objective_of_optuna_is_tuned_in_its_process(self) -> None:
        count, pruned, complete, best, params = self.by_hand("optuna").split(maxsplit=4)
        self.assertEqual((count, params.strip()), ("12", "['scale', 'x']"))
        self.assertGreater(int(pruned), 0)
        self.assertEqual(int(pruned) + int(complete), 12)
        self.assertEqual(len(self.told("status")["studies"]), 1)

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


if __name__ == "__main__":
    unittest.main()
