"""A training with Python alone: softmax regression on points in the plane, read from no file and written by no library.

It takes its settings from a JSON file, prints a line for each epoch, and saves its model after each.
"""

import argparse
import json
import math
import os
import random

parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True, help="a JSON file with rate, momentum and decay")
parser.add_argument("--epochs", type=int, default=16)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--models", default=".")
parser.add_argument("--resume", help="a model that was saved")
args = parser.parse_args()
with open(args.config, encoding="utf-8") as file:
    config = json.load(file)

CENTRES = [(0, 0), (2, 1), (-1, 2), (1, -2)]


def points(count, seed):
    """Points around four centres, with a 1 for the bias, and the number of their centre."""
    drawn = random.Random(seed)
    kinds = [drawn.randrange(len(CENTRES)) for _ in range(count)]
    return [((1, drawn.gauss(CENTRES[kind][0], 0.8), drawn.gauss(CENTRES[kind][1], 0.8)), kind) for kind in kinds]


def odds(model, point):
    scores = [sum(weight * value for weight, value in zip(row, point)) for row in model]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    return [power / sum(powers) for power in powers]


train, valid = points(2500, 1), points(500, 2)
model = [[0.0] * 3 for _ in CENTRES]
speed = [[0.0] * 3 for _ in CENTRES]
done = 0
if args.resume:
    with open(args.resume, encoding="utf-8") as file:
        saved = json.load(file)
    model, speed, done = saved["model"], saved["speed"], saved["epoch"]

for epoch in range(done + 1, args.epochs + 1):
    random.Random(args.seed + epoch).shuffle(train)
    for point, kind in train:
        for row, (weights, speeds, share) in enumerate(zip(model, speed, odds(model, point))):
            error = share - (row == kind)
            for column, value in enumerate(point):
                slope = error * value + config["decay"] * weights[column]
                speeds[column] = config["momentum"] * speeds[column] - config["rate"] * slope
                weights[column] += speeds[column]
    loss = sum(-math.log(max(odds(model, point)[kind], 1e-12)) for point, kind in valid) / len(valid)
    print(f"epoch {epoch}: val_loss={loss:.4f}")
    path = os.path.join(args.models, f"epoch-{epoch}.json")
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump({"epoch": epoch, "model": model, "speed": speed}, file)
    os.replace(path + ".part", path)
