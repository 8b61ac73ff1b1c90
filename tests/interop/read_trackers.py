"""
Prints what other tools show of a study, as their own readers read it: {"TRIAL": {"METRIC": [[STEP, VALUE], ...]}}.

    read_trackers.py mlflow URI EXPERIMENT
    read_trackers.py tensorboard FOLDER
    read_trackers.py wandb FOLDER
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
                tag: [[each.step, number(each.value)] for each in reader.Scalars(tag)]
                for tag in reader.Tags()["scalars"]
            }
        }
    return {"trials": trials}


def records_of(path):
    """The records of a file that wandb writes offline: a log as LevelDB has it, whose blocks are of 32 KiB."""
    with open(path, "rb") as file:
        data = file.read()
    place, record = 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        record += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield record
            record = b""


def wandb(folder):
    from wandb.proto.wandb_internal_pb2 import Record

    trials = {}
    for part in sorted(os.listdir(folder)):
        if not part.startswith("offline-run-"):
            continue
        [file] = [name for name in os.listdir(os.path.join(folder, part)) if name.endswith(".wandb")]
        trial = trials.setdefault(file.removesuffix(".wandb").rpartition("-")[2], {"metrics": {}, "params": {}})
        for data in records_of(os.path.join(folder, part, file)):
            record = Record.FromString(data)
            for item in [*record.run.config.update, *record.config.update]:
                if not item.key.startswith("_"):
                    trial["params"][item.key] = item.value_json
            values = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
            for key, value in values.items():
                if not key.startswith("_"):
                    # Numbers that are not finite are words.
                    trial["metrics"].setdefault(key, []).append([values["_step"], number(float(value))])
            if record.HasField("exit"):
                trial["status"] = str(record.exit.exit_code)
    return {"trials": trials}


logging.disable()
kind, *rest = sys.argv[1:]
json.dump({"mlflow": mlflow, "tensorboard": tensorboard, "wandb": wandb}[kind](*rest), sys.stdout)
