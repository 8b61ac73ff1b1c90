"""Training programs as other tuners' documentation has them: none of them knows of Curvewise."""

import sys
from typing import Any, Dict, List

from .support import EngineTest

OPTUNA = """
    import optuna

    def objective(trial):
        x = trial.suggest_float("x", -10, 10)
        scale = trial.suggest_categorical("scale", ["linear", "square"])
        for step in range(9):
            loss = abs(x - 2) ** (1 if scale == "linear" else 2) + 1 / (step + 1)
            trial.report(loss, step)
            if trial.should_prune():
                raise optuna.TrialPruned()
        return loss

    if __name__ == "__main__":
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=3),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
        )
        study.optimize(objective, n_trials=12)
        states = [trial.state for trial in study.trials]
        pruned = states.count(optuna.trial.TrialState.PRUNED)
        complete = states.count(optuna.trial.TrialState.COMPLETE)
        print(len(states), pruned, complete, study.best_trial.number, sorted(study.best_params))
        assert study.best_value == min(trial.value for trial in study.trials if trial.state.name == "COMPLETE")
"""

RAY = """
    import json, os, tempfile
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    def train_model(config):
        start, total = 0, 0.0
        checkpoint = tune.get_checkpoint()
        if checkpoint:
            with checkpoint.as_directory() as folder:
                with open(os.path.join(folder, "state.json")) as file:
                    state = json.load(file)
            start, total = state["step"], state["total"]
        for step in range(start + 1, 28):
            total += config["model"]["x"] * config["weight"]
            with tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "state.json"), "w") as file:
                    json.dump({"step": step, "total": total}, file)
                tune.report(
                    {"loss": total / step, "begun": start}, checkpoint=tune.Checkpoint.from_directory(folder)
                )

    if __name__ == "__main__":
        tuner = tune.Tuner(
            train_model,
            param_space={"model": {"x": tune.uniform(0, 1)}, "weight": 2.0},
            tune_config=tune.TuneConfig(
                metric="loss",
                mode="min",
                num_samples=9,
                max_concurrent_trials=2,
                scheduler=ASHAScheduler(max_t=27, grace_period=1, reduction_factor=3),
            ),
        )
        results = tuner.fit()
        best = results.get_best_result()
        steps = sorted(result.metrics["training_iteration"] for result in results)
        print(len(results), results.num_errors, steps[0], steps[-1])
        assert best.metrics["loss"] == min(each.metrics["loss"] for each in results), best
        assert abs(best.metrics["loss"] - 2 * best.config["model"]["x"]) < 1e-9
        with best.checkpoint.as_directory() as folder:
            with open(os.path.join(folder, "state.json")) as file:
                assert json.load(file)["step"] == best.metrics["training_iteration"]
"""

SYNE_TUNE = """
    import argparse, json, os
    from syne_tune import Reporter

    if __name__ == "__main__":
        parser = argparse.ArgumentParser()
        parser.add_argument("--x", type=float, required=True)
        parser.add_argument("--epochs", type=int, default=27)
        parser.add_argument("--st_checkpoint_dir", type=str)
        args = parser.parse_args()

        start = 0
        file = os.path.join(args.st_checkpoint_dir, "state.json") if args.st_checkpoint_dir else None
        if file and os.path.exists(file):
            with open(file) as opened:
                start = json.load(opened)["epoch"]
        report = Reporter()
        for epoch in range(start + 1, args.epochs + 1):
            if file:
                os.makedirs(args.st_checkpoint_dir, exist_ok=True)
                with open(file, "w") as opened:
                    json.dump({"epoch": epoch}, opened)
            report(epoch=epoch, loss=args.x + 1 / epoch, begun=start)
"""

NNI = """
    import nni

    params = {"x": 0.5, "units": 16}
    params.update(nni.get_next_parameter())
    for epoch in range(1, 10):
        loss = params["x"] + 1 / epoch
        nni.report_intermediate_result({"default": loss, "units": params["units"]})
    nni.report_final_result(loss)
    print(nni.get_trial_id(), nni.get_sequence_id())
"""

ORION = """
    import argparse
    from orion.client import report_objective

    parser = argparse.ArgumentParser()
    parser.add_argument("-x", type=float, required=True)
    args = parser.parse_args()
    report_objective((args.x - 0.34) ** 2 + 23.4)
"""

WANDB = """
    import wandb

    def main():
        with wandb.init(project="demo", config={"x": 0.5, "epochs": 9}) as run:
            for epoch in range(run.config.epochs):
                run.log({"epoch": epoch, "loss": wandb.config["x"] + 1 / (epoch + 1), "note": "a text"})

    if __name__ == "__main__":
        main()
"""

HYDRA = """
    import hydra
    from omegaconf import DictConfig

    @hydra.main(version_base=None, config_path=".", config_name="config")
    def train(cfg: DictConfig) -> float:
        print("name", cfg.model.name)
        return cfg.x ** 2 + len(cfg.model.layers)

    if __name__ == "__main__":
        train()
"""

PROGRAMS: Dict[str, str] = {
    "optuna": OPTUNA,
    "ray": RAY,
    "syne_tune": SYNE_TUNE,
    "nni": NNI,
    "orion": ORION,
    "wandb": WANDB,
    "hydra": HYDRA,
}


class OtherTunerTest(EngineTest):
    """A test of a program that was written for another tuner."""

    def log(self, number: int = 0, attempt: int = 1) -> str:
        """What a trial's program printed."""
        path = self.path("curvewise-files", "s", f"trial-{number}", f"output-{attempt}.log")
        with open(path, encoding="utf-8") as file:
            return file.read()

    def tune(self, tool: str, *arguments: str, code: int = 0, **entries: object) -> List[Dict[str, Any]]:
        """Runs a study of a tool's program, and returns its trials."""
        self.write("train.py", PROGRAMS[tool])
        command = [sys.executable, "-m", "curvewise.compat", *arguments, "train.py"]
        self.finish(self.engine("run", self.study_file(**{"command": command, **entries}), "--quiet"), code=code)
        found: List[Dict[str, Any]] = self.told("trials", "s")["trials"]
        return found

    def by_hand(self, tool: str, **environment: str) -> str:
        """Runs a tool's program by hand, and returns what it printed."""
        self.write("train.py", PROGRAMS[tool])
        return self.finish(
            self.start([sys.executable, "-m", "curvewise.compat", "train.py"], **environment)
        )

    def run_program(self, text: str, *arguments: str, code: int = 0) -> str:
        self.write("program.py", text)
        return self.finish(self.start([sys.executable, "-m", "curvewise.compat", *arguments, "program.py"]), code=code)
