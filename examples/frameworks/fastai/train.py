"""fastai; the callback loads the model and its optimizer by itself when the training goes on."""

import curvewise
import torch
from curvewise.callbacks.fastai import CurvewiseCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.metrics import accuracy
from fastai.optimizer import SGD
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

trial = curvewise.trial({"lr": 0.1, "momentum": 0.9, "width": 32}, max_steps=16)
torch.manual_seed(trial.seed)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
data = DataLoaders(
    DataLoader(TensorDataset(x.float(), y), batch_size=64, shuffle=True),
    DataLoader(TensorDataset(x_valid.float(), y_valid), batch_size=270),
)
width = trial.params["width"]
learn = Learner(
    data,
    torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10)),
    loss_func=torch.nn.CrossEntropyLoss(),
    opt_func=lambda params, **given: SGD(params, mom=trial.params["momentum"], **given),
    metrics=accuracy,
    path=trial.dir,
    moms=None,
)
with learn.no_logging():
    learn.fit(trial.max_steps - trial.resume_step, trial.params["lr"], cbs=CurvewiseCallback(trial))
