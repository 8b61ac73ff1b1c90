"""Writes pareto.json: ranks, crowding distances and hypervolumes of random candidates by pymoo 0.6.2.

python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install pymoo==0.6.2
/tmp/goldens/bin/python tests/goldens/pareto.py > tests/goldens/pareto.json
"""

import json

import numpy as np
import pymoo
from pymoo.indicators.hv import HV
from pymoo.operators.survival.rank_and_crowding.metrics import get_crowding_function
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting


def case(seed, count, goals, digits):
    costs = np.round(np.random.default_rng(seed).random((count, goals)), digits)
    fronts = NonDominatedSorting().do(costs)
    ranks = np.empty(count, dtype=int)
    for rank, members in enumerate(fronts):
        ranks[members] = rank
    # Without the ties of rounded costs, whose order is not defined.
    front = np.unique(costs[fronts[0]], axis=0)
    crowding = get_crowding_function("cd").do(front)
    return {
        "costs": costs.tolist(),
        "ranks": ranks.tolist(),
        "hypervolume": float(HV(ref_point=np.full(goals, 0.9))(costs)),
        "front": front.tolist() if digits > 6 else [],
        # pymoo takes the mean over goals where Deb takes the sum.
        "crowding": [float(each) * goals if np.isfinite(each) else None for each in crowding] if digits > 6 else [],
    }


cases = [
    case(1, 60, 2, 12), case(2, 60, 3, 12), case(3, 40, 4, 12), case(4, 20, 5, 12),
    case(5, 80, 2, 1), case(6, 80, 3, 1), case(7, 1, 3, 12), case(8, 30, 1, 2),
]
print(json.dumps({"pymoo": pymoo.__version__, "cases": cases}))
