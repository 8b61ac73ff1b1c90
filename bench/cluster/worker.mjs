// A worker process of the second part: the library's own worker, with a training that costs nothing. Its first argument
// is the study's folder. Sends its reports' latencies in milliseconds over IPC when the study is finished.

import { inlineLauncher } from "../../dist/launchers/inline.js";
import { coordinatorLocator } from "../../dist/server/coordinator-address.js";
import { runWorker } from "../../dist/server/run-worker.js";

const [, , folder, name] = process.argv;
const milliseconds = [];
let trials = 0;

async function train(trial) {
  trials += 1;
  for (let step = 1; step <= trial.maxSteps; step++) {
    const sent = performance.now();
    const answer = await trial.report(step, { loss: 1 / step });
    milliseconds.push(performance.now() - sent);
    if (answer !== "continue") return;
  }
}

process.send({ ready: true });
async function work() {
  await runWorker({
    name,
    host: "bench",
    pid: process.pid,
    slots: 1,
    gpus: [],
    labels: {},
    locate: coordinatorLocator({ rendezvous: folder }),
    makeLauncher: (_program, slots) => inlineLauncher({ train, slots }),
    interrupt: new AbortController().signal,
    kill: new AbortController().signal,
    reconnectFor: 60,
    log: () => {},
  });
  const { user, system } = process.cpuUsage();
  process.send({ trials, milliseconds, processorTime: (user + system) / 1e6 }, () => process.exit(0));
}
process.once("message", () => void work());
