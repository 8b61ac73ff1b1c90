"""A training loop in PyTorch, which saves a model and its optimizer and goes on from them."""

import curvewise
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

trial = curvewise.trial({"lr": 0.1, "momentum": 0.9, "width": 32}, max_steps=16)
torch.manual_seed(trial.seed)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
loader = DataLoader(TensorDataset(x.float(), y), batch_size=64, shuffle=True)

width = trial.params["width"]
model = torch.nn.Sequential(torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, 10))
optimizer = torch.optim.SGD(model.parameters())
if trial.resume:
    saved = torch.load(trial.resume)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
# After the optimizer was loaded: in a population, the params are other ones than those of the model that was copied.
for group in optimizer.param_groups:
    group.update(lr=trial.params["lr"], momentum=trial.params["momentum"])

for step in trial.steps():
    for inputs, targets in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    with torch.no_grad():
        outputs = model(x_valid.float())
    val_loss = torch.nn.functional.cross_entropy(outputs, y_valid)
    accuracy = (outputs.argmax(1) == y_valid).float().mean()
    trial.report(step, val_loss=val_loss, accuracy=accuracy)
    if trial.should_save(step):
        with trial.save(step, ".pt") as path:
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
