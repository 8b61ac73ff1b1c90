"""Ray Tune's schedulers and search algorithms as those of Curvewise."""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .._samplers import first_known
from ._notes import note
from ._recorded import by_name, options_of, recorded
from ._reports import unsupported

_GOAL: Dict[str, Any] = {"metric": None, "mode": None}
_TIME: Dict[str, Any] = {"time_attr": "training_iteration", **_GOAL}

_ASHA: Dict[str, Any] = {**_TIME, "max_t": 100, "grace_period": 1, "reduction_factor": 4, "brackets": 1}
AsyncHyperBandScheduler = recorded("AsyncHyperBandScheduler", **_ASHA)
ASHAScheduler = recorded("ASHAScheduler", **_ASHA)
HyperBandScheduler = recorded("HyperBandScheduler", **_TIME, max_t=81, reduction_factor=3)
HyperBandForBOHB = recorded("HyperBandForBOHB", **_TIME, max_t=81, reduction_factor=3)
MedianStoppingRule = recorded(
    "MedianStoppingRule", **{**_TIME, "time_attr": "time_total_s"}, grace_period=60.0, min_samples_required=3
)
_POPULATION: Dict[str, Any] = {
    **_TIME,
    "time_attr": "time_total_s",
    "perturbation_interval": 60.0,
    "burn_in_period": 0.0,
    "hyperparam_mutations": None,
    "quantile_fraction": 0.25,
    "resample_probability": 0.25,
}
PopulationBasedTraining = recorded("PopulationBasedTraining", **_POPULATION)
PB2 = recorded(
    "PB2",
    **{**_TIME, "time_attr": "time_total_s"},
    perturbation_interval=60.0,
    hyperparam_bounds=None,
    quantile_fraction=0.25,
)
FIFOScheduler = recorded("FIFOScheduler")

SCHEDULERS = by_name(
    AsyncHyperBandScheduler,
    ASHAScheduler,
    HyperBandScheduler,
    HyperBandForBOHB,
    MedianStoppingRule,
    PopulationBasedTraining,
    FIFOScheduler,
)
#: PB2 is in a module of its own.
PB2_MODULE = by_name(PB2)

BasicVariantGenerator = recorded("BasicVariantGenerator", points_to_evaluate=None)
ConcurrencyLimiter = recorded("ConcurrencyLimiter", searcher=None, max_concurrent=None, batch=False)
OptunaSearch = recorded("OptunaSearch", space=None, **_GOAL, points_to_evaluate=None)
HyperOptSearch = recorded("HyperOptSearch", space=None, **_GOAL, points_to_evaluate=None)
BayesOptSearch = recorded("BayesOptSearch", space=None, **_GOAL, points_to_evaluate=None)
TuneBOHB = recorded("TuneBOHB", space=None, bohb_config=None, **_GOAL, points_to_evaluate=None)

#: Curvewise's samplers that come nearest to those that learn.
_NEAREST: Dict[str, Tuple[str, ...]] = {
    "OptunaSearch": ("tpe",),
    "HyperOptSearch": ("tpe",),
    "TuneBOHB": ("tpe",),
    "BayesOptSearch": ("gp",),
}

#: Search algorithms by the modules that programs import them from.
SEARCHERS: Dict[str, Dict[str, object]] = {
    "ray.tune.search": by_name(BasicVariantGenerator, ConcurrencyLimiter),
    "ray.tune.search.basic_variant": by_name(BasicVariantGenerator),
    "ray.tune.search.optuna": by_name(OptunaSearch),
    "ray.tune.search.hyperopt": by_name(HyperOptSearch),
    "ray.tune.search.bayesopt": by_name(BayesOptSearch),
    "ray.tune.search.bohb": by_name(TuneBOHB),
}


