import sys
import time

import curvewise


def train(trial):
    weight = 5.0
    for step in trial.steps():
        time.sleep(0.02)
        weight -= trial.params["lr"] * weight
        trial.report(step, loss=weight**2)


if __name__ == "__main__":
    study = curvewise.Study(
        name="falling",
        goal={"minimize": "loss"},
        space={"lr": {"float": [1e-3, 1], "log": True}},
        scheduler="median",
        max_steps=5,
        seed=1,
    )
    best = study.optimize(train, trials=40, workers=int(sys.argv[1]))
    print(best.params, best.value)
