"""The line of a rung, from a value there to the gain that is still to come; for promote.py."""

import math


def variance(values):
    average = sum(values) / len(values)
    return sum((value - average) ** 2 for value in values) / len(values)


# What was learned of a rung's noise, as a share of the variance there, by its place in a training.
LEARNED = {
    1 / 64: 4.05,
    1 / 32: 1.36,
    1 / 16: 0.606,
    1 / 8: 0.296,
    1 / 4: 0.137,
    1 / 2: 0.0444,
    3 / 4: 0.00998,
    7 / 8: 0.00314,
}


def noise_share(place):
    """Between learned places the logarithm is in proportion to that of the place; beyond them it stays."""
    below = [known for known in LEARNED if known <= place]
    above = [known for known in LEARNED if known >= place]
    if not below or not above:
        return LEARNED[max(below) if below else min(above)]
    a, b = max(below), min(above)
    if a == b:
        return LEARNED[a]
    part = (math.log(place) - math.log(a)) / (math.log(b) - math.log(a))
    return math.exp((1 - part) * math.log(LEARNED[a]) + part * math.log(LEARNED[b]))


class Line:
    """The line of a rung: Bayesian linear regression with a prior towards a pure shift that is worth two trials."""

    def __init__(self, values, deeper, share, logarithmic):
        self.count = len(deeper)
        self.spread = max(1e-10, variance(values) if len(values) > 1 else self.unknown(values, logarithmic))
        if not deeper:
            self.noise = share * self.spread
            self.explained = 0.0
            return
        n = self.count
        self.center = sum(value for value, _, _ in deeper) / n
        self.gain = sum(end - value for value, end, _ in deeper) / n
        self.weight = sum((value - self.center) ** 2 for value, _, _ in deeper) + 2 * self.spread
        self.slope = (
            sum((value - self.center) * (end - value - self.gain) for value, end, _ in deeper) / self.weight
        )
        squares = sum((end - value - self.foretold(value)) ** 2 + sd**2 for value, end, sd in deeper)
        self.noise = (squares + 2 * share * self.spread) / (n + 2)
        signal = (1 + self.slope) ** 2 * self.spread
        self.explained = signal / (signal + self.noise)

    @staticmethod
    def unknown(values, logarithmic):
        """The variance of values of which at most one is known: they differ by a tenth."""
        if logarithmic:
            return 0.1**2
        return (0.1 * sum(values)) ** 2

    def foretold(self, value):
        return self.gain + self.slope * (value - self.center)

    def doubt(self, value):
        return self.noise * (1 / self.count + (value - self.center) ** 2 / self.weight)
