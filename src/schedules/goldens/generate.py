"""Writes pytorch.jsonl: the rates of PyTorch's own schedulers at iterations 0 to 1000.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch==2.8.0
    /tmp/goldens/bin/python src/schedules/goldens/generate.py > src/schedules/goldens/pytorch.jsonl

The first line names the versions. Every other line is a case: the schedule as Curvewise writes it, the source, and the
rates, with 14 significant digits; [rate, n] stands for the same rate n times.

PyTorch computes rates in 64-bit floats. Where a scheduler has a closed form, `step(epoch)` uses it and that is the
golden value; `step()` computes each rate from the previous one, so that rounding errors add up, and is only compared
with it here. Schedulers without a closed form are stepped.
"""

import bisect
import itertools
import json
import math
import platform
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

LAST = 1000
TOLERANCE = 1e-12
warnings.filterwarnings("ignore")


def rates_of(rate, make, last, closed):
    """The rate at each iteration up to `last`; `closed`: by the scheduler's closed form."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    optimizer.step()
    scheduler = make(optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    for iteration in range(1, last + 1):
        if closed:
            scheduler.step(iteration)
        else:
            scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def case(schedule, rate, make, source, last=LAST, closed=False, hold=0):
    """A line of the file; `hold`: PyTorch defines nothing after `last`, and the rate stays for this many iterations."""
    rates = rates_of(rate, make, last, closed)
    if closed:
        stepped = rates_of(rate, make, last, False)
        worst = max(abs(a - b) for a, b in zip(rates, stepped)) / rate
        assert worst < TOLERANCE, (source, worst)
        source += f", closed form (stepped: {worst:.1e} apart, as a share of the rate)"
    rates += rates[-1:] * hold
    runs = [(value, len(list(run))) for value, run in itertools.groupby(float(f"{rate:.14g}") for rate in rates)]
    return {
        "schedule": schedule,
        "source": source,
        "rates": [value if times == 1 else [value, times] for value, times in runs],
    }


def sequential(warmup, rest, duration):
    return lambda optimizer: schedulers.SequentialLR(
        optimizer, [warmup(optimizer), rest(optimizer)], milestones=[duration]
    )


def lambda_lr(function):
    return lambda optimizer: schedulers.LambdaLR(optimizer, function)


def cases():
    s = schedulers
    yield case({"constant": {"rate": 0.0016}}, 0.0016, lambda o: s.ConstantLR(o, factor=1.0), "ConstantLR(factor=1)")

    yield case(
        {"exponential": {"rate": 0.1, "factor": 0.95, "every": 100}},
        0.1,
        lambda o: s.StepLR(o, step_size=100, gamma=0.95),
        "StepLR(step_size=100, gamma=0.95)",
        closed=True,
    )
    yield case(
        {"exponential": {"rate": 0.3, "factor": 0.995}},
        0.3,
        lambda o: s.ExponentialLR(o, gamma=0.995),
        "ExponentialLR(gamma=0.995)",
        closed=True,
    )
    yield case(
        {"exponential": {"rate": 0.1, "factor": 0.95, "every": 100, "continuous": True}},
        0.1,
        lambda o: s.ExponentialLR(o, gamma=0.95**0.01),
        "ExponentialLR(gamma=0.95**0.01)",
        closed=True,
    )

    yield case(
        {"step": {"rate": 0.1, "milestones": [250, 500, 875]}},
        0.1,
        lambda o: s.MultiStepLR(o, milestones=[250, 500, 875], gamma=0.1),
        "MultiStepLR(milestones=[250, 500, 875], gamma=0.1)",
        closed=True,
    )
    yield case(
        {"step": {"rate": 0.2, "every": 30, "factor": 0.7}},
        0.2,
        lambda o: s.StepLR(o, step_size=30, gamma=0.7),
        "StepLR(step_size=30, gamma=0.7)",
        closed=True,
    )

    yield case(
        {"polynomial": {"rate": 0.1, "duration": 900, "power": 0.9}},
        0.1,
        lambda o: s.PolynomialLR(o, total_iters=900, power=0.9),
        "PolynomialLR(total_iters=900, power=0.9)",
        closed=True,
    )
    yield case(
        {"polynomial": {"rate": 0.05, "duration": 1000}},
        0.05,
        lambda o: s.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=1000),
        "LinearLR(start_factor=1, end_factor=0, total_iters=1000)",
        closed=True,
    )
    yield case(
        {"polynomial": {"rate": 0.05, "duration": 640, "final": 0.01}},
        0.05,
        lambda o: s.LinearLR(o, start_factor=1.0, end_factor=0.2, total_iters=640),
        "LinearLR(start_factor=1, end_factor=0.2, total_iters=640)",
        closed=True,
    )

    yield case(
        {"cosine": {"rate": 0.1, "duration": 1000}},
        0.1,
        lambda o: s.CosineAnnealingLR(o, T_max=1000),
        "CosineAnnealingLR(T_max=1000)",
        closed=True,
    )
    yield case(
        {"cosine": {"rate": 0.4, "duration": 730, "final": 0.004}},
        0.4,
        lambda o: s.CosineAnnealingLR(o, T_max=730, eta_min=0.004),
        "CosineAnnealingLR(T_max=730, eta_min=0.004) up to 730",
        closed=True,
        last=730,
        hold=LAST - 730,
    )

    yield case(
        {"cosine-restarts": {"rate": 0.1, "period": 90}},
        0.1,
        lambda o: s.CosineAnnealingWarmRestarts(o, T_0=90),
        "CosineAnnealingWarmRestarts(T_0=90)",
    )
    yield case(
        {"cosine-restarts": {"rate": 0.1, "period": 50, "multiplier": 2, "final": 0.001}},
        0.1,
        lambda o: s.CosineAnnealingWarmRestarts(o, T_0=50, T_mult=2, eta_min=0.001),
        "CosineAnnealingWarmRestarts(T_0=50, T_mult=2, eta_min=0.001)",
    )

    yield case(
        {"inverse-square-root": {"rate": 0.001, "timescale": 100}},
        0.001,
        lambda_lr(lambda t: 1 / math.sqrt(1 + t / 100)),
        "LambdaLR(1 / sqrt(1 + t / 100))",
    )
    yield case(
        {"inverse-square-root": {"rate": 0.001, "timescale": 160}, "warmup": {"duration": 160}},
        0.001,
        lambda_lr(lambda t: 0.0 if t == 0 else 160**0.5 * min(t**-0.5, t * 160**-1.5)),
        "LambdaLR of Vaswani et al. 2017, equation 3, as a share of its peak at 160",
    )

    # OneCycleLR refuses to step beyond its total_steps, counted from 0.
    for duration, options, settings in [
        (LAST + 1, {}, {}),
        (
            600,
            {"anneal": "linear", "rise": 0.25, "startDivisor": 10, "endDivisor": 100},
            {"anneal_strategy": "linear", "pct_start": 0.25, "div_factor": 10.0, "final_div_factor": 100.0},
        ),
        (600, {"phases": 3}, {"three_phase": True}),
        (
            LAST + 1,
            {"phases": 3, "anneal": "linear", "rise": 0.45},
            {"three_phase": True, "anneal_strategy": "linear", "pct_start": 0.45},
        ),
    ]:
        named = "".join(f", {name}={value!r}" for name, value in settings.items())
        yield case(
            {"one-cycle": {"rate": 0.1, "duration": duration, **options}},
            0.1,
            lambda o: s.OneCycleLR(o, max_lr=0.1, total_steps=duration, cycle_momentum=False, **settings),
            f"OneCycleLR(max_lr=0.1, total_steps={duration}{named})",
            last=duration - 1,
            hold=LAST + 1 - duration,
        )

    changes = [(0, 0.1), (37, 0.08), (300, 0.096), (301, 0.0), (900, 0.4)]
    begins = [begin for begin, _ in changes]
    yield case(
        {"piecewise": {"changes": [{"from": begin, "rate": rate} for begin, rate in changes]}},
        1.0,
        lambda_lr(lambda t: changes[bisect.bisect_right(begins, t) - 1][1]),
        "LambdaLR of a bisected list",
    )

    yield case(
        {"constant": {"rate": 0.2}, "warmup": {"duration": 300, "start": 0.25}},
        0.2,
        lambda o: s.LinearLR(o, start_factor=0.25, total_iters=300),
        "LinearLR(start_factor=0.25, total_iters=300)",
        closed=True,
    )
    yield case(
        {"cosine": {"rate": 0.1, "duration": 900}, "warmup": {"duration": 100, "start": 0.01}},
        0.1,
        sequential(
            lambda o: s.LinearLR(o, start_factor=0.01, total_iters=100),
            lambda o: s.CosineAnnealingLR(o, T_max=900),
            100,
        ),
        "SequentialLR([LinearLR(start_factor=0.01, total_iters=100), CosineAnnealingLR(T_max=900)], [100])",
    )
    yield case(
        {"cosine-restarts": {"rate": 0.1, "period": 60, "multiplier": 3}, "warmup": {"duration": 80, "start": 0.5}},
        0.1,
        sequential(
            lambda o: s.LinearLR(o, start_factor=0.5, total_iters=80),
            lambda o: s.CosineAnnealingWarmRestarts(o, T_0=60, T_mult=3),
            80,
        ),
        "SequentialLR([LinearLR(start_factor=0.5, total_iters=80), CosineAnnealingWarmRestarts(T_0=60, T_mult=3)], [80])",
    )
    yield case(
        {"step": {"rate": 0.1, "milestones": [200, 400]}, "warmup": {"duration": 50, "start": 0.1}},
        0.1,
        sequential(
            lambda o: s.LinearLR(o, start_factor=0.1, total_iters=50),
            lambda o: s.MultiStepLR(o, milestones=[200, 400]),
            50,
        ),
        "SequentialLR([LinearLR(start_factor=0.1, total_iters=50), MultiStepLR(milestones=[200, 400])], [50])",
    )


print(json.dumps({"torch": torch.__version__.split("+")[0], "python": platform.python_version()}))
for line in cases():
    print(json.dumps(line, separators=(",", ":")))
