"""A training that knows nothing about Curvewise: it prints a line per epoch, and Curvewise reads it.

The model is a formula, so it runs anywhere and takes no time.
"""

import argparse
import math
import random

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--width", type=int, required=True)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

noise = random.Random(options.seed)
distance = abs(math.log10(options.lr / (3 / options.width)))
floor = 0.1 + 0.2 * distance**2 + 2 / options.width
for epoch in range(1, options.epochs + 1):
    loss = floor + 2.3 * math.exp(-epoch / (3 + 4 * distance)) + noise.gauss(0, 0.01)
    accuracy = max(0.1, 1 - 0.4 * loss)
    print(f"step {epoch} loss={loss:.4f} acc={accuracy:.4f}", flush=True)
