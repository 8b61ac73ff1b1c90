"""A training that talks to Curvewise over its socket. Uses only the standard library.

The model is a formula, so it runs anywhere and takes no time: the loss falls to a floor that depends on how far the
learning rate and the momentum are from the best ones, at a speed that they set, with seeded noise on top.
Replace `train_one_epoch` with your own; the class below it is all that the protocol needs.
"""

import argparse
import json
import math
import os
import random
import socket


def train_one_epoch(params, seed, step):
    """The loss and accuracy after an epoch: loss = floor + height * exp(-speed * step) + noise."""
    effective = params["lr"] / (1 - params["momentum"])
    if effective > 20:
        return float("nan"), 0.1
    distance = abs(math.log10(effective / 0.5))
    floor = 0.08 + 0.25 * distance**2
    speed = 0.35 / (1 + 2 * distance)
    noise = random.Random(f"{seed}/{step}").gauss(0, 0.01)
    loss = floor + 2.2 * math.exp(-speed * step) + noise
    return loss, max(0.1, 1 - 0.4 * loss)


class Curvewise:
    """The trial that this process trains."""

    def __init__(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.environ["CURVEWISE_SOCKET"])
        self.stream = connection.makefile("rw", encoding="utf-8")
        self.folder = os.environ["CURVEWISE_DIR"]
        self.seed = int(os.environ["CURVEWISE_SEED"])
        self.max_steps = int(os.environ["CURVEWISE_MAX_STEPS"])
        self.resume = os.environ.get("CURVEWISE_RESUME")

    def ask(self, message):
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()
        answer = json.loads(self.stream.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer

    def report(self, step, **metrics):
        return self.ask({"report": {"step": step, "metrics": metrics}})["action"]

    def snapshot(self, step, path):
        self.ask({"snapshot": {"step": step, "path": path}})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--momentum", type=float, default=0.0)
    params = vars(parser.parse_args())

    trial = Curvewise()
    step = 0
    if trial.resume is not None:
        with open(trial.resume, encoding="utf-8") as file:
            step = json.load(file)["step"]
    while step < trial.max_steps:
        step += 1
        loss, accuracy = train_one_epoch(params, trial.seed, step)
        action = trial.report(step, loss=loss, acc=accuracy)
        if action == "pause":
            path = os.path.join(trial.folder, f"step-{step}.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"step": step}, file)
            trial.snapshot(step, path)
        if action != "continue":
            return


if __name__ == "__main__":
    main()
