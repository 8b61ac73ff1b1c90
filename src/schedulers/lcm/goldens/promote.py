"""Writes promote.json: studies conducted by `lcm` in the mode promote, with the answers that it must give.

    python3 src/schedulers/lcm/goldens/promote.py > src/schedulers/lcm/goldens/promote.json

Written from docs/learning-curve-matching.md and the descriptions in the code, with nothing but Python's standard library
(3.9 or newer); it shares no code with the product. Every answer is computed from scratch from all curves.

A case is {goal, options, maxSteps, seed, moves}. Moves, in order:

    {"start": n}                          trial n is created and runs (two events)
    {"report": n, "step": s, "value": v, "action": a, ...}
                                          trial n reports (one event), and a is decided; v: a number, null (it does not
                                          report the goal metric), or "NaN". Where a forecast is told: forecast (a value
                                          of the goal metric), deviation (in the model's scale), neighbours (trials,
                                          nearest first), firstRung
    {"pause": n}, {"stop": n}, {"complete": n}   trial n has done so (one event)
    {"free": n, "events": e, ...}         what a free worker gets after e events: trial n goes on, or null, with optimism
    {"ending": n, ...}                    the same when nothing else is left to do
    {"resume": n}                         trial n goes on (two events)
"""

import json
import math
import random
import sys

from line import Line, noise_share
from philox import uniform


class Trial:
    def __init__(self, number):
        self.number = number
        self.state = "running"
        self.reports = []  # (step, cost or None), an infinite cost: diverged
        self.pauses = []  # the steps at which it paused

    @property
    def last(self):
        return self.reports[-1][0] if self.reports else 0

    @property
    def first(self):
        """The step of its first report of the goal metric; undecided until then."""
        return next((step for step, cost in self.reports if cost is not None), None)


class Forecasts:
    """Where every trial is expected to end."""

    def __init__(self, trials, rungs):
        self.rungs = rungs
        costs = [cost for trial in trials for _, cost in trial.reports if cost is not None and cost < math.inf]
        self.logarithmic = all(cost > 0 for cost in costs)
        self.trials = [trial for trial in trials if trial.first is not None]
        end = rungs[-1]
        self.steps = range(1, end + 1)
        assert end <= 100
        self.rung = {t.number: sum(rung <= t.last for rung in rungs) - 1 for t in self.trials}
        # What the first report says, it says of the highest rung at or below it.
        self.first_rung = {t.number: sum(rung <= t.first for rung in rungs) - 1 for t in self.trials}
        self.start = {
            t.number: rungs[self.first_rung[t.number]] if self.first_rung[t.number] >= 0 else t.first
            for t in self.trials
        }
        self.diverged = {t.number: any(cost == math.inf for _, cost in t.reports) for t in self.trials}
        self.points = {t.number: [self.value_at(t, step) for step in self.steps] for t in self.trials}
        self.mean = {}
        self.deviation = {}
        self.lines = {}
        top = len(rungs) - 1
        for rung in range(top, -2, -1):
            if 0 <= rung < top:
                self.lines[rung] = self.line(rung)
            for trial in self.trials:
                if self.rung[trial.number] == rung:
                    self.mean[trial.number], self.deviation[trial.number] = self.expect(trial, rung, top)

    def scale(self, cost):
        return math.log(cost) if self.logarithmic else cost

    def known(self, trial, step):
        return [
            cost
            for reported, cost in trial.reports
            if (self.start[trial.number] if reported == trial.first else reported) <= step
            and cost is not None
            and cost < math.inf
        ]

    def came_to(self, trial, rung):
        return self.first_rung.get(trial.number, math.inf) <= rung <= self.rung.get(trial.number, -1)

    def least(self, trial, step=math.inf):
        costs = self.known(trial, step)
        return self.scale(min(costs)) if costs else math.inf

    def value_at(self, trial, step):
        if step > trial.last:
            return None
        costs = self.known(trial, step)
        return self.scale(costs[-1]) if costs else None

    def line(self, rung):
        step = self.rungs[rung]
        there = [t for t in self.trials if self.rung[t.number] >= rung and self.least(t, step) < math.inf]
        deeper = [
            (self.least(t, step), self.mean[t.number], self.deviation[t.number])
            for t in there
            if self.rung[t.number] > rung
        ]
        values = [self.least(t, step) for t in there]
        return Line(values, deeper, noise_share(step / self.rungs[-1]), self.logarithmic)

    def distance(self, a, b, points):
        pairs = zip(self.points[a][:points], self.points[b][:points])
        both = [(x - y) ** 2 for x, y in pairs if x is not None and y is not None]
        return math.sqrt(sum(both) / len(both)) if both else None

    def nearest(self, trial):
        rung = self.rung[trial.number]
        points = self.rungs[rung]
        found = []
        for other in self.trials:
            if self.rung[other.number] <= rung:
                continue
            distance = self.distance(trial.number, other.number, points)
            if distance is not None:
                found.append((distance, other.number, other))
        return sorted(found, key=lambda each: each[:2])[:7]

    def expect(self, trial, rung, top):
        least = self.least(trial)
        if rung == top or self.diverged[trial.number] or least == math.inf:
            return least, 0.0
        line = self.lines[max(rung, 0)]
        if rung < 0 or line.count == 0:
            return least, math.sqrt(line.noise)
        step = self.rungs[rung]
        own = self.least(trial, step)
        if own == math.inf:
            return least, math.sqrt(line.noise)
        told = []
        for distance, number, other in self.nearest(trial):
            weight = math.exp(-(distance**2) / (2 * (0.1**2 * line.spread) + 1e-14))
            value = self.least(other, step)
            if weight >= 1e-4 and value < math.inf:
                residual = self.mean[number] - value - line.foretold(value)
                told.append((weight, residual, self.deviation[number]))
        total = 0.5 + sum(weight for weight, _, _ in told)
        correction = sum(weight * residual for weight, residual, _ in told) / total
        scatter = sum(weight * ((residual - correction) ** 2 + sd**2) for weight, residual, sd in told)
        doubt = 0.5 * (line.noise + line.doubt(own))
        return min(least, own + line.foretold(own) + correction), math.sqrt((scatter + doubt) / total)


