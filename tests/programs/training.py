"""The Python twin of clients/cpp/tests/training.cpp: a training whose curve is a formula of its rate.

It writes down what it did in trained.txt, a line for each step: the step, and the rate.
"""

import math
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../clients/python/src"))

import curvewise

trial = curvewise.trial({"rate": 0.1}, max_steps=20)
rate = trial.params["rate"]
progress = 0.0
if trial.resume:
    with open(trial.resume) as file:
        progress = float(file.read())

with open(os.path.join(trial.dir, "trained.txt"), "a") as trained:
    for step in trial.steps():
        progress += 1 / (1 + abs(math.log10(rate) + 2))
        print(step, rate, file=trained, flush=True)
        trial.report(step, loss=1 / (1 + progress), rate=rate)
        if trial.should_save(step):
            with trial.save(step) as path, open(path, "w") as file:
                file.write(repr(progress))
