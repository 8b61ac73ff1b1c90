"""Syne Tune's multi-fidelity schedulers on a table of curves, through their own suggest / on_trial_result calls, in the
order in which Syne Tune's Tuner makes them with one worker. Its searchers choose from the table's configurations by
`restrict_configurations`; resuming a paused trial costs nothing."""

import datetime
import logging
import warnings

from curve_table import is_logarithmic
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import choice, loguniform, lograndint, randint, uniform
from syne_tune.optimizer import legacy_baselines as baselines
from syne_tune.optimizer.scheduler import SchedulerDecision

logging.getLogger().setLevel(logging.ERROR)
warnings.filterwarnings("ignore")

BEGIN = datetime.datetime(2026, 1, 1)

SCHEDULERS = {
    "asha-promotion-eta3": (baselines.ASHA, {"type": "promotion", "reduction_factor": 3}),
    "asha-promotion-eta4": (baselines.ASHA, {"type": "promotion", "reduction_factor": 4}),
    "asha-stopping-eta3": (baselines.ASHA, {"type": "stopping", "reduction_factor": 3}),
    "asha-stopping-eta4": (baselines.ASHA, {"type": "stopping", "reduction_factor": 4}),
    "pasha": (baselines.PASHA, {}),
    "mobster": (baselines.MOBSTER, {"type": "promotion"}),
    "hypertune": (baselines.HyperTune, {"type": "promotion"}),
    "dyhpo": (baselines.DyHPO, {}),
}


def domain(values):
    if any(isinstance(value, (str, bool)) for value in values):
        return choice(list(dict.fromkeys(values)))
    low, high = min(values), max(values)
    if low == high:
        return low
    if all(isinstance(value, int) for value in values):
        return lograndint(low, high) if is_logarithmic(values) else randint(low, high)
    return loguniform(low, high) if is_logarithmic(values) else uniform(low, high)


def replay(table, name, seed, trace):
    scheduler_class, options = SCHEDULERS[name]
    space = {param: domain(values) for param, values in table.columns().items()}
    varied = [param for param, each in space.items() if hasattr(each, "sample")]
    key = lambda configuration: tuple(configuration[param] for param in varied)
    index_of = {}
    for index, configuration in enumerate(table.configurations):
        index_of.setdefault(key(configuration), index)
    candidates = [{param: table.configurations[index][param] for param in varied} for index in index_of.values()]
    scheduler = scheduler_class(
        space,
        metric="cost",
        mode="min",
        resource_attr="step",
        max_t=table.max_steps,
        grace_period=1,
        random_seed=seed,
        search_options={"restrict_configurations": candidates, "debug_log": False},
        **options,
    )
    trials, reached = [], []
    while not trace.is_over:
        suggestion = scheduler.suggest(len(trials))
        if suggestion is None:
            break
        if suggestion.spawn_new_trial_id:
            trial = Trial(trial_id=len(trials), config=suggestion.config, creation_time=BEGIN)
            trials.append(trial)
            reached.append(0)
            scheduler.on_trial_add(trial)
        else:
            trial = trials[suggestion.checkpoint_trial_id]
        costs = table.costs[index_of[key(trial.config)]]
        while not trace.is_over:
            step = reached[trial.trial_id] + 1
            reached[trial.trial_id] = step
            cost = float(costs[step - 1])
            trace.see(cost)
            result = {"cost": cost, "step": step}
            decision = scheduler.on_trial_result(trial, result)
            if step == table.max_steps:
                if decision == SchedulerDecision.CONTINUE:
                    scheduler.on_trial_complete(trial, result)
                else:
                    scheduler.on_trial_remove(trial)
                break
            if decision != SchedulerDecision.CONTINUE:
                scheduler.on_trial_remove(trial)
                break
