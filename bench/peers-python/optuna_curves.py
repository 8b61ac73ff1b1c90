"""Optuna's samplers and pruners on a table of curves.

Optuna cannot choose from given configurations, so what its sampler proposes is replaced by the nearest untried
configuration before the trial begins; the trial then has that configuration's params, and the sampler learns from those.
Its random sampler takes an untried configuration at random. Pruned trials cannot be resumed.
"""

import numpy as np
import optuna
from curve_table import Nearest, is_logarithmic
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)

PRUNERS = {
    "none": lambda table: optuna.pruners.NopPruner(),
    "median": lambda table: optuna.pruners.MedianPruner(),
    "sha": lambda table: optuna.pruners.SuccessiveHalvingPruner(),
    "hyperband": lambda table: optuna.pruners.HyperbandPruner(max_resource=table.max_steps),
}


def distribution(values):
    if any(isinstance(value, (str, bool)) for value in values):
        return CategoricalDistribution(list(dict.fromkeys(values)))
    if min(values) == max(values):
        return CategoricalDistribution([values[0]])
    log = is_logarithmic(values)
    kind = IntDistribution if all(isinstance(value, int) for value in values) else FloatDistribution
    return kind(min(values), max(values), log=log)


class OnTable(optuna.samplers.BaseSampler):
    """Asks another sampler for all params one by one, as a user's `suggest` calls would, then takes the nearest untried
    configuration of the table."""

    def __init__(self, table, space, seed, inner):
        self.table, self.space, self.inner = table, space, inner
        self.nearest = Nearest(table)
        self.order = iter(np.random.default_rng(seed).permutation(len(table.configurations)))
        self.taken = {}

    def infer_relative_search_space(self, study, trial):
        return self.space

    def sample_relative(self, study, trial, search_space):
        if self.inner is None:
            index = int(next(self.order))
        else:
            params = {
                name: self.inner.sample_independent(study, trial, name, each) for name, each in self.space.items()
            }
            index = self.nearest.take(params)
        self.taken[trial.number] = index
        return dict(self.table.configurations[index])

    def sample_independent(self, study, trial, param_name, param_distribution):
        raise RuntimeError("every param is sampled together")

    def before_trial(self, study, trial):
        if self.inner is not None:
            self.inner.before_trial(study, trial)

    def after_trial(self, study, trial, state, values):
        if self.inner is not None:
            self.inner.after_trial(study, trial, state, values)


def replay(table, name, seed, trace):
    pruner, sampler = name.split("+")
    space = {param: distribution(values) for param, values in table.columns().items()}
    inner = None if sampler == "random" else optuna.samplers.TPESampler(seed=seed)
    on_table = OnTable(table, space, seed, inner)
    study = optuna.create_study(study_name=f"replay-{seed}", sampler=on_table, pruner=PRUNERS[pruner](table))
    for _ in table.configurations:
        if trace.is_over:
            break
        trial = study.ask(space)
        costs = table.costs[on_table.taken[trial.number]]
        pruned = False
        for step, cost in enumerate(costs, start=1):
            trace.see(cost)
            trial.report(cost, step)
            pruned = step < table.max_steps and trial.should_prune()
            if pruned or trace.is_over:
                break
        if pruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, costs[step - 1])
