"""Replays one peer on one file of curves: python curves.py FILE PEER SEEDS BUDGETS SECONDS

SEEDS and BUDGETS are comma-separated; no replay takes longer than SECONDS. Prints one line of JSON per seed: {"seed",
"regret": by budget, null if the time was up before, "seconds"}.
"""

import json
import random
import sys
import time

import numpy as np
from curve_table import CurveTable, Trace


def main():
    path, peer, seeds, budgets, limit = sys.argv[1:]
    library, name = peer.split(":")
    if library == "optuna":
        from optuna_curves import replay
    else:
        from synetune_curves import replay
    table = CurveTable(path)
    for seed in map(int, seeds.split(",")):
        # Syne Tune draws some of its random numbers from the global generators.
        random.seed(seed)
        np.random.seed(seed)
        begin = time.process_time()
        trace = Trace(table, [float(budget) for budget in budgets.split(",")], float(limit))
        replay(table, name, seed, trace)
        seconds = time.process_time() - begin
        print(json.dumps({"seed": seed, "regret": trace.regrets(), "seconds": seconds}), flush=True)


main()
