"""The peers of bench/functions.mjs, asked and told by lines of JSON: {"start": {"space", "seed", "trials"}}, then
{"tell": value}, null at first, each answered with the next {"params"} and the processor time so far."""

import json
import shutil
import sys
import tempfile
import time
from importlib.metadata import version

peer, *arguments = sys.argv[1:]


def is_on(param, params):
    return all(params.get(name) in values for name, values in param.get("when", {}).items())


def optuna_peer(make):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def start(space, seed, trials):
        study = optuna.create_study(sampler=make(optuna, seed))
        asked = []

        def suggest(trial, param):
            name, kind = param["name"], param["kind"]
            if kind == "float":
                return trial.suggest_float(name, param["low"], param["high"], log=param.get("log", False))
            if kind == "int":
                return trial.suggest_int(name, param["low"], param["high"], log=param.get("log", False))
            return trial.suggest_categorical(name, param["options"])

        def ask():
            trial = study.ask()
            params = {}
            for param in space:
                if is_on(param, params):
                    params[param["name"]] = suggest(trial, param)
            asked.append(trial)
            return params

        return ask, lambda value: study.tell(asked.pop(), value)

    return f"Optuna {optuna.__version__}", start


def auto_sampler(optuna, seed):
    import optunahub

    name = "samplers/auto_sampler"
    if arguments:
        module = optunahub.load_local_module(name, registry_root=f"{arguments[0]}/package")
    else:
        module = optunahub.load_module(name)
    return module.AutoSampler(seed=seed)


def smac_peer():
    import logging

    from ConfigSpace import Categorical, ConfigurationSpace, Float, InCondition, Integer
    from smac import HyperparameterOptimizationFacade, Scenario
    from smac.runhistory.dataclasses import TrialValue

    def hyper_of(param):
        name, log = param["name"], param.get("log", False)
        if param["kind"] == "float":
            return Float(name, (param["low"], param["high"]), log=log)
        if param["kind"] == "int":
            return Integer(name, (param["low"], param["high"]), log=log)
        return Categorical(name, param["options"])

    folders = []

    def start(space, seed, trials):
        if folders:
            shutil.rmtree(folders.pop())
        folders.append(tempfile.mkdtemp(prefix="smac-"))
        configurations = ConfigurationSpace(seed=seed)
        configurations.add([hyper_of(param) for param in space])
        for param in space:
            for parent, values in param.get("when", {}).items():
                configurations.add(InCondition(configurations[param["name"]], configurations[parent], values))
        scenario = Scenario(
            configurations, n_trials=trials, deterministic=True, seed=seed, output_directory=folders[0]
        )
        facade = HyperparameterOptimizationFacade(
            scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=logging.ERROR
        )
        asked = []

        def ask():
            asked.append(facade.ask())
            params = dict(asked[-1].config)
            return {name: value.item() if hasattr(value, "item") else value for name, value in params.items()}

        return ask, lambda value: facade.tell(asked.pop(), TrialValue(cost=value))

    return f"SMAC3 {version('smac')}", start


def hebo_peer():
    import numpy
    import torch
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO

    torch.set_num_threads(1)

    def hyper_of(param):
        name, kind, log = param["name"], param["kind"], param.get("log", False)
        if kind == "choice":
            return {"name": name, "type": "cat", "categories": param["options"]}
        named = {("float", False): "num", ("float", True): "pow", ("int", False): "int", ("int", True): "pow_int"}
        found = {"name": name, "type": named[kind, log], "lb": param["low"], "ub": param["high"]}
        return {**found, "base": 10} if log else found

    def start(space, seed, trials):
        numpy.random.seed(seed)
        torch.manual_seed(seed)
        optimizer = HEBO(DesignSpace().parse([hyper_of(param) for param in space]), scramble_seed=seed)
        asked = []

        def ask():
            asked.append(optimizer.suggest(n_suggestions=1))
            flat = {
                name: value.item() if hasattr(value, "item") else value
                for name, value in asked[-1].iloc[0].to_dict().items()
            }
            # It knows no conditions: it proposes all params, and those that are off have no effect.
            params = {}
            for param in space:
                if is_on(param, params):
                    value = flat[param["name"]]
                    params[param["name"]] = int(value) if param["kind"] == "int" else value
            return params

        return ask, lambda value: optimizer.observe(asked.pop(), numpy.array([[value]]))

    return f"HEBO {version('HEBO')}", start


PEERS = {
    "optuna-tpe": lambda: optuna_peer(lambda optuna, seed: optuna.samplers.TPESampler(seed=seed)),
    "optuna-gp": lambda: optuna_peer(lambda optuna, seed: optuna.samplers.GPSampler(seed=seed)),
    "optuna-cmaes": lambda: optuna_peer(lambda optuna, seed: optuna.samplers.CmaEsSampler(seed=seed)),
    "optuna-auto": lambda: optuna_peer(auto_sampler),
    "smac": smac_peer,
    "hebo": hebo_peer,
}


def main():
    # What a peer prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    named, start = PEERS[peer]()
    spent, done, trials = 0.0, 0, 0
    ask = tell = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            begin = time.process_time()
            if "start" in request:
                spent, done, trials = 0.0, 0, request["start"]["trials"]
                ask, tell = start(**request["start"])
                answer = {"version": named}
            else:
                if request["tell"] is not None:
                    tell(request["tell"])
                    done += 1
                params = ask() if done < trials else None
                spent += time.process_time() - begin
                answer = {"params": params, "milliseconds": spent * 1e3}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