class Study:
    def __init__(self, minimize, max_steps, seed, eta, min_steps, accumulate, optimism, audit):
        self.minimize = minimize
        self.max_steps = max_steps
        self.seed = seed
        self.eta = eta
        self.accumulate = accumulate
        self.optimism = optimism
        self.audit = audit
        self.rungs = []
        step = min_steps
        while step < max_steps:
            self.rungs.append(step)
            step *= eta
        self.rungs.append(max_steps)
        self.trials = []
        self.events = 1  # study-created
        self.moves = []

    def value_of(self, forecasts, scaled):
        cost = math.exp(scaled) if forecasts.logarithmic else scaled
        return cost if self.minimize else -cost

    def told(self, forecasts, number):
        trial = self.trials[number]
        mean = forecasts.mean[number]
        top = len(self.rungs) - 1
        rung = forecasts.rung[number]
        has_line = 0 <= rung < top and forecasts.lines[rung].count > 0
        out = {"deviation": forecasts.deviation[number]}
        if mean < math.inf:
            out["forecast"] = self.value_of(forecasts, mean)
        out["neighbours"] = [other for _, other, _ in forecasts.nearest(trial)] if has_line else []
        return out

    def first_rung(self, forecasts, number):
        before = self.rungs[:-1]
        lowest = min(forecasts.first_rung[t.number] for t in forecasts.trials if forecasts.rung[t.number] >= 0)
        lowest = max(lowest, 0)
        if lowest + 1 >= len(before):
            return lowest
        if number < 8 and number < self.max_steps // before[lowest + 1]:
            return lowest + 1
        if forecasts.lines[lowest].count == 0:
            return lowest
        best, most = lowest, -math.inf
        for rung in range(lowest, min(lowest + 3, len(before))):
            step = before[rung]
            line = forecasts.lines[rung]
            unknown = rung > lowest and line.count < 2
            share = 0.8 if unknown else max(1e-3, line.explained)
            worth = 1 / (step * ((1 - share) / share + 0.5))
            if worth > most * (1 + 1e-12) or most < 0:
                best, most = rung, worth
            if unknown:
                break
        return best

    def start(self):
        trial = Trial(len(self.trials))
        self.trials.append(trial)
        self.events += 2
        self.moves.append({"start": trial.number})
        return trial

    def report(self, trial, step, value):
        before = trial.last if trial.first is not None else 0
        if value is None:
            cost = None
        elif value == "NaN":
            cost = math.inf
        else:
            cost = value if self.minimize else -value
        trial.reports.append((step, cost))
        self.events += 1
        move = {"report": trial.number, "step": step, "value": value}
        move.update(self.decide(trial, before))
        self.moves.append(move)
        return move["action"]

    def decide(self, trial, before):
        if any(cost == math.inf for _, cost in trial.reports):
            return {"action": "stop"}
        rung = sum(step <= trial.last for step in self.rungs) - 1
        if trial.first is None or rung < 0 or rung == len(self.rungs) - 1 or before >= self.rungs[rung]:
            return {"action": "continue"}
        forecasts = Forecasts(self.trials, self.rungs)
        told = self.told(forecasts, trial.number)
        if trial.number < self.accumulate:
            return {"action": "continue", **told}
        first = self.first_rung(forecasts, trial.number)
        if rung < first:
            return {"action": "continue", "firstRung": self.rungs[first], **told}
        steps = sum(each.last for each in self.trials)
        share = self.audit * steps / (len(self.trials) * self.max_steps)
        if uniform(self.seed, trial.number) < share:
            return {"action": "continue", "audited": True, **told}
        return {"action": "pause", **told}

    def end(self, trial, state):
        trial.state = {"pause": "paused", "stop": "stopped", "complete": "complete"}[state]
        if state == "pause":
            trial.pauses.append(trial.last)
        self.events += 1
        self.moves.append({state: trial.number})

    def free(self, ending=False):
        """The paused trial that goes on, if any does."""
        choice, told = self.promoted()
        if choice is None and ending:
            choice, told = self.challenger()
        if choice is None and ending:
            choice, told = self.last_resort()
        number = None if choice is None else choice.number
        name = "ending" if ending else "free"
        self.moves.append({name: number, "events": self.events, **told})
        if choice is not None:
            choice.state = "running"
            self.events += 2
            self.moves.append({"resume": number})
        return choice

    def promoted(self):
        forecasts = Forecasts(self.trials, self.rungs)
        for rung in range(len(self.rungs) - 2, -1, -1):
            came = [t for t in self.trials if forecasts.came_to(t, rung)]
            stayed = [
                t for t in came if t.last < self.rungs[rung + 1] and t.state in ("paused", "stopped", "failed")
            ]
            gone = [t for t in came if t not in stayed]
            if any(t.state == "running" for t in self.trials):
                # While others train, only those count that paused there.
                step, following = self.rungs[rung], self.rungs[rung + 1]
                gone = [t for t in gone if any(step <= pause < following for pause in t.pauses)]
            if len(gone) >= len(came) // self.eta:
                continue
            candidates = [t for t in stayed if t.state == "paused" and not forecasts.diverged[t.number]]
            if not candidates:
                continue
            kappa = self.optimism * uniform(self.seed, self.events)
            best = min(
                candidates,
                key=lambda t: (forecasts.mean[t.number] - kappa * forecasts.deviation[t.number], t.number),
            )
            return best, {"optimism": kappa, **self.told(forecasts, best.number)}
        return None, {}

    def challenger(self):
        """Of the paused trials, the one with the best forecast: there are no more params, and the budget has no end."""
        ends = []
        for trial in self.trials:
            costs = [cost for _, cost in trial.reports if cost is not None]
            if trial.state == "complete" and costs:
                ends.append(costs[-1])
        forecasts = Forecasts(self.trials, self.rungs)
        paused = [t for t in self.trials if t.state == "paused" and not forecasts.diverged[t.number]]
        if not paused or not any(end < math.inf for end in ends):
            return None, {}
        best = min(paused, key=lambda t: (forecasts.mean[t.number], t.number))
        return best, self.told(forecasts, best.number)

    def last_resort(self):
        if any(t.state == "complete" for t in self.trials):
            return None, {}
        forecasts = Forecasts(self.trials, self.rungs)
        paused = [
            t
            for t in self.trials
            if t.state == "paused" and not forecasts.diverged[t.number] and forecasts.mean[t.number] < math.inf
        ]
        if not paused:
            return None, {}
        best = min(paused, key=lambda t: (-forecasts.rung[t.number], forecasts.mean[t.number]))
        return best, self.told(forecasts, best.number)


