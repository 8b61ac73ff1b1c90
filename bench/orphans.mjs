// Kills coordinators (SIGKILL) while their programs run trees of processes, whose first one ends and some of which lead
// sessions of their own, and counts the processes of earlier attempts that are alive when the next one starts. Linux.
//   npm run bench:orphans                    200 kills
//   npm run bench:orphans -- --kills 20      so many
//   npm run bench:orphans -- --bin FILE      of another curvewise.js
//   npm run bench:orphans -- --json          the last line is the result as JSON
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { keep, machine } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    bin: { type: "string", default: resolve(import.meta.dirname, "../bin/curvewise.js") },
    json: { type: "boolean" },
  },
});
const kills = Number(values.kills);
const TRIALS = 2;
/** How long a coordinator may take to start both programs, in milliseconds. */
const PATIENCE = 120_000;
/** Coordinators that are killed without regard to how far they are live at most this long, in milliseconds. */
const EARLY = 3_000;
/** The longest time from a kill to the next coordinator, in milliseconds: the first processes end meanwhile, or do not. */
const GAP = 100;

const folder = mkdtempSync(join(tmpdir(), "curvewise-orphans-"));
const trialFolders = Array.from({ length: TRIALS }, (_, n) =>
  join(folder, "curvewise-files/tree", `trial-${n}`),
);
const study = `study: tree
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(import.meta.dirname, "orphans/tree.mjs"))}]
space: {x: {float: [0, 1]}}
budget: {trials: ${TRIALS}}
workers: ${TRIALS}
`;

/** What every start of a program found. */
function starts() {
  return trialFolders.flatMap((trial) => {
    const file = join(trial, "starts.jsonl");
    if (!existsSync(file)) return [];
    // A program may be in the middle of writing its line.
    const whole = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  });
}

/** Waits until every trial's newest attempt has its whole tree. */
async function untilGrown(before) {
  const until = performance.now() + PATIENCE;
  while (starts().length < before + TRIALS) {
    if (performance.now() > until) throw new Error("the programs do not start");
    await pause(10);
  }
  await pause(100);
}

let last;
try {
  writeFileSync(join(folder, "study.yaml"), study);
  for (let kill = 0; kill <= kills; kill++) {
    const before = starts().length;
    const coordinator = spawn(process.execPath, [values.bin, "run", "study.yaml", "--quiet"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = once(coordinator, "exit");
    last = coordinator;
    // Every fourth one at any moment, also while it starts; the last one is not counted, it only looks.
    if (kill % 4 === 3 && kill < kills) await pause(Math.random() * EARLY);
    else await untilGrown(before);
    coordinator.kill("SIGKILL");
    await ended;
    if (kill < kills) await pause(Math.random() * GAP);
    if (kill % 20 === 19) console.log(`${kill + 1} kills, ${aliveIn(starts())} alive`);
  }
  const found = starts();
  const result = {
    kills,
    starts: found.length,
    looked: found.reduce((sum, { looked }) => sum + looked, 0),
    alive: aliveIn(found),
    startsBeside: found.filter(({ alive }) => alive.length > 0).length,
  };
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}\n`);
  console.log(`coordinators killed                               ${result.kills}`);
  console.log(`programs started                                  ${result.starts}`);
  console.log(`processes of earlier attempts that were looked for ${result.looked}`);
  console.log(`  of these alive when the next attempt started    ${result.alive}`);
  console.log(`programs that started beside one                  ${result.startsBeside}`);
  keep("orphans", result);
} finally {
  last?.kill("SIGKILL");
  endTrees();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function aliveIn(found) {
  return found.reduce((sum, { alive }) => sum + alive.length, 0);
}

/** Ends every process of the trees that is still running. */
function endTrees() {
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (environment.some((entry) => entry.startsWith(`CURVEWISE_DIR=${folder}/`)))
        process.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended, or is another user's.
    }
  }
}
