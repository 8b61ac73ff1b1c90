"""Curvewise's samplers and schedulers in studies of Optuna and, without W&B's server, in a sweep's scheduler.

A tuner that is not installed here is skipped, and said to be: ``npm run test:tuners`` installs them all.
"""

import importlib.util
import json
import unittest
from typing import Any, Dict, List

from ..support import EngineTest

OPTUNA = """
    import json
    import curvewise, optuna
    from curvewise.optuna import CurvewisePruner, CurvewiseSampler
    from optuna.distributions import IntDistribution

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def code(attempt):
        try:
            attempt()
        except curvewise.CurvewiseError as error:
            return error.code

    def states(study):
        return [trial.state.name for trial in study.trials]

"""


@unittest.skipUnless(importlib.util.find_spec("optuna"), "optuna is not installed here")
class OptunaTest(EngineTest):
    def run_program(self, text: str) -> Any:
        import textwrap

        self.write("tune.py", textwrap.dedent(OPTUNA) + textwrap.dedent(text))
        return json.loads(self.finish(self.python("tune.py")))

    def test_a_sampler_and_a_pruner_share_a_study_which_knows_the_same_trials(self) -> None:
        told = self.run_program(
            """
            def objective(trial):
                x = trial.suggest_float("x", 1e-3, 10, log=True)
                units = trial.suggest_int("units", 8, 64, step=8)
                kind = trial.suggest_categorical("kind", [None, True, "a"])
                if kind:
                    trial.suggest_float("only", 0, 1)
                for step in range(9):
                    trial.report(x * units + 1 / (step + 1), step)
                    if trial.should_prune():
                        raise optuna.TrialPruned()
                return x * units

            pruner = CurvewisePruner({"median": {"startup": 2}}, max_steps=9)
            study = optuna.create_study(sampler=CurvewiseSampler("curve", pruner=pruner, seed=4), pruner=pruner)
            study.optimize(objective, n_trials=16)
            print(json.dumps([
                [[trial.params, trial.state.name, trial.intermediate_values] for trial in study.trials],
                pruner._driven.study.trials,
            ]))
            """
        )
        theirs, ours = told
        # The engine may have proposed the next one already.
        self.assertEqual(len(theirs), len([trial for trial in ours if trial["attempt"] > 0]))
        for (params, state, values), trial in zip(theirs, ours):
            self.assertEqual(trial["params"], {name: params[name] for name in ("x", "units", "kind")})
            self.assertEqual(trial["state"], {"COMPLETE": "complete", "PRUNED": "stopped"}[state])
            curve = {str(point["step"] - 1): point["value"] for point in trial["curve"]}
            self.assertEqual(curve, values)
        self.assertIn("PRUNED", [state for _, state, _ in theirs])
        self.assertIn("curve", [trial["sampler"] for trial in ours])

    def test_a_pruner_stops_what_another_sampler_proposes(self) -> None:
        told = self.run_program(
            """
            def objective(trial):
                x = trial.suggest_float("x", 0, 1)
                if trial.number == 3:
                    raise RuntimeError("three")
                for step in range(1, 10):
                    trial.report(x, step)
                    if trial.should_prune():
                        raise optuna.TrialPruned()
                return x

            pruner = CurvewisePruner({"asha": {"type": "stopping", "eta": 3}}, max_steps=9)
            study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1), pruner=pruner)
            study.optimize(objective, n_trials=12, catch=(RuntimeError,))
            print(json.dumps([states(study), [trial["state"] for trial in pruner._driven.study.trials]]))
            """
        )
        theirs, ours = told
        self.assertEqual({"COMPLETE", "PRUNED", "FAIL"}, set(theirs))
        # The one that failed before its first report is not known; the last one has not been told.
        self.assertEqual(ours.count("stopped") + ours.count("complete") + ours.count("running"), 11)

    def test_threads_try_each_combination_once_and_stop_the_study(self) -> None:
        told = self.run_program(
            """
            space = {"a": IntDistribution(0, 2), "b": IntDistribution(0, 2)}
            study = optuna.create_study(sampler=CurvewiseSampler("grid", space=space))
            study.optimize(
                lambda trial: trial.suggest_int("a", 0, 2) + trial.suggest_int("b", 0, 2), n_trials=40, n_jobs=3
            )
            print(json.dumps([[trial.params["a"], trial.params["b"]] for trial in study.trials]))
            """
        )
        self.assertEqual({tuple(each) for each in told}, {(a, b) for a in range(3) for b in range(3)})
        # Each thread may have begun one more before it knew.
        self.assertLess(len(told), 13)

    def test_tells_the_trials_that_optuna_has(self) -> None:
        told = self.run_program(
            """
            study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=2))
            objective = lambda trial: trial.suggest_float("x", 0, 1)
            study.optimize(objective, n_trials=5)
            study.sampler = CurvewiseSampler("random", seed=7)
            study.optimize(objective, n_trials=3)
            trial = study.ask()
            study.tell(trial, trial.suggest_float("x", 0, 1))
            ours = study.sampler._pruner._driven.study
            print(json.dumps([[trial.value for trial in study.trials], [trial["value"] for trial in ours.trials[:9]],
                              ours.best.value == study.best_value]))
            """
        )
        theirs, ours, same = told
        self.assertEqual((len(theirs), ours, same), (9, theirs, True))

    def test_refuses_what_it_cannot_do(self) -> None:
        told = self.run_program(
            """
            two = optuna.create_study(directions=["minimize", "minimize"], sampler=CurvewiseSampler(
                space={"x": IntDistribution(0, 2)}
            ))
            print(json.dumps([
                code(lambda: CurvewisePruner("hyperband")),
                code(lambda: CurvewisePruner({"asha": {"eta": 3}})),
                code(lambda: CurvewisePruner({"combine": {"schedulers": ["median", "lcm"]}})),
                code(lambda: CurvewiseSampler(pruner=CurvewisePruner(), max_steps=3)),
                code(lambda: two.ask().suggest_int("x", 0, 2)),
                code(lambda: CurvewisePruner({"combine": {"schedulers": [{"lcm": {"mode": "stop"}}, "patience"]}})),
            ]))
            """
        )
        self.assertEqual(told, ["SCHEDULER_PAUSES"] * 3 + ["OPTION_INVALID", "NOT_SUPPORTED", None])


