// Trains, prints and saves as programs do that know nothing of Curvewise. Usage:
//   node saves-alone.mjs FILES DIR STEPS [--resume [PATH]]
// FILES says how it saves: `fixed` one file that is written anew, after its line; `numbered` a file for each step, which
// counts from 0, before its line; `folder` a folder for each second step, in two files, after its line.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [files, dir, steps, ...rest] = process.argv.slice(2);
const isResumed = rest[0] === "--resume";
const from = rest[1] ?? join(dir, "checkpoint.json");

/** The number of steps behind a saved model. */
function loaded() {
  const model = JSON.parse(readFileSync(files === "folder" ? join(from, "model.json") : from, "utf8"));
  if (files === "folder" && !existsSync(join(from, "optimizer.json"))) throw new Error("half a model");
  return model.done;
}

function save(done) {
  const model = JSON.stringify({ done });
  if (files === "fixed") writeFileSync(join(dir, "checkpoint.json"), model);
  else if (files === "numbered") writeFileSync(join(dir, `checkpoint-${done - 1}.json`), model);
  else if (done % 2 === 0) {
    const folder = join(dir, `checkpoint-${100 * done}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "optimizer.json"), model);
    writeFileSync(join(folder, "model.json"), model);
  }
}

const first = isResumed ? loaded() : 0;
const attempt = Number(process.env.CURVEWISE_ATTEMPT);
for (let done = first + 1; done <= Number(steps); done++) {
  await sleep(150);
  appendFileSync(join(dir, "trained.txt"), `${attempt} ${done}\n`);
  if (files === "numbered") save(done);
  process.stdout.write(`epoch ${files === "numbered" ? done - 1 : done} loss=${process.env.LOSS / done}\n`);
  if (files !== "numbered") save(done);
}
