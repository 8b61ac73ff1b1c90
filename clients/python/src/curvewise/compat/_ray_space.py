"""Ray Tune's search spaces as spaces of Curvewise."""

import itertools
import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Mapping, NoReturn, Optional, Sequence

from .._errors import CurvewiseError


@dataclass(frozen=True)
class Domain:
    """The values of one param, as in study files."""

    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """Values that are all tried."""

    values: Sequence[Any]


def _refused(what: str, hint: str) -> CurvewiseError:
    return CurvewiseError("SPACE_NOT_SUPPORTED", f"{what} has no counterpart in a space of Curvewise", hint)


def _multiples(lower: float, upper: float, q: float, to: Callable[[float], Any]) -> List[Any]:
    """The least and the greatest multiple of q in a range."""
    low, high = math.ceil(lower / q - 1e-9) * q, math.floor(upper / q + 1e-9) * q
    if low > high:
        raise _refused(f"a range from {lower} to {upper} without a multiple of {q}", "Make q smaller.")
    return [to(low), to(high)]


def uniform(lower: float, upper: float) -> Domain:
    """Real numbers."""
    return Domain({"float": [lower, upper]})


def quniform(lower: float, upper: float, q: float) -> Domain:
    """Multiples of q."""
    return Domain({"float": _multiples(lower, upper, q, float), "step": q})


def loguniform(lower: float, upper: float, base: object = None) -> Domain:
    """Real numbers, uniform in the logarithm, whatever its base."""
    return Domain({"float": [lower, upper], "log": True})


def qloguniform(lower: float, upper: float, q: float, base: object = None) -> NoReturn:
    """Refused: a range is uniform in the logarithm, or has a step."""
    raise _refused("qloguniform", "Use tune.loguniform and round in the program, or tune.quniform.")


def randint(lower: int, upper: int) -> Domain:
    """Whole numbers below ``upper``."""
    return Domain({"int": [lower, upper - 1]})


def qrandint(lower: int, upper: int, q: int = 1) -> Domain:
    """Multiples of q, ``upper`` included."""
    return Domain({"int": _multiples(lower, upper, q, int), **({} if q == 1 else {"step": q})})


def lograndint(lower: int, upper: int, base: object = None) -> Domain:
    """Whole numbers below ``upper``, uniform in the logarithm."""
    return Domain({"int": [lower, upper - 1], "log": True})


def qlograndint(lower: int, upper: int, q: int, base: object = None) -> NoReturn:
    """Refused: a range is uniform in the logarithm, or has a step."""
    raise _refused("qlograndint", "Use tune.lograndint and round in the program, or tune.qrandint.")


def choice(categories: Sequence[Any]) -> Domain:
    """One of several values."""
    return Domain({"choice": list(categories)})


def grid_search(values: Iterable[Any]) -> Grid:
    """Values that are all tried."""
    return Grid(list(values))


def sample_from(func: Callable[[Any], Any]) -> NoReturn:
    """Refused: what a function draws, the study could neither record nor propose."""
    raise _refused("sample_from", "Use a range, tune.choice, or a condition (`when`) in a study file.")


def randn(mean: float = 0.0, sd: float = 1.0) -> NoReturn:
    """Refused: there is no normal distribution."""
    raise _refused("randn", f"Use tune.uniform({mean - 3 * sd}, {mean + 3 * sd}).")


def qrandn(mean: float, sd: float, q: float) -> NoReturn:
    """Refused: there is no normal distribution."""
    raise _refused("qrandn", f"Use tune.quniform({mean - 3 * sd}, {mean + 3 * sd}, {q}).")


def flat(param_space: Mapping[str, Any], prefix: str = "") -> Dict[str, Any]:
    """The domains and grids of a nested space, by ``outer.inner``; what is constant is left out."""
    found: Dict[str, Any] = {}
    for name, value in param_space.items():
        if isinstance(value, Mapping) and set(value) == {"grid_search"}:
            value = grid_search(value["grid_search"])
        if isinstance(value, Mapping):
            found.update(flat(value, f"{prefix}{name}."))
        elif isinstance(value, (Domain, Grid)):
            found[f"{prefix}{name}"] = value
        elif type(value).__module__.startswith("ray.tune.search"):
            raise _refused(f"{type(value).__name__} of Ray", "Take it from ray.tune: tune.uniform(0, 1).")
    return found


def space(param_space: Mapping[str, Any]) -> Dict[str, Dict[str, Any]]:
    """A space of Ray Tune as one of Curvewise: ``space({"lr": tune.loguniform(1e-4, 1)})``.

    Spaces within it are named ``outer.inner``; constants are left out. A grid becomes a choice.

    Raises:
        CurvewiseError: ``SPACE_NOT_SUPPORTED``.
    """
    return {
        name: {"choice": list(value.values)} if isinstance(value, Grid) else dict(value.spec)
        for name, value in flat(param_space).items()
    }


def grid_of(param_space: Mapping[str, Any]) -> Optional[List[Dict[str, Any]]]:
    """Every combination of the grids in a space; None if there are no grids."""
    grids = {name: value.values for name, value in flat(param_space).items() if isinstance(value, Grid)}
    if not grids:
        return None
    return [dict(zip(grids, values)) for values in itertools.product(*grids.values())]


def config_of(param_space: Mapping[str, Any], params: Mapping[str, Any], prefix: str = "") -> Dict[str, Any]:
    """The config that a trainable gets: the space with a trial's params in their places.

    Raises:
        CurvewiseError: ``PARAM_UNKNOWN`` if the study lacks one of them.
    """
    config: Dict[str, Any] = {}
    for name, value in param_space.items():
        path = f"{prefix}{name}"
        if path in params:
            config[name] = params[path]
        elif isinstance(value, Mapping) and set(value) != {"grid_search"}:
            config[name] = config_of(value, params, f"{path}.")
        elif isinstance(value, (Mapping, Domain, Grid)):
            raise CurvewiseError(
                "PARAM_UNKNOWN",
                f"the study has no param {path}",
                "Add it to the study's space; curvewise.compat.ray.space(param_space) is the whole of it.",
            )
        else:
            config[name] = value
    if prefix == "":
        config.update({name: value for name, value in params.items() if name not in config and "." not in name})
    return config
