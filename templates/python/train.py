"""Trains a small neural network to tell two interleaved half-moons apart, in plain Python.

It shows all that Curvewise needs from a program: it reads its params from the command line, reports its metrics
after each epoch, and saves its state when it is told to pause. Replace the training with your own.
"""

import argparse
import json
import math
import os
import pickle
import random
import socket


class Curvewise:
    """Reports to Curvewise over its socket; prints the reports when the program is run by hand."""

    def __init__(self):
        self.stream = None
        path = os.environ.get("CURVEWISE_SOCKET")
        if path:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(path)
            self.stream = connection.makefile("rw", encoding="utf-8", newline="\n")

    def ask(self, message):
        if self.stream is None:
            print(json.dumps(message))
            return {"action": "continue"}
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()
        answer = json.loads(self.stream.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer

    def report(self, step, **metrics):
        """Reports metrics; returns "continue", "pause" (save, then end) or "stop" (end)."""
        return self.ask({"report": {"step": step, "metrics": metrics}})["action"]

    def snapshot(self, step, path):
        """Says that the state after a step is saved in a file, from which the training can go on."""
        self.ask({"snapshot": {"step": step, "path": path}})


def moons(count, seed):
    generator = random.Random(seed)
    points = []
    for index in range(count):
        angle = generator.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if index % 2:
            x, y = 1 - x, 0.5 - y
        points.append((x + generator.gauss(0, 0.15), y + generator.gauss(0, 0.15), index % 2))
    return points


def new_weights(width, seed):
    generator = random.Random(seed)
    return [[generator.gauss(0, 1), generator.gauss(0, 1), 0.0, generator.gauss(0, 1 / math.sqrt(width))]
            for _ in range(width)] + [[0.0, 0.0, 0.0, 0.0]]


def predict(weights, x, y):
    hidden = [math.tanh(a * x + b * y + c) for a, b, c, _ in weights[:-1]]
    total = sum(h * unit[3] for h, unit in zip(hidden, weights)) + weights[-1][3]
    return hidden, 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def train_epoch(weights, speeds, points, rate, momentum, batch):
    for start in range(0, len(points), batch):
        part = points[start:start + batch]
        slopes = [[0.0] * 4 for _ in weights]
        for x, y, label in part:
            hidden, probability = predict(weights, x, y)
            error = (probability - label) / len(part)
            for h, unit, slope in zip(hidden, weights, slopes):
                back = error * unit[3] * (1 - h * h)
                slope[0] += back * x
                slope[1] += back * y
                slope[2] += back
                slope[3] += error * h
            slopes[-1][3] += error
        for unit, speed, slope in zip(weights, speeds, slopes):
            for k in range(4):
                speed[k] = momentum * speed[k] - rate * slope[k]
                unit[k] += speed[k]


def evaluate(weights, points):
    loss, right = 0.0, 0
    for x, y, label in points:
        _, probability = predict(weights, x, y)
        loss -= math.log(max(1e-12, probability if label else 1 - probability))
        right += (probability > 0.5) == bool(label)
    return loss / len(points), right / len(points)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--momentum", type=float, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    params = parser.parse_args()

    seed = int(os.environ.get("CURVEWISE_SEED", "0"))
    epochs = int(os.environ.get("CURVEWISE_MAX_STEPS", "30"))
    folder = os.environ.get("CURVEWISE_DIR", ".")
    resume = os.environ.get("CURVEWISE_RESUME")

    if resume:
        with open(resume, "rb") as file:
            first, weights, speeds = pickle.load(file)
    else:
        first, weights = 0, new_weights(params.width, seed)
        speeds = [[0.0] * 4 for _ in weights]

    training, validation = moons(200, 1), moons(200, 2)
    curvewise = Curvewise()
    for epoch in range(first + 1, epochs + 1):
        # The order depends only on the epoch, so a resumed training goes on exactly as it would have.
        order = random.Random(seed * 1000 + epoch).sample(training, len(training))
        train_epoch(weights, speeds, order, params.rate, params.momentum, params.batch)
        loss, accuracy = evaluate(weights, validation)
        action = curvewise.report(epoch, loss=loss, accuracy=accuracy)
        if action == "pause":
            path = os.path.join(folder, f"snapshot-{epoch}.pickle")
            with open(path, "wb") as file:
                pickle.dump((epoch, weights, speeds), file)
            curvewise.snapshot(epoch, path)
        if action != "continue":
            return


main()
