"""Writes catcmawm.json: generations of CatCMAwM as the package cmaes has it, with the random numbers that it was given, and
warm starts.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install cmaes==0.13.1 scipy==1.17.1
    /tmp/goldens/bin/python tests/goldens/catcmawm.py > tests/goldens/catcmawm.json

The package draws with B D z, whose signs depend on the routine that found the eigenvectors B. It is given B'z here, so
that it draws with the symmetric root B D B'z of the covariance, which does not. Rows of integers have equal lengths:
the package fills shorter ones with their last value, which shifts their highest limit.
"""

import importlib.metadata
import json

import numpy
from cmaes import CatCMAwM, get_warm_start_mgd


class Recorded:
    """A random stream of the package that keeps what it gave."""

    def __init__(self, optimizer, seed):
        self.optimizer = optimizer
        self.generator = numpy.random.default_rng(seed)
        self.normals = []
        self.uniforms = []

    def randn(self, size):
        normals = self.generator.standard_normal(size)
        self.normals.append(normals.tolist())
        axes, _ = self.optimizer._eigen_decomposition()
        return axes.T @ normals

    def rand(self, rows, columns):
        uniforms = self.generator.random((rows, columns))
        self.uniforms.append(uniforms[:, 0].tolist())
        return uniforms


def cost(x, z, c):
    """A slanted valley, with its best point outside of some bounds; later options are worse."""
    numbers = numpy.concatenate([part for part in (x, z) if part is not None] or [numpy.zeros(0)])
    total = sum((value - 1.3 + 0.4 * place) ** 2 * (1 + 3 * place) for place, value in enumerate(numbers))
    total += 0.8 * sum(a * b for a, b in zip(numbers, numbers[1:]))
    if c is not None:
        total += sum((place + 1) * numpy.argmax(row) for place, row in enumerate(c))
        total += 0.5 * numpy.argmax(c[0]) * (numbers[0] if len(numbers) > 0 else 1)
    return float(total)


def case(name, generations, seed, bounds=None, grids=None, categories=None, **start):
    optimizer = CatCMAwM(x_space=bounds, z_space=grids, c_space=categories, **start)
    mean, deviations = [], []
    if bounds is not None or grids is not None:
        mean = optimizer._mean.tolist()
        deviations = numpy.sqrt(numpy.diag(optimizer._C)).tolist()
    told = []
    for _ in range(generations):
        stream = Recorded(optimizer, seed + len(told))
        optimizer._rng = stream
        solutions = [optimizer.ask() for _ in range(optimizer.population_size)]
        costs = [cost(each.x, each.z, each.c) for each in solutions]
        optimizer.tell(list(zip(solutions, costs)))
        after = {}
        if mean:
            after |= {
                "mean": optimizer._mean.tolist(),
                "sigma": float(optimizer._sigma),
                "covariance": optimizer._C.ravel().tolist(),
                "stretch": optimizer._A.tolist(),
            }
        if grids is not None:
            after["mutation"] = optimizer._pmut.tolist()
        if categories is not None:
            after["shares"] = [row[:count].tolist() for row, count in zip(optimizer._q, categories)]
        told.append(
            {
                "normals": stream.normals,
                "uniforms": stream.uniforms,
                "numbers": [
                    [float(v) for part in (each.x, each.z) if part is not None for v in part] for each in solutions
                ],
                "choices": [[] if each.c is None else [int(numpy.argmax(row)) for row in each.c] for each in solutions],
                "costs": costs,
                "after": after,
            }
        )
    return {
        "name": name,
        "bounds": bounds or [],
        "grids": grids or [],
        "categories": categories or [],
        "mean": mean,
        "deviations": deviations,
        "sigma": start.get("sigma", 1.0),
        "generations": told,
    }


def warm(count, dimensions, seed):
    points = numpy.random.default_rng(seed).random((count, dimensions))
    costs = ((points - 0.3) ** 2).sum(axis=1)
    mean, sigma, covariance = get_warm_start_mgd(list(zip(points, costs)))
    return {
        "points": points.tolist(),
        "costs": costs.tolist(),
        "mean": mean.tolist(),
        "sigma": float(sigma),
        "covariance": covariance.ravel().tolist(),
    }


BOUNDS = [[-3.0, 3.0], [-1.0, 4.0], [0.0, 2.0], [-0.5, 5.0]]
GRIDS = [[-2.0, -1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 2.0, 4.0, 8.0], [0.1, 0.2, 0.4, 0.8, 1.6]]
print(
    json.dumps(
        {
            "source": f"cmaes {importlib.metadata.version('cmaes')}, CatCMAwM and get_warm_start_mgd",
            "warm": [warm(10, 2, 1), warm(57, 3, 2), warm(19, 1, 3)],
            "cases": [
                case("numbers", 12, 100, bounds=BOUNDS),
                case("numbers, wide", 8, 200, bounds=BOUNDS[:2], sigma=4.0, population_size=9),
                case("whole numbers", 12, 300, grids=GRIDS),
                case("whole numbers among others", 10, 400, bounds=BOUNDS[:2], grids=GRIDS[:2], sigma=0.7),
                case("choices", 10, 500, categories=[3, 4, 2]),
                case("everything", 12, 600, bounds=BOUNDS[:2], grids=GRIDS[:2], categories=[2, 5], population_size=10),
            ],
        }
    )
)
