"""A Lightning module. Its checkpoints hold the optimizer, with the learning rate of the trial that saved them."""

import warnings

import curvewise
import lightning
import torch
from curvewise.callbacks.lightning import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore", ".*does not have many workers.*")
trial = curvewise.trial({"lr": 0.1, "momentum": 0.9, "width": 32}, max_steps=16)
lightning.seed_everything(trial.seed, verbose=False)


class Digits(lightning.LightningModule):
    def __init__(self, width):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10))

    def training_step(self, batch, _):
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, _):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), trial.params["lr"], trial.params["momentum"])

    def on_train_start(self):  # in a population, the params are other ones than those in the checkpoint
        for group in self.optimizers().param_groups:
            group.update(lr=trial.params["lr"], momentum=trial.params["momentum"])


images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
trainer = lightning.Trainer(
    max_epochs=trial.max_steps,
    callbacks=[CurvewiseCallback(trial)],
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(
    Digits(trial.params["width"]),
    DataLoader(TensorDataset(x.float(), y), batch_size=64, shuffle=True),
    DataLoader(TensorDataset(x_valid.float(), y_valid), batch_size=270),
    ckpt_path=trial.resume,
)
