"""Lightning, as it is: its CSVLogger writes metrics.csv, and it saves a checkpoint after each epoch."""

import argparse

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--max_epochs", type=int, default=16)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--log_dir", default="logs")
parser.add_argument("--ckpt_path", help="a checkpoint to go on from")
args = parser.parse_args()


class Digits(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, args.width), torch.nn.ReLU(), torch.nn.Linear(args.width, 10))

    def training_step(self, batch, _):
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), args.lr, momentum=0.9)


lightning.seed_everything(args.seed)
images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
trainer = lightning.Trainer(
    max_epochs=args.max_epochs,
    accelerator="cpu",
    logger=CSVLogger(args.log_dir, flush_logs_every_n_steps=1),
    log_every_n_steps=10,
    callbacks=[ModelCheckpoint(args.log_dir, save_top_k=-1)],
)
trainer.fit(
    Digits(),
    DataLoader(TensorDataset(x.float(), y), batch_size=32, shuffle=True),
    DataLoader(TensorDataset(x_valid.float(), y_valid), batch_size=270),
    ckpt_path=args.ckpt_path,
)
