"""scikit-learn: estimators that are trained in parts, by ``partial_fit`` or by growing with ``warm_start``."""

import pickle
from typing import Any, Callable, Mapping, TypeVar

from .._metrics import Number
from .._trial import Trial

Estimator = TypeVar("Estimator")


def _train(
    trial: Trial,
    estimator: Estimator,
    train_step: Callable[[Any, int], None],
    measure: Callable[[Estimator], Mapping[str, Number]],
) -> Estimator:
    trial._counts_from_one("curvewise.callbacks.sklearn")
    if trial.resume is not None:
        given: Any = estimator
        with open(trial.resume, "rb") as file:
            # In a population, the saved one has another trial's params.
            estimator = pickle.load(file).set_params(**given.get_params(deep=False))
    for step in trial.steps():
        train_step(estimator, step)
        trial.report(step, measure(estimator))
        if trial.should_save(step):
            with trial.save(step, ".pickle") as path, open(path, "wb") as file:
                pickle.dump(estimator, file)
    return estimator


def partial_fit(
    trial: Trial,
    estimator: Estimator,
    x: Any,
    y: Any,
    measure: Callable[[Estimator], Mapping[str, Number]],
    **given: Any,
) -> Estimator:
    """Trains by ``partial_fit``: a step is one pass over the data. Goes on from ``trial.resume``.

    Args:
        measure: the metrics of an estimator: ``lambda model: {"accuracy": model.score(x_valid, y_valid)}``.
        given: further arguments of ``partial_fit``, such as ``classes``.

    Returns:
        The trained estimator.
    """
    return _train(trial, estimator, lambda model, _: model.partial_fit(x, y, **given), measure)


def warm_start(
    trial: Trial,
    estimator: Estimator,
    x: Any,
    y: Any,
    measure: Callable[[Estimator], Mapping[str, Number]],
    *,
    param: str = "n_estimators",
    by: int = 1,
) -> Estimator:
    """Trains an estimator that grows (``warm_start=True``): in each step, a param is raised and ``fit`` called.

    Args:
        measure: see ``partial_fit``.
        param: what grows: ``n_estimators``, or ``max_iter``.
        by: how much it grows in a step.

    Returns:
        The trained estimator.
    """

    def grow(model: Any, step: int) -> None:
        model.set_params(**{param: step * by, "warm_start": True}).fit(x, y)

    return _train(trial, estimator, grow, measure)
