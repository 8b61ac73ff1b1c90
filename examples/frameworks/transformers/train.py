"""Hugging Face's Trainer. A step is an evaluation, and a snapshot one of the Trainer's checkpoints."""

import os

import curvewise
import torch
from curvewise.callbacks.transformers import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from transformers import Trainer, TrainerCallback, TrainingArguments

trial = curvewise.trial({"lr": 0.01, "width": 32}, max_steps=16)
torch.manual_seed(trial.seed)


class Digits(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10))

    def forward(self, inputs, labels):
        logits = self.net(inputs)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


class OwnRate(TrainerCallback):
    """In a population, the learning rate is another one than that in the checkpoint."""

    def on_train_begin(self, args, state, control, lr_scheduler=None, **_):
        lr_scheduler.base_lrs = [args.learning_rate for _ in lr_scheduler.base_lrs]


def rows(inputs, labels):
    return [{"inputs": one, "labels": int(label)} for one, label in zip(inputs.float(), labels)]


images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
arguments = TrainingArguments(
    output_dir=os.path.join(trial.dir, "checkpoints"),
    num_train_epochs=trial.max_steps,
    learning_rate=trial.params["lr"],
    per_device_train_batch_size=64,
    per_device_eval_batch_size=270,
    eval_strategy="epoch",
    save_strategy="no",  # the callback saves when it is asked for
    logging_strategy="no",
    seed=trial.seed,
    report_to=[],
    use_cpu=True,
    disable_tqdm=True,
)
trainer = Trainer(
    Digits(trial.params["width"]),
    arguments,
    train_dataset=rows(x, y),
    eval_dataset=rows(x_valid, y_valid),
    callbacks=[CurvewiseCallback(trial), OwnRate()],
)
trainer.train(resume_from_checkpoint=trial.resume)