def curve(chance, minimize, positive):
    """What a training would report at each step."""
    floor = chance.uniform(0.05, 0.9)
    start = floor + chance.uniform(0.0, 2.0) * (chance.random() < 0.8)
    speed = chance.choice([0.05, 0.2, 0.7])
    shift = 0.0 if positive else 1.0

    def value(step):
        raw = floor + (start - floor) * math.exp(-speed * step) + chance.uniform(0, 0.02) - shift
        return round(raw if minimize else -raw, 4)

    return value


def conducted(name, trials, workers, trouble, stride, positive, minimize, **options):
    chance = random.Random(name)
    study = Study(minimize=minimize, **options)
    curves = []
    while True:
        running = [t for t in study.trials if t.state == "running"]
        if len(running) < workers and (not running or chance.random() < 0.5):
            resumed = study.free()
            if resumed is None and len(study.trials) < trials:
                curves.append(curve(chance, minimize, positive))
                study.start()
                continue
            if resumed is None and not running and study.free(ending=True) is None:
                break
            continue
        trial = chance.choice(running)
        step = min(trial.last + stride, study.max_steps)
        drawn = chance.random()
        value = "NaN" if drawn < trouble / 2 else None if drawn < trouble else curves[trial.number](step)
        action = study.report(trial, step, value)
        if action != "continue":
            study.end(trial, action)
        elif step == study.max_steps:
            study.end(trial, "complete")
    return {
        "name": name,
        "goal": "minimize" if minimize else "maximize",
        "maxSteps": options["max_steps"],
        "seed": options["seed"],
        "options": {
            "eta": options["eta"],
            "minSteps": options["min_steps"],
            "accumulate": options["accumulate"],
            "optimism": options["optimism"],
            "audit": options["audit"],
        },
        "moves": study.moves,
    }


