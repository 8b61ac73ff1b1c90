"""Trains a small image classifier, with the arguments and files of the training script of timm.

It writes OUTPUT/EXPERIMENT/summary.csv with a row for each epoch, and checkpoint-N.pth.tar, both counted from 0.
"""

import argparse
import csv
import os
import time

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser(description="Image classification")
parser.add_argument("--model", default="small_cnn")
parser.add_argument("--epochs", type=int, default=16)
parser.add_argument("-b", "--batch-size", type=int, default=64)
parser.add_argument("--opt", default="sgd", choices=["sgd", "adamw"])
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--weight-decay", type=float, default=2e-5)
parser.add_argument("--smoothing", type=float, default=0.1)
parser.add_argument("--amp", action="store_true", help="accepted, but of no effect on a CPU")
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", default="./output")
parser.add_argument("--experiment", default="")
parser.add_argument("--resume", default="", help="a checkpoint, with the optimizer, to go on from")
args = parser.parse_args()

torch.manual_seed(args.seed)
images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
x, x_valid = x.float().view(-1, 1, 8, 8), x_valid.float().view(-1, 1, 8, 8)

model = torch.nn.Sequential(
    torch.nn.Conv2d(1, 8, 3, padding=1),
    torch.nn.ReLU(),
    torch.nn.MaxPool2d(2),
    torch.nn.Conv2d(8, 16, 3, padding=1),
    torch.nn.ReLU(),
    torch.nn.Flatten(),
    torch.nn.Linear(16 * 16, 10),
)
if args.opt == "sgd":
    optimizer = torch.optim.SGD(model.parameters(), args.lr, args.momentum, weight_decay=args.weight_decay)
else:
    optimizer = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=args.weight_decay)

start_epoch = 0
if args.resume:
    checkpoint = torch.load(args.resume)
    model.load_state_dict(checkpoint["state_dict"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    start_epoch = checkpoint["epoch"] + 1
    print(f"Loaded checkpoint '{args.resume}' (epoch {checkpoint['epoch']})")

experiment = args.experiment or f"{time.strftime('%Y%m%d-%H%M%S')}-{args.model}"
folder = os.path.join(args.output, experiment)
os.makedirs(folder, exist_ok=True)
train_loss_of = torch.nn.CrossEntropyLoss(label_smoothing=args.smoothing)
best = (0.0, start_epoch)
for epoch in range(start_epoch, args.epochs):
    model.train()
    losses = []
    batches = torch.randperm(len(x)).split(args.batch_size)
    for number, batch in enumerate(batches):
        loss = train_loss_of(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if number % 10 == 0:
            done = 100 * number / (len(batches) - 1)
            print(f"Train: {epoch} [{number:>4d}/{len(batches)} ({done:>3.0f}%)]  Loss: {losses[-1]:#.3g}")
    model.eval()
    with torch.no_grad():
        outputs = model(x_valid)
        eval_loss = torch.nn.functional.cross_entropy(outputs, y_valid).item()
    top = outputs.topk(5).indices == y_valid[:, None]
    top1, top5 = 100 * top[:, 0].float().mean().item(), 100 * top.any(1).float().mean().item()
    print(f"Test: [   0/0]  Loss: {eval_loss:>6.3f}  Acc@1: {top1:>7.3f}  Acc@5: {top5:>7.3f}")
    row = {"epoch": epoch, "train_loss": sum(losses) / len(losses), "eval_loss": eval_loss, "eval_top1": top1, "eval_top5": top5}
    path = os.path.join(folder, "summary.csv")
    is_new = not os.path.exists(path)
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, row.keys())
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    state = {"epoch": epoch, "state_dict": model.state_dict(), "optimizer": optimizer.state_dict(), "args": vars(args)}
    torch.save(state, os.path.join(folder, f"checkpoint-{epoch}.pth.tar"))
    best = max(best, (top1, epoch))
print(f"*** Best metric: {best[0]} (epoch {best[1]})")
