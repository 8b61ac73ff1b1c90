"""Writes bandit.json: what PB2's bandit must choose, worked out with numpy.

    pip install numpy
    python3 src/schedulers/pb2/goldens/bandit.py > src/schedulers/pb2/goldens/bandit.json

Written from docs/populations.md and the descriptions in the code (numpy 2); it shares no line with the product. Covariances
are inverted as they are, where the product factors them.

"gains": [{times, gains, standard}], a gain that is null diverged.
"fits": [{points, targets, lengthscale, forgetting, noise}], a point is a time and then coordinates.
"choices": [{maximize, interval, seed, most, trials, trial, parent, expected}]; the space is rate (1e-4 to 1, logarithmic) and
momentum (0 to 1), which may be `most` at most. A trial is {saved, stages, pending}; a stage is {params, start, reports}, with
reports as [step, value or null], and a start after the first stage: the step and value of the copied model. pending: the
params and the step with which it is about to go on.
"""

import json
import math
import random

import numpy as np

MASK = 0xFFFFFFFF
POPULATION = 4


class Stream:
    """The product's random numbers: Philox4x32-10 (Salmon et al. 2011), doubles of 53 bits, Box-Muller."""

    def __init__(self, seed, stream, purpose):
        self.key = (seed & MASK, seed >> 32)
        self.rest = (stream & MASK, (purpose << 16) | ((stream >> 32) & 0xFFFF), 0)
        self.block = 0
        self.words = []
        self.spare = None

    def word(self):
        if not self.words:
            c = [self.block, *self.rest]
            k = list(self.key)
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [(b >> 32) ^ c[1] ^ k[0], b & MASK, (a >> 32) ^ c[3] ^ k[1], a & MASK]
                k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
            self.words = c
            self.block += 1
        return self.words.pop(0)

    def uniform(self):
        high = self.word() >> 5
        return (high * 2**26 + (self.word() >> 6)) / 2**53

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        angle = 2 * math.pi * self.uniform()
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)


def standardised(times, gains):
    """Gains divided by the typical size at about their time, then with mean 0 and deviation 1, cut off at 2."""
    known = np.array([gain is not None for gain in gains])
    raw = np.array([0.0 if gain is None else gain for gain in gains])
    when = np.array(times, dtype=float)
    weights = np.exp(-0.5 * (when[:, None] - when[None, :]) ** 2) * known[None, :]
    typical = weights @ np.abs(raw) / weights.sum(axis=1)
    relative = np.where(raw == 0, 0.0, raw / np.where(typical == 0, 1, typical))
    finite = relative[known]
    deviation = finite.std() or 1.0
    return np.where(known, np.clip((relative - finite.mean()) / deviation, -2, 2), -2.0)


def covariance(a, b, lengthscale, forgetting, noise):
    squares = ((a[:, None, 1:] - b[None, :, 1:]) ** 2).sum(axis=2)
    apart = np.abs(a[:, None, 0] - b[None, :, 0])
    return (1 - noise) * np.exp(-squares / (2 * lengthscale**2)) * (1 - forgetting) ** (apart / 2)


def likelihood(points, targets, setting):
    matrix = covariance(points, points, *setting) + setting[2] * np.eye(len(points))
    _, logdet = np.linalg.slogdet(matrix)
    density = -0.5 * (targets @ np.linalg.solve(matrix, targets) + logdet + len(points) * math.log(2 * math.pi))
    return density - 0.5 * (math.log(setting[0] / 0.3) / 0.7) ** 2


def fitted(points, targets):
    """The best of a grid of twelve, each setting then tried at twice and half, and at sqrt 2 times and by it."""
    points, targets = points[:40], targets[:40]
    grid = [(a, b, c) for a in (0.15, 0.3, 0.6) for b in (0.03, 0.2) for c in (0.05, 0.3)]
    best = max(grid, key=lambda setting: likelihood(points, targets, setting))
    for factor in (2, math.sqrt(2)):
        for place, (low, high) in enumerate([(0.05, 2), (0.001, 0.5), (0.001, 0.9)]):
            value = best[place]
            for other in (min(high, value * factor), max(low, value / factor)):
                setting = tuple(other if each == place else best[each] for each in range(3))
                if likelihood(points, targets, setting) > likelihood(points, targets, best):
                    best = setting
    return best