DEFAULTS = {"eta": 2, "min_steps": 1, "accumulate": 0, "optimism": 3, "audit": 0.02}
CASES = [
    ("the defaults", 40, 4, 0.0, 1, True, True, {"max_steps": 30, "seed": 7}),
    ("a score that is maximized", 30, 4, 0.0, 1, True, False, {"max_steps": 16, "seed": 2**40 + 5, "eta": 4}),
    ("costs around 0", 30, 3, 0.02, 1, False, True, {"max_steps": 20, "seed": 11, "eta": 3}),
    ("trouble, one at a time", 30, 1, 0.1, 1, True, True, {"max_steps": 16, "seed": 3, "eta": 2}),
    ("a goal metric that is reported seldom", 24, 4, 0.5, 1, True, True, {"max_steps": 40, "seed": 10, "eta": 2}),
    ("reports at every third step", 30, 8, 0.02, 3, True, True, {"max_steps": 27, "seed": 4, "eta": 3}),
    ("audit", 30, 4, 0.0, 1, True, True, {"max_steps": 16, "seed": 5, "audit": 0.6}),
    ("accumulation", 20, 4, 0.0, 1, True, True, {"max_steps": 16, "seed": 6, "accumulate": 3, "optimism": 0}),
    ("a last resort", 3, 3, 0.0, 1, True, True, {"max_steps": 64, "seed": 8, "min_steps": 40, "audit": 0}),
    ("a later first rung", 24, 6, 0.0, 2, True, True, {"max_steps": 40, "seed": 9, "min_steps": 2, "eta": 2}),
]


def main():
    cases = []
    for name, trials, workers, trouble, stride, positive, minimize, given in CASES:
        options = {**DEFAULTS, **given}
        cases.append(conducted(name, trials, workers, trouble, stride, positive, minimize, **options))
    sys.stdout.write('{\n "cases": [\n')
    for place, case in enumerate(cases):
        moves = case.pop("moves")
        head = json.dumps(case)[:-1]
        body = ",\n   ".join(json.dumps(move) for move in moves)
        comma = "," if place < len(cases) - 1 else ""
        sys.stdout.write(f'  {head}, "moves": [\n   {body}\n  ]}}{comma}\n')
    sys.stdout.write(" ]\n}\n")


main()
