"""
Prints what other tools show of a study, as their own readers read it: {"TRIAL": {"METRIC": [[STEP, VALUE], ...]}}.

    read_trackers.py mlflow URI EXPERIMENT
    read_trackers.py tensorboard FOLDER
"""

import json
import logging
import math
import os
import sys


def number(value):
    return value if math.isfinite(value) else str(value)


def mlflow(uri, experiment):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    trials, parents = {}, []
    token = None
    while True:
        page = client.search_runs([found.experiment_id], max_results=50, page_token=token)
        for run in page:
            if "mlflow.parentRunId" not in run.data.tags:
                parents.append({"id": run.info.run_id, "name": run.info.run_name, "status": run.info.status})
                continue
            metrics = {
                key: [[each.step, number(each.value)] for each in client.get_metric_history(run.info.run_id, key)]
                for key in run.data.metrics
            }
            name = run.data.tags["curvewise.trial"]
            if name in trials:
                raise ValueError(f"two runs for trial {name}")
            trials[name] = {
                "parent": run.data.tags["mlflow.parentRunId"],
                "status": run.info.status,
                "params": run.data.params,
                "metrics": metrics,
            }
        token = page.token
        if not token:
            return {"parents": parents, "trials": trials}


def tensorboard(folder):
    from tensorboard.backend.event_processing import event_accumulator

    trials = {}
    for name in os.listdir(folder):
        reader = event_accumulator.EventAccumulator(os.path.join(folder, name), size_guidance={"scalars": 0})
        reader.Reload()
        trials[name.removeprefix("trial-")] = {
            "metrics": {
                tag: [[each.step, number(each.value)] for each in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]
            }
        }
    return {"trials": trials}


logging.disable()
kind, *rest = sys.argv[1:]
json.dump({"mlflow": mlflow, "tensorboard": tensorboard}[kind](*rest), sys.stdout)
