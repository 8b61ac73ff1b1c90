// A training whose curve is a formula of its params and seed, speaking the trial protocol over the socket with
// nothing but Node. Arguments: --lr=, --momentum=, --pause-ms= (time a step takes), --save (snapshots). As long as the
// file --slow-while= exists, in trials from --slow-trial= and steps from --slow-step=, a step takes --slow-ms=.
// With --start-ms=, it takes so long before it connects.
// With --park, it waits when it was told to pause, and writes its pid to the file `starts` of its trial's folder;
// with --deaf, it stays when nobody is there any longer.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const option = (name, fallback) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;
const lr = Number(option("lr", "0.1"));
const momentum = Number(option("momentum", "0.5"));
const stepTime = Number(option("pause-ms", "5"));
const startTime = Number(option("start-ms", "0"));
const save = process.argv.includes("--save");
const slowWhile = option("slow-while", "");
const slowTime = Number(option("slow-ms", "10000"));
const slowTrial = Number(option("slow-trial", "0"));
const slowStep = Number(option("slow-step", "1"));
const {
  CURVEWISE_SOCKET,
  CURVEWISE_TRIAL,
  CURVEWISE_MAX_STEPS = "10",
  CURVEWISE_SEED,
  CURVEWISE_DIR,
  CURVEWISE_RESUME,
} = process.env;
const maxSteps = Number(CURVEWISE_MAX_STEPS);

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
if (startTime > 0) await sleep(startTime);
const socket = createConnection(CURVEWISE_SOCKET);
const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
const ask = async (message) => {
  socket.write(`${JSON.stringify(message)}\n`);
  return JSON.parse((await answers.next()).value);
};
const parks = process.argv.includes("--park");
if (parks) appendFileSync(join(CURVEWISE_DIR, "starts"), `${process.pid}\n`);
/** Whether the training goes on. */
const park = async () => {
  if (!parks || process.env.CURVEWISE_PARK === undefined) return false;
  const answer = await ask({ park: {} }).catch(() => undefined);
  if (answer === undefined && process.argv.includes("--deaf")) await sleep(1e9);
  return answer?.action === "continue";
};

const pause = async (step) => {
  await sleep(stepTime);
  if (slowWhile === "" || Number(CURVEWISE_TRIAL) < slowTrial || step < slowStep) return;
  const until = performance.now() + slowTime - stepTime;
  while (performance.now() < until && existsSync(slowWhile)) await sleep(50);
};

const first = CURVEWISE_RESUME ? JSON.parse(readFileSync(CURVEWISE_RESUME, "utf8")).step + 1 : 1;
const floor = Math.abs(Math.log10(lr) + 1) + (1 - momentum) * 0.2 + (Number(CURVEWISE_SEED) % 1000) / 1e5;
for (let step = first; step <= maxSteps; step++) {
  await pause(step);
  const loss = floor + 2 * Math.exp(-step / 3);
  const { action } = await ask({ report: { step, metrics: { loss, accuracy: 1 / (1 + loss) } } });
  if (save || action === "pause") {
    const path = join(CURVEWISE_DIR, `step-${step}.json`);
    writeFileSync(path, JSON.stringify({ step }));
    await ask({ snapshot: { step, path } });
  }
  if (action === "pause" && (await park())) continue;
  if (action !== "continue") break;
}
socket.end();
