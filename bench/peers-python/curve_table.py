"""Recorded curves as bench/curves.mjs replays them: the same points, the same clipping, the same regret."""

import json
import re
import time

import numpy as np


class CurveTable:
    """Configurations with their learning curves as costs: lower is better, whatever the metric."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            recorded = json.load(file)
        sign = 1.0 if recorded["direction"].startswith("min") else -1.0
        # A unit such as "0..10000 steps" means that the first point is the untrained model's.
        skipped = 1 if re.search(r"(?<![\d.])0\s*\.\.\s*\d", recorded.get("unit", "")) else 0
        curves = [curve[recorded["metric"]][skipped:] for curve in recorded["curves"]]
        costs = sign * np.array([[np.nan if v is None else float(v) for v in curve] for curve in curves])
        costs[~np.isfinite(costs)] = np.nan
        usual = max(np.nanpercentile(costs[:, 0], 75), np.nanmedian(costs))
        cut = usual + 0.05 * abs(usual)
        self.costs = np.minimum(np.where(np.isnan(costs), cut, costs), cut)
        self.max_steps = self.costs.shape[1]
        self.configurations = [curve["config"] for curve in recorded["curves"]]
        self.best = self.costs.min()
        self.median_final = np.median(self.costs[:, -1])

    def columns(self):
        """Every param's values over all configurations, by name."""
        names = self.configurations[0].keys()
        return {name: [configuration[name] for configuration in self.configurations] for name in names}

    def regret(self, cost):
        return (cost - self.best) / (self.median_final - self.best)


class Trace:
    """The best cost seen after every step spent, until the largest budget or the time is used up."""

    def __init__(self, table, budgets, seconds):
        self.table = table
        self.budgets = budgets
        self.limit = int(round(max(budgets) * table.max_steps))
        self.deadline = time.process_time() + seconds
        self.is_late = False
        self.best = []

    @property
    def spent(self):
        return len(self.best)

    @property
    def is_over(self):
        self.is_late = self.is_late or time.process_time() > self.deadline
        return self.is_late or self.spent >= self.limit

    def see(self, cost):
        self.best.append(min(cost, self.best[-1]) if self.best else cost)

    def regrets(self):
        """By budget; None if the time was up before. A table that is used up keeps its last value."""
        steps = [int(round(budget * self.table.max_steps)) for budget in self.budgets]
        return [
            None if self.is_late and step > self.spent else float(self.table.regret(self.best[min(step, self.spent) - 1]))
            for step in steps
        ]


def is_logarithmic(values):
    """The same rule as the product's: positive numbers that span a factor of 100 or more."""
    return min(values) > 0 and max(values) / min(values) >= 100


class Nearest:
    """Finds the untried configuration nearest to a sampler's proposal: every param is scaled to [0, 1] by its own
    range, logarithmically if it spans a factor of 100; different values of a choice are 1 apart."""

    def __init__(self, table):
        self.scales = {}
        features = []
        for name, values in table.columns().items():
            if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
                if min(values) == max(values):
                    continue
                log = is_logarithmic(values)
                array = np.log(values) if log else np.array(values, dtype=float)
                low, high = array.min(), array.max()
                self.scales[name] = lambda v, log=log, low=low, high=high: (
                    ((np.log(v) if log else v) - low) / (high - low)
                )
                features.append((array - low) / (high - low))
            else:
                codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
                self.scales[name] = codes
                features.append(np.array([codes[value] for value in values], dtype=float))
        self.features = np.stack(features, axis=1)
        self.untried = np.ones(len(table.configurations), dtype=bool)

    def take(self, params):
        distance = np.zeros(len(self.untried))
        for column, (name, scale) in zip(self.features.T, self.scales.items()):
            if isinstance(scale, dict):
                distance += column != scale[params[name]]
            else:
                distance += (column - scale(params[name])) ** 2
        distance[~self.untried] = np.inf
        index = int(np.argmin(distance))
        self.untried[index] = False
        return index