@dataclass(frozen=True)
class Plan:
    """How Curvewise tunes what was set up for Ray Tune.

    Attributes:
        scheduler: as in study files; None: train everything to its end.
        max_steps: the step at which a training is complete, if that is known.
        population: how many trials there are, if the scheduler says so.
    """

    scheduler: Optional[Mapping[str, Any]]
    max_steps: Optional[int]
    population: Optional[int] = None


def _interval(options: Mapping[str, Any], name: str) -> int:
    if options.get("time_attr") != "training_iteration":
        raise unsupported(
            f"a scheduler that goes by {options.get('time_attr')}", 'Write time_attr="training_iteration".'
        )
    return int(max(1, round(options[name])))


def plan_of(scheduler: Any, max_steps: Optional[int], trials: int, params: List[str]) -> Plan:
    """Curvewise's scheduler for one of Ray's.

    Args:
        max_steps: what the run's ``stop`` says.
        trials: how many are wanted.
        params: the names of the space.

    Raises:
        CurvewiseError: ``NOT_SUPPORTED``.
    """
    name = "FIFOScheduler" if scheduler is None else type(scheduler).__name__
    options = options_of(scheduler)
    if name in ("ASHAScheduler", "AsyncHyperBandScheduler"):
        chosen = {
            "type": "stopping",
            "eta": max(2, round(options["reduction_factor"])),
            "minSteps": max(1, round(options["grace_period"])),
            "brackets": options["brackets"],
        }
        return Plan({"asha": chosen}, int(options["max_t"]))
    if name in ("HyperBandScheduler", "HyperBandForBOHB"):
        return Plan({"hyperband": {"eta": max(2, round(options["reduction_factor"]))}}, int(options["max_t"]))
    if name == "MedianStoppingRule":
        warmup = options["grace_period"] if options.get("time_attr") == "training_iteration" else 0
        if warmup != options["grace_period"]:
            note("MedianStoppingRule's grace_period is in seconds, and left out: median may stop from step 1")
        return Plan({"median": {"startup": options["min_samples_required"], "warmup": warmup}}, max_steps)
    if name in ("PopulationBasedTraining", "PB2"):
        interval = _interval(options, "perturbation_interval")
        mutated = options.get("hyperparam_mutations") or options.get("hyperparam_bounds") or {}
        evolve = [each for each in params if each in mutated]
        if max_steps is None:
            raise unsupported(f"{name} without an end", 'Write RunConfig(stop={"training_iteration": 100}).')
        chosen = {"population": trials, "interval": interval, **({"evolve": evolve} if evolve else {})}
        return Plan({"pbt" if name == "PopulationBasedTraining" else "pb2": chosen}, max_steps, trials)
    if name == "FIFOScheduler":
        return Plan(None, max_steps)
    raise unsupported(f"the scheduler {name}", f"Use one of {', '.join(SCHEDULERS)}.")


def searched(searcher: Any) -> Tuple[str, List[Mapping[str, Any]], Optional[int]]:
    """Curvewise's sampler for a search algorithm of Ray's, the params to try first, and how many trials at a time."""
    if searcher is None:
        return "random", [], None
    options = options_of(searcher)
    if type(searcher).__name__ == "ConcurrencyLimiter":
        sampler, first, _ = searched(options["searcher"])
        return sampler, first, options["max_concurrent"]
    name = type(searcher).__name__
    wanted = _NEAREST.get(name, ())
    chosen = first_known(wanted) if wanted else "random"
    if name != "BasicVariantGenerator" and chosen not in wanted:
        note(f"{name} has no counterpart: the sampler is random")
    return chosen, list(options.get("points_to_evaluate") or []), None


def goal_of(config: Any) -> Optional[Dict[str, str]]:
    """The goal that a TuneConfig, its scheduler or its search algorithm names."""
    for place in (vars(config), options_of(config.scheduler), options_of(config.search_alg)):
        if place.get("metric") is not None:
            return {"maximize" if place.get("mode") == "max" else "minimize": str(place["metric"])}
    return None
