"""Real trainings of other libraries, tuned with a scheduler that pauses them; each library is a test of its own.

A library that is not installed here is skipped, and said to be: ``npm run test:frameworks`` installs them all.
"""

import glob
import importlib.util
import json
import textwrap
import unittest
from typing import Dict, List

from ..support import EngineTest

#: Two classes that a straight line does not separate; the validation set has other points.
DATA = """
    import os
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import numpy
    import curvewise

    def points(count, seed):
        random = numpy.random.default_rng(seed)
        x = random.normal(size=(count, 4)).astype("float32")
        return x, (x[:, 0] * x[:, 1] + 0.3 * random.normal(size=count) > 0).astype("int64")

    (x, y), (x_valid, y_valid) = points(300, 1), points(300, 2)
    trial = curvewise.trial(max_steps=9)
    left = trial.max_steps - trial.resume_step
"""

PROGRAMS: Dict[str, Dict[str, str]] = {
    "xgboost": {
        "metric": "valid-logloss",
        "program": """
            import xgboost
            from curvewise.callbacks.xgboost import CurvewiseCallback

            train, valid = xgboost.DMatrix(x, y), xgboost.DMatrix(x_valid, y_valid)
            params = {"objective": "binary:logistic", "eta": trial.params["rate"], "nthread": 1, "seed": trial.seed % 2**31}
            xgboost.train(
                params, train, left, [(train, "train"), (valid, "valid")],
                callbacks=[CurvewiseCallback(trial)], xgb_model=trial.resume, verbose_eval=False,
            )
        """,
    },
    "lightgbm": {
        "metric": "valid_0's binary_logloss",
        "program": """
            import lightgbm
            from curvewise.callbacks.lightgbm import CurvewiseCallback

            params = {"objective": "binary", "learning_rate": trial.params["rate"], "num_threads": 1, "verbose": -1}
            train = lightgbm.Dataset(x, y)
            lightgbm.train(
                params, train, left, valid_sets=[lightgbm.Dataset(x_valid, y_valid, reference=train)],
                callbacks=[CurvewiseCallback(trial)], init_model=trial.resume,
            )
        """,
    },
    "catboost": {
        "metric": "validation Logloss",
        "program": """
            from catboost import CatBoostClassifier
            from curvewise.callbacks.catboost import CurvewiseCallback

            callback = CurvewiseCallback(trial)
            model = CatBoostClassifier(
                iterations=left, learning_rate=trial.params["rate"], thread_count=1, verbose=False,
                allow_writing_files=False, use_best_model=False,
            )
            model.fit(x, y, eval_set=(x_valid, y_valid), callbacks=[callback], init_model=trial.resume)
            callback.save(model)
        """,
    },
    "sklearn": {
        "metric": "loss",
        "program": """
            from sklearn.linear_model import SGDClassifier
            from sklearn.metrics import log_loss
            from curvewise.callbacks.sklearn import partial_fit

            model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=trial.params["rate"], random_state=1)
            partial_fit(
                trial, model, x, y,
                lambda fitted: {"loss": log_loss(y_valid, fitted.predict_proba(x_valid), labels=[0, 1])},
                classes=[0, 1],
            )
        """,
    },
    "sklearn, warm start": {
        "module": "sklearn",
        "metric": "loss",
        "program": """
            from sklearn.ensemble import GradientBoostingClassifier
            from sklearn.metrics import log_loss
            from curvewise.callbacks.sklearn import warm_start

            model = GradientBoostingClassifier(learning_rate=trial.params["rate"], random_state=1)
            warm_start(
                trial, model, x, y,
                lambda fitted: {"loss": log_loss(y_valid, fitted.predict_proba(x_valid), labels=[0, 1])},
                by=2,
            )
        """,
    },
    "keras": {
        "metric": "val_loss",
        "program": """
            os.environ.setdefault("KERAS_BACKEND", "jax")
            import keras
            from curvewise.callbacks.keras import CurvewiseCallback

            keras.utils.set_random_seed(trial.seed % 2**31)
            if trial.resume:
                model = keras.models.load_model(trial.resume)
            else:
                model = keras.Sequential([
                    keras.layers.Input((4,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2, "softmax"),
                ])
                optimizer = keras.optimizers.SGD(trial.params["rate"], momentum=0.9)
                model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(
                x, y, validation_data=(x_valid, y_valid), verbose=0,
                initial_epoch=trial.resume_step, epochs=trial.max_steps, callbacks=[CurvewiseCallback(trial)],
            )
        """,
    },
    "lightning": {
        "metric": "val_loss",
        "program": """
            import warnings
            warnings.filterwarnings("ignore")
            import lightning
            import torch
            from torch.utils.data import DataLoader, TensorDataset
            from curvewise.callbacks.lightning import CurvewiseCallback

            torch.set_num_threads(1)

            class Module(lightning.LightningModule):
                def __init__(self):
                    super().__init__()
                    self.net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))

                def training_step(self, batch, index):
                    return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

                def validation_step(self, batch, index):
                    self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

                def configure_optimizers(self):
                    return torch.optim.SGD(self.parameters(), trial.params["rate"], momentum=0.9)

            lightning.seed_everything(trial.seed % 2**31, verbose=False)
            loader = lambda a, b: DataLoader(TensorDataset(torch.tensor(a), torch.tensor(b)), 50)
            trainer = lightning.Trainer(
                max_epochs=trial.max_steps, callbacks=[CurvewiseCallback(trial)], accelerator="cpu", logger=False,
                enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            )
            trainer.fit(Module(), loader(x, y), loader(x_valid, y_valid), ckpt_path=trial.resume)
        """,
    },
    "transformers": {
        "metric": "eval_loss",
        "program": """
            import torch
            from transformers import Trainer, TrainingArguments
            from curvewise.callbacks.transformers import CurvewiseCallback

            torch.set_num_threads(1)
            torch.manual_seed(trial.seed % 2**31)

            class Net(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    self.net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))

                def forward(self, inputs, labels):
                    logits = self.net(inputs)
                    return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

            rows = lambda a, b: [{"inputs": torch.tensor(p), "labels": int(q)} for p, q in zip(a, b)]
            arguments = TrainingArguments(
                output_dir=os.path.join(trial.dir, "hf"), num_train_epochs=trial.max_steps,
                learning_rate=trial.params["rate"] / 10, per_device_train_batch_size=50, eval_strategy="epoch",
                save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True, logging_strategy="no",
            )
            trainer = Trainer(
                Net(), arguments, train_dataset=rows(x, y), eval_dataset=rows(x_valid, y_valid),
                callbacks=[CurvewiseCallback(trial)],
            )
            trainer.train(resume_from_checkpoint=trial.resume)
        """,
    },
    "fastai": {
        "metric": "valid_loss",
        "program": """
            import torch
            from torch.utils.data import DataLoader, TensorDataset
            from fastai.data.core import DataLoaders
            from fastai.learner import Learner
            from fastai.optimizer import SGD
            from curvewise.callbacks.fastai import CurvewiseCallback

            torch.set_num_threads(1)
            torch.manual_seed(trial.seed % 2**31)
            net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
            loader = lambda a, b: DataLoader(TensorDataset(torch.tensor(a), torch.tensor(b)), 50)
            learn = Learner(
                DataLoaders(loader(x, y), loader(x_valid, y_valid)), net, loss_func=torch.nn.CrossEntropyLoss(),
                opt_func=SGD, path=trial.dir,
            )
            with learn.no_logging():
                learn.fit(left, trial.params["rate"], cbs=CurvewiseCallback(trial))
        """,
    },
}


