"""Digits with PyTorch, in the manner of the example `mnist` of PyTorch: what it prints is all that it tells.

It saves its model at the end only, so it cannot be paused.
"""

import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=16)
parser.add_argument("--lr", type=float, default=1.0)
parser.add_argument("--gamma", type=float, default=0.7, help="the learning rate is multiplied by it after each epoch")
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--save-model", metavar="PATH")
args = parser.parse_args()

torch.manual_seed(args.seed)
images, labels = load_digits(return_X_y=True)
x, x_test, y, y_test = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
x, x_test = x.float(), x_test.float()
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 10))
optimizer = torch.optim.Adadelta(model.parameters(), lr=args.lr)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, args.gamma)
for epoch in range(1, args.epochs + 1):
    model.train()
    for number, batch in enumerate(torch.randperm(len(x)).split(args.batch_size)):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        if number % 10 == 0:
            seen = number * args.batch_size
            print(f"Train Epoch: {epoch} [{seen}/{len(x)} ({100 * seen / len(x):.0f}%)]\tLoss: {loss.item():.6f}")
    model.eval()
    with torch.no_grad():
        outputs = model(x_test)
        average = torch.nn.functional.cross_entropy(outputs, y_test).item()
        right = int((outputs.argmax(1) == y_test).sum())
    share = 100 * right / len(x_test)
    print(f"\nTest set: Average loss: {average:.4f}, Accuracy: {right}/{len(x_test)} ({share:.0f}%)\n")
    schedule.step()
if args.save_model:
    torch.save(model.state_dict(), args.save_model)
