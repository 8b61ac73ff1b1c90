"""Optuna's samplers and pruners as the samplers and schedulers of Curvewise."""

import itertools
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._errors import CurvewiseError
from ._notes import note
from ._recorded import Recorded, by_name, options_of, recorded
from ._reports import unsupported

Choice = Any

_SEED = {"seed": None}
TPESampler = recorded("TPESampler", **_SEED)
RandomSampler = recorded("RandomSampler", **_SEED)
CmaEsSampler = recorded("CmaEsSampler", x0=None, sigma0=None, **_SEED)
GPSampler = recorded("GPSampler", **_SEED)
QMCSampler = recorded("QMCSampler", **_SEED)
NSGAIISampler = recorded("NSGAIISampler", **_SEED)
NSGAIIISampler = recorded("NSGAIIISampler", **_SEED)
BruteForceSampler = recorded("BruteForceSampler", **_SEED)
GridSampler = recorded("GridSampler", search_space=None, **_SEED)
PartialFixedSampler = recorded("PartialFixedSampler", fixed_params=None, base_sampler=None)

SAMPLERS = by_name(
    TPESampler,
    RandomSampler,
    CmaEsSampler,
    GPSampler,
    QMCSampler,
    NSGAIISampler,
    NSGAIIISampler,
    BruteForceSampler,
    GridSampler,
    PartialFixedSampler,
)

_EVERY: Dict[str, Any] = {"n_startup_trials": 5, "n_warmup_steps": 0, "interval_steps": 1}
MedianPruner = recorded("MedianPruner", **_EVERY)
PercentilePruner = recorded("PercentilePruner", percentile=None, **_EVERY)
SuccessiveHalvingPruner = recorded(
    "SuccessiveHalvingPruner", min_resource="auto", reduction_factor=4, min_early_stopping_rate=0, bootstrap_count=0
)
HyperbandPruner = recorded(
    "HyperbandPruner", min_resource=1, max_resource="auto", reduction_factor=3, bootstrap_count=0
)
ThresholdPruner = recorded("ThresholdPruner", lower=None, upper=None, n_warmup_steps=0, interval_steps=1)
PatientPruner = recorded("PatientPruner", wrapped_pruner=None, patience=0, min_delta=0.0)
WilcoxonPruner = recorded("WilcoxonPruner", p_threshold=0.1, n_startup_steps=2)
NopPruner = recorded("NopPruner")

PRUNERS = by_name(
    MedianPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    HyperbandPruner,
    ThresholdPruner,
    PatientPruner,
    WilcoxonPruner,
    NopPruner,
)

#: Curvewise's samplers that come nearest, by Optuna's; those that the engine has, in this order.
NEAREST: Mapping[str, Sequence[str]] = {
    "TPESampler": ("tpe", "random"),
    "GPSampler": ("gp", "random"),
    "CmaEsSampler": ("cmaes", "differential-evolution"),
    "QMCSampler": ("sobol", "random"),
    "NSGAIISampler": ("nsga2", "regularized-evolution"),
    "NSGAIIISampler": ("nsga3", "regularized-evolution"),
    "RandomSampler": ("random",),
    "BruteForceSampler": ("grid",),
}
#: What a pruner that has no last step is told: far beyond any training.
MANY_STEPS = 1_000_000


def sampler_of(
    sampler: Optional[Recorded], space: Mapping[str, Mapping[str, Any]], known: Sequence[str]
) -> Tuple[Choice, Dict[str, Any], int]:
    """Curvewise's sampler for one of Optuna's, the space that it searches, and the seed.

    Args:
        known: the samplers that the engine has.

    Raises:
        CurvewiseError: ``NOT_SUPPORTED``.
    """
    name = "TPESampler" if sampler is None else type(sampler).__name__
    options = options_of(sampler)
    seed = int(options.get("seed") or 0)
    if name == "PartialFixedSampler":
        fixed = {each: {"fixed": value} for each, value in options["fixed_params"].items()}
        return sampler_of(options["base_sampler"], {**space, **fixed}, known)
    if name == "GridSampler":
        levels: Mapping[str, Sequence[Any]] = options["search_space"]
        absent = [each for each in levels if each not in space]
        if absent:
            raise CurvewiseError(
                "PARAM_UNKNOWN", f"the objective does not ask for {', '.join(absent)}", "Leave it out of the grid."
            )
        entries = [dict(zip(levels, values)) for values in itertools.product(*levels.values())]
        return {"list": {"trials": entries}}, dict(space), seed
    if name not in NEAREST:
        raise unsupported(f"the sampler {name}", f"Use one of {', '.join(SAMPLERS)}.")
    chosen = next(each for each in NEAREST[name] if each in known)
    if chosen != NEAREST[name][0]:
        note(f"{name} has no counterpart: the sampler is {chosen}")
    return chosen, dict(space), seed


def _interval(options: Mapping[str, Any]) -> Dict[str, Any]:
    return {"warmup": options["n_warmup_steps"] + 1, "every": options["interval_steps"]}


def _threshold(options: Mapping[str, Any], metric: str) -> Choice:
    start = options["n_warmup_steps"] + 1
    rules: List[Choice] = [
        {"threshold": {"bound": bound, "from": start, "metric": metric, "direction": direction}}
        for bound, direction in ((options["upper"], "minimize"), (options["lower"], "maximize"))
        if bound is not None
    ]
    return rules[0] if len(rules) == 1 else {"combine": {"schedulers": rules}}


def scheduler_of(pruner: Optional[Recorded], metric: str, max_steps: Optional[int]) -> Tuple[Choice, Optional[int]]:
    """Curvewise's scheduler for one of Optuna's pruners, and the last step that it needs to know.

    All of them stop trials for good: Optuna's trials cannot be paused.

    Raises:
        CurvewiseError: ``NOT_SUPPORTED``.
    """
    name = "MedianPruner" if pruner is None else type(pruner).__name__
    options = dict(_EVERY) if pruner is None else options_of(pruner)
    if name == "PercentilePruner":
        note("PercentilePruner has no counterpart: the scheduler is median")
    if name in ("MedianPruner", "PercentilePruner"):
        return {"median": {"startup": options["n_startup_trials"], **_interval(options)}}, max_steps
    if name == "SuccessiveHalvingPruner":
        least = 1 if options["min_resource"] == "auto" else options["min_resource"]
        first = least * options["reduction_factor"] ** options["min_early_stopping_rate"]
        halving = {"type": "stopping", "eta": options["reduction_factor"], "minSteps": first}
        return {"asha": halving}, max_steps or MANY_STEPS
    if name == "HyperbandPruner":
        last = max_steps if options["max_resource"] == "auto" else int(options["max_resource"])
        eta, least, brackets = options["reduction_factor"], options["min_resource"], 4
        if last is not None:
            brackets = 1
            while least * eta**brackets <= last:
                brackets += 1
        halving = {"type": "stopping", "eta": eta, "minSteps": least, "brackets": min(20, brackets)}
        return {"asha": halving}, last or MANY_STEPS
    if name == "ThresholdPruner":
        return _threshold(options, metric), max_steps
    if name == "PatientPruner":
        if options["wrapped_pruner"] is not None:
            note("PatientPruner with another pruner: the other one decides, without patience")
            return scheduler_of(options["wrapped_pruner"], metric, max_steps)
        return {"patience": {"patience": options["patience"] + 1, "minDelta": options["min_delta"]}}, max_steps
    if name == "NopPruner":
        return "none", max_steps
    raise unsupported(f"the pruner {name}", "Use MedianPruner, SuccessiveHalvingPruner or HyperbandPruner.")
