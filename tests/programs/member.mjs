// A member of a population: a training whose model is the list of the learning rates that it was trained with, one a
// step. It saves snapshots as it is asked to, under a new name each time, and can go on with another member's model,
// in place with --in-place. Told to stop it saves all the same, as careless programs do. Arguments: --lr=, --pause-ms=
// (time a step takes), --in-place, --spoil-before= (files of snapshots before this step are damaged once handed in),
// --steady (more steps are always better), --held-step= (this one and later ones are not trained as long as the file
// --held-while= exists).
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const option = (name, fallback) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;
const stepTime = Number(option("pause-ms", "5"));
const spoilBefore = Number(option("spoil-before", "0"));
const isSteady = process.argv.includes("--steady");
const heldStep = Number(option("held-step", "Infinity"));
const heldWhile = option("held-while", "");
const inPlace = process.argv.includes("--in-place");
const { CURVEWISE_SOCKET, CURVEWISE_MAX_STEPS, CURVEWISE_DIR, CURVEWISE_RESUME, CURVEWISE_SNAPSHOT_EVERY } =
  process.env;
const maxSteps = Number(CURVEWISE_MAX_STEPS);
const snapshotEvery = Number(CURVEWISE_SNAPSHOT_EVERY ?? maxSteps);
const attempt = process.env.CURVEWISE_ATTEMPT;

const socket = createConnection(CURVEWISE_SOCKET);
const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
const ask = async (message) => {
  socket.write(`${JSON.stringify(message)}\n`);
  return JSON.parse((await answers.next()).value);
};
const load = (path) => JSON.parse(readFileSync(path, "utf8"));

let lr = Number(option("lr", "0.1"));
let rates = CURVEWISE_RESUME ? load(CURVEWISE_RESUME) : [];
let saved = 0;
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
while (rates.length < maxSteps) {
  await sleep(stepTime);
  while (rates.length + 1 >= heldStep && existsSync(heldWhile)) await sleep(20);
  rates.push(lr);
  const step = rates.length;
  // The best rate falls from 0.5 to 0.05 during the training; the loss adds up how far off the rates were.
  const off = rates.map((rate, index) => Math.abs(Math.log(rate / (0.5 * 0.1 ** (index / maxSteps)))));
  const mean = off.reduce((sum, each) => sum + each, 0) / step;
  const loss = isSteady ? (1 + mean) / step : mean;
  const answer = await ask({ report: { step, metrics: { loss, lr }, exploit: inPlace } });
  if (answer.action === "exploit") {
    rates = load(answer.resume);
    ({ lr } = answer.params);
    continue;
  }
  if (answer.action === "pause" || step % snapshotEvery === 0) {
    saved += 1;
    const path = join(CURVEWISE_DIR, `model-${attempt}-${saved}.json`);
    writeFileSync(`${path}.partial`, JSON.stringify(rates));
    renameSync(`${path}.partial`, path);
    await ask({ snapshot: { step, path } });
    if (step < spoilBefore) writeFileSync(path, "spoilt");
  }
  if (answer.action !== "continue") break;
}
socket.end();
