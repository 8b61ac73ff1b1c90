"""A small language model, in the manner of nanoGPT: `train.py config/small.py --learning_rate=0.01`.

Settings are the globals below; a Python file and then `--key=value` override them. It evaluates every so many
iterations, saves out_dir/ckpt.pt each time, and goes on from it with --init_from=resume.
"""

import ast
import math
import os
import sys

import torch

# ----------------------------------------------------------------------------------------------------------------------
out_dir = "out"
init_from = "scratch"  # or "resume"
seed = 1337
eval_interval = 100
eval_iters = 20
batch_size = 32
block_size = 12
n_embd = 16
n_hidden = 64
dropout = 0.0
learning_rate = 1e-3
weight_decay = 1e-2
max_iters = 1600
decay_lr = True
min_lr_share = 0.1

settings = [name for name, value in globals().items() if isinstance(value, (bool, int, float, str)) and name[0] != "_"]
for argument in sys.argv[1:]:
    if not argument.startswith("--"):
        with open(argument, encoding="utf-8") as file:
            exec(file.read())
        continue
    name, _, text = argument[2:].partition("=")
    if name not in settings:
        raise ValueError(f"unknown setting: {name}")
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    if isinstance(globals()[name], float):
        value = float(value)
    globals()[name] = value
config = {name: globals()[name] for name in settings}
# ----------------------------------------------------------------------------------------------------------------------

os.makedirs(out_dir, exist_ok=True)
torch.manual_seed(seed)

# The text is made up: sentences of a tiny grammar.
words = torch.Generator().manual_seed(0)


def pick(*choices):
    return choices[int(torch.randint(len(choices), (1,), generator=words))]


text = " ".join(
    f"{pick('the', 'a')} {pick('red', 'old', 'small')} {pick('boat', 'bird', 'house')} "
    f"{pick('waits', 'turns', 'shines')} {pick('in', 'by', 'over')} the {pick('harbour', 'wood', 'night')}."
    for _ in range(800)
)
letters = sorted(set(text))
data = torch.tensor([letters.index(letter) for letter in text])
parts = {"train": data[: int(0.9 * len(data))], "val": data[int(0.9 * len(data)) :]}


def get_batch(split):
    part = parts[split]
    starts = torch.randint(len(part) - block_size, (batch_size,))
    return (
        torch.stack([part[start : start + block_size] for start in starts]),
        torch.stack([part[start + block_size] for start in starts]),
    )


model = torch.nn.Sequential(
    torch.nn.Embedding(len(letters), n_embd),
    torch.nn.Flatten(),
    torch.nn.Linear(block_size * n_embd, n_hidden),
    torch.nn.GELU(),
    torch.nn.Dropout(dropout),
    torch.nn.Linear(n_hidden, len(letters)),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
iter_num = 0
if init_from == "resume":
    print(f"Resuming training from {out_dir}")
    checkpoint = torch.load(os.path.join(out_dir, "ckpt.pt"))
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    iter_num = checkpoint["iter_num"]


@torch.no_grad()
def estimate_loss():
    model.eval()
    losses = {
        split: sum(
            torch.nn.functional.cross_entropy(model(x), y).item() for x, y in (get_batch(split) for _ in range(eval_iters))
        )
        / eval_iters
        for split in parts
    }
    model.train()
    return losses


while True:
    if decay_lr:
        share = min_lr_share + (1 - min_lr_share) * 0.5 * (1 + math.cos(math.pi * iter_num / max_iters))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * share
    if iter_num % eval_interval == 0:
        losses = estimate_loss()
        print(f"step {iter_num}: train loss {losses['train']:.4f}, val loss {losses['val']:.4f}")
        if iter_num > 0:
            checkpoint = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "iter_num": iter_num,
                "config": config,
            }
            torch.save(checkpoint, os.path.join(out_dir, "ckpt.pt"))
    if iter_num >= max_iters:
        break
    x, y = get_batch("train")
    loss = torch.nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    iter_num += 1
