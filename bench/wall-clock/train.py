# A training whose curve is a formula, for bench/wall-clock-starts.mjs. It needs so many seconds for its start and for
# each step, in which it sleeps, and speaks the trial protocol with Python's own library alone.
# Arguments: --start=, --step= (seconds), --rate=, --momentum=, --decay=.
import json
import math
import os
import socket
import sys
import time

given = dict(argument[2:].split("=", 1) for argument in sys.argv[1:])
time.sleep(float(given["start"]))
rate, momentum, decay = (float(given[name]) for name in ("rate", "momentum", "decay"))
distance = (math.log10(rate) + 2) ** 2 / 4 + (momentum - 0.8) ** 2 + (math.log10(decay) + 4) ** 2 / 16
floor = 0.1 + 0.5 * (1 - math.exp(-distance))
# Small rates learn slowly, so that the first steps mislead.
slowness = 3 + 2 * max(0.0, -math.log10(rate) - 1)

connection = socket.socket(socket.AF_UNIX)
connection.connect(os.environ["CURVEWISE_SOCKET"])
lines = connection.makefile("rw")


def ask(message):
    lines.write(json.dumps(message) + "\n")
    lines.flush()
    answer = lines.readline()
    return json.loads(answer) if answer else {"action": "stop"}


step = int(os.environ.get("CURVEWISE_RESUME_STEP") or 0)
last = int(os.environ["CURVEWISE_MAX_STEPS"])
while step < last:
    time.sleep(float(given["step"]))
    step += 1
    loss = floor + (1 - floor) * math.exp(-step / slowness)
    action = ask({"report": {"step": step, "metrics": {"loss": loss}}})["action"]
    if action == "pause":
        path = os.path.join(os.environ["CURVEWISE_DIR"], "step-%d" % step)
        with open(path, "w") as file:
            file.write(str(step))
        ask({"snapshot": {"step": step, "path": path}})
        if os.environ.get("CURVEWISE_PARK"):
            action = ask({"park": {}})["action"]
    if action != "continue":
        break