@unittest.skipUnless(importlib.util.find_spec("wandb"), "wandb is not installed here")
class WandbTest(EngineTest):
    """Plays the scheduler of W&B, which asks, tells and prunes; what it does with a server is not part of this."""

    config: Dict[str, Any] = {
        "method": "bayes",
        "metric": {"name": "loss", "goal": "minimize"},
        "early_terminate": {"type": "hyperband", "max_iter": 9, "s": 2, "eta": 3},
        "parameters": {
            "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0},
            "model": {"parameters": {"layers": {"min": 1, "max": 4}, "name": {"values": ["a", "b"]}}},
            "epochs": {"value": 9},
        },
    }

    def optimizer(self, **options: Any) -> Any:
        from curvewise.wandb import CurvewiseOptimizer
        from wandb.sdk.sweeps.sweep_info import SweepInfo

        config = options.pop("config", self.config)
        sweep = SweepInfo("abc", "a sweep", "me", "demo", config, "controller")
        made = CurvewiseOptimizer(sweep, storage=self.path("curvewise.db"), seed=1, **options)
        self.addCleanup(made.close)
        return made

    def data(self, config: Any, state: str, values: List[float]) -> Any:
        from wandb.sdk.sweeps.run_state import RunState
        from wandb.sdk.sweeps.scheduler.optimizer import RunWithMetrics

        history = [{"_step": step, "loss": value} for step, value in enumerate(values)]
        return RunWithMetrics(config, RunState(state), "w", {"loss": values[-1]} if values else {}, history)

    def test_drives_a_sweep(self) -> None:
        optimizer = self.optimizer()
        states: List[str] = []
        for _ in range(6):
            suggestions = optimizer.ask_n_runs(2)
            self.assertEqual(len(suggestions), 2)
            live = {each.run_id: each.config for each in suggestions}
            for step in range(1, 10):
                for run_id, config in list(live.items()):
                    flat = config.flat_dict()
                    self.assertEqual(set(flat), {"lr", "model", "epochs"})
                    self.assertIn(flat["model"]["layers"], (1, 2, 3, 4))
                    data = self.data(config, "finished" if step == 9 else "running", [flat["lr"]] * step)
                    optimizer.tell_run(run_id, data)
                    # As W&B does: a run that was pruned is told of until it has stopped.
                    if list(optimizer.prune_runs([run_id], [data])) == [run_id]:
                        states.append("pruned")
                        optimizer.tell_run(run_id, self.data(config, "killed", [flat["lr"]] * step))
                        del live[run_id]
            states += ["finished"] * len(live)
        self.assertFalse(optimizer.should_terminate_sweep() or optimizer.has_terminator())
        trials = [trial for trial in optimizer._driven.study.trials if trial["attempt"] > 0]
        self.assertEqual(len(trials), 12)
        self.assertEqual([trial["state"] for trial in trials].count("stopped"), states.count("pruned"))
        self.assertGreater(states.count("pruned"), 0)
        self.assertEqual({trial["step"] for trial in trials if trial["state"] == "complete"}, {9})

    def test_begins_with_the_runs_that_a_sweep_has(self) -> None:
        from wandb.sdk.sweeps.run_state import RunState
        from wandb.sdk.sweeps.scheduler.optimizer import Run, RunConfig

        def config(lr: float, layers: int = 2) -> Any:
            return RunConfig.from_values(
                {"lr": lr, "model": {"layers": layers, "name": "a"}, "epochs": 9, "seed": 3}
            )

        optimizer = self.optimizer(scheduler="none", max_steps=9)
        optimizer.tell_existing_finished_run(self.data(config(0.5), "finished", [0.5, 0.25]))
        optimizer.tell_existing_finished_run(self.data(config(0.5, layers=9), "finished", [0.1]))
        optimizer.tell_existing_finished_run(self.data(config(0.6), "crashed", [0.1]))
        adopted = optimizer.tell_existing_active_run(Run(config(0.125), RunState.RUNNING, "w"))
        self.assertIsNone(optimizer.tell_existing_active_run(Run(config(2.0), RunState.RUNNING, "w")))
        optimizer.tell_run(adopted, self.data(config(0.125), "finished", [0.125]))
        (forgotten,) = optimizer.ask_n_runs(1)
        optimizer.forget_run(forgotten.run_id)
        first, second, third = optimizer._driven.study.trials[:3]
        self.assertEqual([trial["params"]["lr"] for trial in (first, second)], [0.5, 0.125])
        self.assertEqual([trial["value"] for trial in (first, second)], [0.25, 0.125])
        self.assertEqual(third["state"], "failed")

    def test_ends_when_the_grid_is_exhausted(self) -> None:
        config = {"method": "grid", "metric": {"name": "loss"}, "parameters": {"x": {"values": [1, 2, 3]}}}
        optimizer = self.optimizer(config=config)
        suggestions = optimizer.ask_n_runs(5)
        self.assertEqual(sorted(each.config.flat_dict()["x"] for each in suggestions), [1, 2, 3])
        self.assertIsNone(optimizer.ask_n_runs(1))
        for each in suggestions:
            optimizer.tell_run(each.run_id, self.data(each.config, "finished", [1.0]))
        self.assertEqual(optimizer.ask_n_runs(1), [])

    def test_refuses_what_it_cannot_do(self) -> None:
        import curvewise

        def code(**config: Any) -> str:
            with self.assertRaises(curvewise.CurvewiseError) as raised:
                self.optimizer(config={**self.config, **config})
            return raised.exception.code

        self.assertEqual(code(metric=None), "GOAL_NEEDED")
        self.assertEqual(code(metrics=[{"name": "a"}, {"name": "b"}]), "NOT_SUPPORTED")
        normal = {"x": {"distribution": "normal", "mu": 0, "sigma": 1}}
        self.assertEqual(code(parameters=normal), "SPACE_NOT_SUPPORTED")
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            self.optimizer(scheduler="hyperband")
        self.assertEqual(raised.exception.code, "SCHEDULER_PAUSES")


if __name__ == "__main__":
    unittest.main()
