// A training that saves its model, the list of its steps, at every step and goes on from it. It reports what it was
// given: the arguments --NAME=VALUE, which all are numbers, as metrics. Further arguments: --pause-ms= (time a step takes).
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const { CURVEWISE_SOCKET, CURVEWISE_MAX_STEPS, CURVEWISE_DIR, CURVEWISE_RESUME, CURVEWISE_ATTEMPT } =
  process.env;
const given = Object.fromEntries(
  process.argv.slice(2).map((argument) => {
    const [name, value] = argument.slice(2).split("=");
    return [name, Number(value)];
  }),
);
const { "pause-ms": pause = 0, ...metrics } = given;

const socket = createConnection(CURVEWISE_SOCKET);
const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
const ask = async (message) => {
  socket.write(`${JSON.stringify(message)}\n`);
  return JSON.parse((await answers.next()).value);
};

const steps = CURVEWISE_RESUME ? JSON.parse(readFileSync(CURVEWISE_RESUME, "utf8")) : [];
while (steps.length < Number(CURVEWISE_MAX_STEPS)) {
  await new Promise((resolve) => setTimeout(resolve, pause));
  const step = steps.length + 1;
  steps.push(step);
  const { action } = await ask({ report: { step, metrics: { loss: metrics.lr + 1 / step, ...metrics } } });
  const path = join(CURVEWISE_DIR, `model-${CURVEWISE_ATTEMPT}-${step}.json`);
  writeFileSync(`${path}.partial`, JSON.stringify(steps));
  renameSync(`${path}.partial`, path);
  await ask({ snapshot: { step, path } });
  if (action !== "continue") break;
}
socket.end();
