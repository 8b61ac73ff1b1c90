"""The config of a W&B sweep in the terms of a study."""

import math
from typing import Any, Dict, Mapping, Optional, Tuple

from ._errors import CurvewiseError
from ._locations import Choice


def _refused(name: str, distribution: object) -> CurvewiseError:
    return CurvewiseError(
        "SPACE_NOT_SUPPORTED",
        f"the distribution {distribution} of {name} has no counterpart in a space of Curvewise",
        "Use values, uniform, int_uniform, q_uniform or log_uniform_values.",
    )


def _spec(name: str, param: Mapping[str, Any]) -> Dict[str, Any]:
    """A param of a sweep as in study files."""
    kind = param.get("distribution")
    if "value" in param:
        return {"fixed": param["value"]}
    if "values" in param:
        if param.get("probabilities") is not None:
            raise _refused(name, "categorical_w_probabilities")
        return {"choice": list(param["values"])}
    if "min" not in param or "max" not in param:
        raise _refused(name, kind)
    low, high = param["min"], param["max"]
    if kind is None:
        kind = "int_uniform" if isinstance(low, int) and isinstance(high, int) else "uniform"
    if kind == "int_uniform":
        return {"int": [low, high]}
    if kind == "uniform":
        return {"float": [low, high]}
    if kind == "q_uniform":
        q = param.get("q", 1)
        first, last = math.ceil(low / q - 1e-9) * q, math.floor(high / q + 1e-9) * q
        return {"float": [first, last], "step": q}
    if kind == "log_uniform_values":
        return {"float": [low, high], "log": True}
    if kind == "log_uniform":
        return {"float": [math.exp(low), math.exp(high)], "log": True}
    raise _refused(name, kind)


def space(parameters: Mapping[str, Any], prefix: str = "") -> Dict[str, Dict[str, Any]]:
    """The ``parameters`` of a sweep as a space of Curvewise; nested ones by ``outer.inner``.

    Raises:
        CurvewiseError: ``SPACE_NOT_SUPPORTED``.
    """
    found: Dict[str, Dict[str, Any]] = {}
    for name, param in parameters.items():
        if "parameters" in param:
            found.update(space(param["parameters"], f"{prefix}{name}."))
        else:
            found[prefix + name] = _spec(prefix + name, param)
    return found


def nested(parameters: Mapping[str, Any], params: Mapping[str, Any], prefix: str = "") -> Dict[str, Any]:
    """Params in the form in which the sweep has them."""
    return {
        name: nested(param["parameters"], params, f"{prefix}{name}.")
        if "parameters" in param
        else params[prefix + name]
        for name, param in parameters.items()
    }


def flat(config: Mapping[str, Any], known: Mapping[str, Any], prefix: str = "") -> Dict[str, Any]:
    """The params of a run's config, which may hold much else."""
    found: Dict[str, Any] = {}
    for name, value in config.items():
        if prefix + name in known:
            found[prefix + name] = value
        elif isinstance(value, Mapping):
            found.update(flat(value, known, f"{prefix}{name}."))
    return found


def fits(spec: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is one of a param's."""
    if "choice" in spec:
        return value in spec["choice"]
    if "fixed" in spec:
        return bool(value == spec["fixed"])
    low, high = spec.get("int") or spec["float"]
    return not isinstance(value, (bool, str)) and value is not None and bool(low <= value <= high)


def early_terminate_of(config: Mapping[str, Any]) -> Tuple[Optional[Choice], Optional[int]]:
    """A sweep's ``early_terminate`` as a scheduler, and the last step that it needs to know."""
    rule = config.get("early_terminate")
    if not rule:
        return None, None
    eta = int(rule.get("eta", 3))
    if rule.get("max_iter") is not None:
        first = max(1, round(rule["max_iter"] / eta ** int(rule.get("s", 1))))
        return {"asha": {"type": "stopping", "eta": eta, "minSteps": first}}, int(rule["max_iter"])
    first = max(1, int(rule.get("min_iter", 1)))
    return {"asha": {"type": "stopping", "eta": eta, "minSteps": first}}, 1_000_000