def at(places):
    rate, momentum = (min(place, 1 - 2**-53) for place in places)
    return [min(1, max(1e-4, math.exp((1 - rate) * math.log(1e-4)))), momentum]


def places_of(params):
    return [1 - math.log(params[0]) / math.log(1e-4), params[1]]


def intervals(case):
    """The intervals that ended and those that are open, of the most trained models first."""
    sign = -1 if case["maximize"] else 1
    length = case["interval"]
    ended, opened = [], []
    for number, trial in enumerate(case["trials"]):
        ends = []
        for stage in trial["stages"]:
            start = stage["start"]
            ends = []
            for step, value in stage["reports"]:
                if start is None:
                    start = [step, value] if value is not None else None
                    continue
                if step % length:
                    continue
                gain = None
                if value is not None:
                    gain = sign * (start[1] - value) * length / (step - start[0])
                ends.append((start[0] / length, stage["params"], gain))
                start = None if value is None else [step, value]
            ended += ends
        newest = trial["stages"][-1]
        if number == case["trial"]:
            continue
        if trial["pending"] is not None:
            opened.append((trial["pending"]["step"] / length, trial["pending"]["params"]))
        elif not ends and newest["start"] is not None:
            opened.append((newest["start"][0] / length, newest["params"]))
    return sorted(ended, key=lambda each: -each[0]), sorted(opened, key=lambda each: -each[0])


