"""Writes niching.json: which candidates NSGA-III's selection takes, by pymoo 0.6.2.

There is as much room as there are directions that nobody serves yet, so that chance decides nothing.

python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install pymoo==0.6.2
/tmp/goldens/bin/python tests/goldens/niching.py > tests/goldens/niching.json
"""

import json

import numpy as np
import pymoo
from pymoo.algorithms.moo.nsga3 import HyperplaneNormalization, associate_to_niches, calc_niche_count, niching
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting
from pymoo.util.ref_dirs import get_reference_directions


def case(seed, count, goals, divisions, curved):
    random = np.random.default_rng(seed)
    costs = random.random((count, goals)) + 0.01
    if curved:
        costs = costs / np.linalg.norm(costs, axis=1, keepdims=True) * (1 + 0.3 * random.random((count, 1)))
    costs = np.round(costs * (1 + np.arange(goals)), 12)
    fronts = NonDominatedSorting().do(costs)
    settled, front = (np.array([], dtype=int), fronts[0]) if len(fronts) == 1 else (fronts[0], fronts[1])
    both = np.concatenate([settled, front]).astype(int)
    directions = get_reference_directions("das-dennis", goals, n_partitions=divisions)
    norm = HyperplaneNormalization(goals)
    norm.update(costs[both], nds=np.arange(len(fronts[0])))
    niches, distances, _ = associate_to_niches(costs[both], directions, norm.ideal_point, norm.nadir_point)
    counts = calc_niche_count(len(directions), niches[: len(settled)])
    last = np.arange(len(settled), len(both))
    room = len({niche for niche in niches[last] if counts[niche] == 0})
    chosen = niching(last, room, counts.copy(), niches[last], distances[last], random_state=random) if room else []
    return {
        "goals": goals,
        "divisions": divisions,
        "directions": directions.tolist() if len(directions) < 40 else [],
        "settled": costs[settled].tolist(),
        "front": costs[front].tolist(),
        "room": room,
        "chosen": sorted(int(each) for each in chosen),
    }


cases = [
    case(1, 80, 2, 12, False), case(2, 80, 3, 6, False), case(3, 60, 3, 6, True), case(4, 60, 4, 4, True),
    case(5, 90, 5, 3, False), case(6, 30, 2, 30, True), case(7, 12, 3, 2, False),
]
print(json.dumps({"pymoo": pymoo.__version__, "cases": cases}))