class Callbacks(EngineTest):
    """A test for each library."""

    def try_library(self, metric: str, program: str) -> None:
        self.write("train.py", textwrap.dedent(DATA) + textwrap.dedent(program))
        self.study_file(
            goal={"minimize": metric},
            space={"rate": {"float": [0.003, 0.5], "log": True}},
            # At the end it goes on with the most promising of those that it paused.
            scheduler="lcm",
            sampler="random",
            maxSteps=9,
            budget={"trials": 12},
        )
        run = self.engine("run", "study.yaml")
        out, error = run.communicate(timeout=900)
        self.assertEqual(run.returncode, 0, f"{out}\n{error}")
        self.assertNotIn("failed", error)
        exported = self.engine("export", "s", "--format", "jsonl").communicate()[0]
        trials: List[Dict[str, object]] = [json.loads(line) for line in exported.splitlines()]
        states = [trial["state"] for trial in trials]
        self.assertIn("paused", states)
        self.assertIn("complete", states)
        for trial in trials:
            curve = trial["curve"]
            assert isinstance(curve, list)
            self.assertEqual([point["step"] for point in curve], list(range(1, len(curve) + 1)), error)
            if trial["state"] == "complete":
                self.assertEqual(len(curve), 9, error)
            self.assertTrue(all(point[metric] > 0 for point in curve))
        resumed = glob.glob(self.path("curvewise-files", "s", "trial-*", "output-2.log"))
        self.assertTrue(resumed, "no training went on from a snapshot")


def _add(name: str, metric: str, program: str, module: str) -> None:
    def test(self: Callbacks) -> None:
        self.try_library(metric, program)

    has = importlib.util.find_spec(module) is not None
    checked = unittest.skipUnless(has, f"{module} is not installed here")(test)
    setattr(Callbacks, f"test_{name.replace(', ', '_').replace(' ', '_')}", checked)


for _name, _entry in PROGRAMS.items():
    _add(_name, _entry["metric"], _entry["program"], _entry.get("module", _name))
