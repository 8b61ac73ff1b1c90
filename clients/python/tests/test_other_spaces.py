"""Other tuners' spaces, overrides and schedulers in the terms of a study."""

import math
import unittest
from typing import Any

from .support import SOURCE  # noqa: F401

import curvewise
from curvewise._driven import stopping_only
from curvewise._sweep_space import early_terminate_of, fits, flat, nested, space as sweep_space
from curvewise.compat import _ray_space as ray
from curvewise.compat._optuna_algorithms import HyperbandPruner, MedianPruner, TPESampler, sampler_of, scheduler_of
from curvewise.compat.hydra import overrides


class RaySpaceTest(unittest.TestCase):
    space = {
        "lr": ray.loguniform(1e-4, 1),
        "model": {"units": ray.randint(8, 65), "act": ray.choice(["relu", "tanh"]), "deep": {"drop": ray.quniform(0, 1, 0.25)}},
        "steps": ray.grid_search([1, 2]),
        "other": {"grid_search": ["a", "b"]},
        "data": object,
    }

    def test_names_nested_params_and_leaves_constants_out(self) -> None:
        self.assertEqual(
            ray.space(self.space),
            {
                "lr": {"float": [1e-4, 1], "log": True},
                "model.units": {"int": [8, 64]},
                "model.act": {"choice": ["relu", "tanh"]},
                "model.deep.drop": {"float": [0, 1], "step": 0.25},
                "steps": {"choice": [1, 2]},
                "other": {"choice": ["a", "b"]},
            },
        )
        self.assertEqual(
            ray.grid_of(self.space), [{"steps": steps, "other": other} for steps in (1, 2) for other in ("a", "b")]
        )
        self.assertIsNone(ray.grid_of({"lr": ray.uniform(0, 1)}))

    def test_puts_params_in_their_places(self) -> None:
        params = {"lr": 0.1, "model.units": 9, "model.act": "relu", "model.deep.drop": 0.5, "steps": 2, "other": "a", "more": 1}
        self.assertEqual(
            ray.config_of(self.space, params),
            {
                "lr": 0.1,
                "model": {"units": 9, "act": "relu", "deep": {"drop": 0.5}},
                "steps": 2,
                "other": "a",
                "data": object,
                "more": 1,
            },
        )
        with self.assertRaises(curvewise.CurvewiseError) as raised:
            ray.config_of(self.space, {"lr": 0.1})
        self.assertEqual(raised.exception.code, "PARAM_UNKNOWN")
        self.assertIn("model.units", raised.exception.message)


class SweepSpaceTest(unittest.TestCase):
    parameters = {
        "lr": {"distribution": "log_uniform", "min": -2, "max": 0},
        "units": {"distribution": "q_uniform", "q": 8, "min": 5, "max": 30},
        "model": {"parameters": {"layers": {"min": 1, "max": 4}, "drop": {"min": 0.0, "max": 1}}},
        "epochs": {"value": 9},
        "kind": {"values": ["a", None, 3]},
    }

    def test_is_a_space(self) -> None:
        self.assertEqual(
            sweep_space(self.parameters),
            {
                "lr": {"float": [math.exp(-2), 1], "log": True},
                "units": {"float": [8, 24], "step": 8},
                "model.layers": {"int": [1, 4]},
                "model.drop": {"float": [0.0, 1]},
                "epochs": {"fixed": 9},
                "kind": {"choice": ["a", None, 3]},
            },
        )

    def test_nests_params_and_finds_them_in_configs(self) -> None:
        space = sweep_space(self.parameters)
        params = {"lr": 0.5, "units": 8, "model.layers": 2, "model.drop": 0.5, "epochs": 9, "kind": None}
        config = nested(self.parameters, params)
        self.assertEqual(config["model"], {"layers": 2, "drop": 0.5})
        self.assertEqual(flat({**config, "seed": 1, "deep": {"er": 2}}, space), params)
        self.assertTrue(all(fits(space[name], value) for name, value in params.items()))
        wrong = {"lr": 2, "units": "8", "model.layers": 9, "model.drop": None, "epochs": 8, "kind": "b"}
        self.assertFalse(any(fits(space[name], value) for name, value in wrong.items()))

    def test_takes_over_how_runs_are_stopped(self) -> None:
        # The brackets of W&B's Hyperband begin at max_iter / eta^s, or at min_iter.
        rule = {"type": "hyperband", "s": 2, "eta": 3, "max_iter": 27}
        self.assertEqual(
            early_terminate_of({"early_terminate": rule}), ({"asha": {"type": "stopping", "eta": 3, "minSteps": 3}}, 27)
        )
        scheduler, _ = early_terminate_of({"early_terminate": {"type": "hyperband", "min_iter": 4}})
        self.assertEqual(scheduler, {"asha": {"type": "stopping", "eta": 3, "minSteps": 4}})
        self.assertEqual(early_terminate_of({}), (None, None))


class HydraTest(unittest.TestCase):
    def test_appends_the_params_that_the_command_lacks(self) -> None:
        params = {"lr": 0.1, "model.name": "it's", "amp": True, "layers": [8, "a b"], "seed": None}
        self.assertEqual(
            overrides(params, ["train.py", "+lr=1", "db=mysql"], "/trial"),
            ["model.name='it\\'s'", "amp=true", "layers=[8,'a b']", "seed=null", "hydra.run.dir='/trial/hydra'"],
        )


class AlgorithmsTest(unittest.TestCase):
    def test_a_sampler_is_the_nearest_that_the_engine_has(self) -> None:
        space: Any = {"x": {"float": [0, 1]}}
        self.assertEqual(sampler_of(TPESampler(seed=3), space, ["random", "tpe"])[0::2], ("tpe", 3))
        self.assertEqual(sampler_of(None, space, ["random"])[0], "random")

    def test_a_pruner_stops_at_the_steps_of_optuna(self) -> None:
        # Optuna's step 5 is step 6.
        self.assertEqual(
            scheduler_of(MedianPruner(7, 5), "loss", None),
            ({"median": {"startup": 7, "warmup": 6, "every": 1}}, None),
        )
        # floor(log_3(81 / 1)) + 1 brackets.
        self.assertEqual(
            scheduler_of(HyperbandPruner(max_resource=81), "loss", None),
            ({"asha": {"type": "stopping", "eta": 3, "minSteps": 1, "brackets": 5}}, 81),
        )

    def test_only_schedulers_that_stop_trials_for_good_can_serve_others(self) -> None:
        stopping_only({"combine": {"schedulers": ["patience", {"lcm": {"mode": "poster"}}]}})
        for pausing in ("asha", "lcm", "discard", "pbt", {"module": "./mine.mjs"}):
            with self.subTest(pausing), self.assertRaises(curvewise.CurvewiseError) as raised:
                stopping_only(pausing)
            self.assertEqual(raised.exception.code, "SCHEDULER_PAUSES")


if __name__ == "__main__":
    unittest.main()