def chosen(case):
    ended, opened = intervals(case)
    ended = ended[:300]
    stream = Stream(case["seed"], 7, POPULATION)
    for _ in ("rate", "momentum"):
        stream.uniform()  # For what is switched on: nothing here.
    finite = sum(gain is not None for _, _, gain in ended)
    parent = case["trials"][case["parent"]]
    if finite < 4:
        while True:
            params = at([stream.uniform(), stream.uniform()])
            if params[1] <= case["most"]:
                return {"params": params, "intervals": len(ended)}
    points = np.array([[time, *places_of(params)] for time, params, _ in ended])
    targets = standardised([time for time, _, _ in ended], [gain for _, _, gain in ended])
    setting = fitted(points, targets)
    pending = [[time, *places_of(params)] for time, params in opened[:64]]
    every = np.array([*points, *pending])
    inverse = np.linalg.inv(covariance(every, every, *setting) + setting[2] * np.eye(len(every)))
    count = len(points)
    weights = np.linalg.solve(covariance(points, points, *setting) + setting[2] * np.eye(count), targets)
    time = parent["saved"] / case["interval"]
    weight = math.sqrt(0.2 + max(0, math.log(0.4 * count)))

    def predicted(params):
        point = np.array([[time, *places_of(params)]])
        near = covariance(point, every, *setting)[0]
        variance = 1 - setting[2] - near @ inverse @ near
        return near[:count] @ weights, math.sqrt(max(0, variance))

    best = None

    def consider(places):
        nonlocal best
        params = at(places)
        if params[1] > case["most"]:
            return
        mean, deviation = predicted(params)
        if best is None or mean + weight * deviation > best[0]:
            best = (mean + weight * deviation, places, params, mean, deviation)

    given = places_of(parent["stages"][-1]["params"])
    consider(given)
    for _ in range(96):
        consider([stream.uniform() for _ in given])
    for count_ in range(36):
        spread = 0.1 / 2 ** (count_ // 6)
        moved = [place + spread * stream.normal() for place in (best[1] if best else given)]
        consider([max(0, 1 - abs(1 - abs(place))) for place in moved])
    _, _, params, mean, deviation = best
    return {
        "params": params,
        "intervals": count,
        "open": len(pending),
        "mean": mean,
        "deviation": deviation,
        "weight": weight,
        "lengthscale": setting[0],
        "forgetting": setting[1],
        "noise": setting[2],
    }


def choice(seed, members, stages, maximize=False, most=1.0, fresh=0, pending=(), diverges=(), saved=None):
    """Members whose params changed at every interval; `fresh` of them have just begun with new ones."""
    draw = random.Random(seed)
    interval = 5
    sign = 1 if maximize else -1
    trials = []
    for member in range(members):
        value = round(draw.uniform(1, 9), 3)
        listed = []
        for stage in range(stages + (1 if member < fresh else 0)):
            params = [float(f"{10 ** draw.uniform(-4, 0):.4g}"), round(draw.uniform(0, most), 3)]
            first = interval * stage
            start = [first, value] if stage > 0 else None
            reports = [[1, value]] if stage == 0 else []
            if stage < stages:
                best = math.log10(params[0]) + 1.5 + stage / (2 * stages)
                gain = math.exp(-2 * best**2 - params[1]) / (1 + stage) + draw.gauss(0, 0.02)
                value = round(value + sign * gain, 6)
                diverged = (member, stage) in diverges
                reports.append([first + interval, None if diverged else value])
            listed.append({"params": params, "start": start, "reports": reports})
        about = None
        if member in pending:
            about = {"params": [0.05, round(most / 2, 3)], "step": interval * stages}
        trials.append({"saved": interval * (saved or stages), "stages": listed, "pending": about})
    case = {
        "maximize": maximize,
        "interval": interval,
        "seed": seed,
        "most": most,
        "trials": trials,
        "trial": members - 1,
        "parent": members - 2,
    }
    return {**case, "expected": chosen(case)}


def gains(seed):
    draw = random.Random(seed)
    times = [draw.randrange(6) + draw.choice([0, 0.2]) for _ in range(12)]
    values = [round(draw.gauss(0.3, 1) * 3**-time, 6) for time in times]
    values[3] = None
    values[7] = 0.0
    values[9] *= 1000
    return {"times": times, "gains": values, "standard": standardised(times, values).tolist()}


def fit(seed, count, noise, drift):
    draw = random.Random(seed)
    points = [[count // 4 - place // 4, round(draw.random(), 4), round(draw.random(), 4)] for place in range(count)]
    values = [
        math.sin(6 * point[1] + drift * point[0]) + math.cos(3 * point[2]) + draw.gauss(0, noise) for point in points
    ]
    targets = [round(float(value), 6) for value in (np.array(values) - np.mean(values)) / np.std(values)]
    setting = fitted(np.array(points, dtype=float), np.array(targets))
    names = ("lengthscale", "forgetting", "noise")
    return {"points": points, "targets": targets, **dict(zip(names, setting))}


print(
    json.dumps(
        {
            "gains": [gains(seed) for seed in range(4)],
            "fits": [
                fit(1, 12, 0.01, 0),
                fit(2, 30, 0.1, 0.1),
                fit(3, 40, 2.0, 0),
                fit(4, 60, 0.01, 2),
                fit(5, 24, 0.3, 5),
                fit(6, 16, 0.5, 0.5),
            ],
            "choices": [
                choice(1, 2, 1),
                choice(2, 3, 1, most=0.3),
                choice(3, 4, 1),
                choice(4, 4, 5),
                choice(5, 4, 8, maximize=True, most=0.5),
                choice(6, 6, 4, fresh=2, pending=(2,), diverges=((1, 1), (3, 3))),
                choice(7, 4, 78),
                choice(8, 72, 1, fresh=68, saved=1),
                choice(9, 5, 6, maximize=True, pending=(0, 1), diverges=((0, 5),), saved=4),
            ],
        },
        separators=(",", ":"),
    )
)
