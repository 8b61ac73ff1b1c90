"""fastai, as it is: it prints each epoch, and its SaveModelCallback saves a model after each."""

import argparse
import re

import torch
from fastai.callback.all import *
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.metrics import accuracy
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=16)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--folder", default=".")
parser.add_argument("--resume", help="a model that was saved")
args = parser.parse_args()

torch.manual_seed(args.seed)
images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
data = DataLoaders(
    DataLoader(TensorDataset(x.float(), y), batch_size=16, shuffle=True),
    DataLoader(TensorDataset(x_valid.float(), y_valid), batch_size=270),
)
net = torch.nn.Sequential(torch.nn.Linear(64, args.width), torch.nn.ReLU(), torch.nn.Linear(args.width, 10))
learn = Learner(data, net, loss_func=torch.nn.CrossEntropyLoss(), metrics=accuracy, path=args.folder, model_dir=".")
done = 0
if args.resume:
    learn.load(args.resume.removesuffix(".pth"))
    done = int(re.search(r"model_(\d+)", args.resume)[1]) + 1
learn.fit(args.epochs, args.lr, start_epoch=done, cbs=SaveModelCallback(every_epoch=True, with_opt=True))
