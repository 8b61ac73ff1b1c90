import time

import curvewise

trial = curvewise.trial({"lr": 0.1}, max_steps=5)
weight = 5.0
for step in trial.steps():
    time.sleep(0.02)
    weight -= trial.params["lr"] * weight
    trial.report(step, loss=weight**2)
