"""Speaks the trial protocol as it is told on standard input; see the driver of the C++ client (`clients/cpp/tests`)."""

import json
import os
import sys
from typing import Any, Dict, List

import curvewise
from curvewise._metrics import encoded_metrics
from curvewise._program import SocketTalk

talk = SocketTalk(os.environ["CURVEWISE_SOCKET"])
given: Dict[str, Any] = {}


def told(kind: str, fields: List[str]) -> str:
    """What comes of a command."""
    if kind == "params":
        return json.dumps(given["params"])
    if kind == "resume":
        return f"{given['resume']}\t{given['step']}"
    if kind == "park":
        return "stop" if talk.park() is None else "continue"
    step = int(fields[0])
    if kind == "snapshot":
        talk.snapshot(step, fields[1])
        return "ok"
    metrics = {name: float(value) for name, value in (field.rsplit("=", 1) for field in fields[1:])}
    answer = talk.report(step, encoded_metrics(metrics, {}), kind == "exploit")
    given.update(params=answer.params, resume=answer.resume, step=answer.step)
    return answer.action


for line in sys.stdin:
    command, *rest = line.rstrip("\n").split("\t")
    try:
        said = told(command, rest)
    except curvewise.CurvewiseError as error:
        said = f"error {error.code}"
    print(said, flush=True)
