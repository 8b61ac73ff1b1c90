// Tunes real networks on real images twice, with the same number of training steps: by random search, and by
// Learning Curve Matching. You could type every command that it runs.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { styleText } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const results = join(root, "demo-results");
const database = join(results, "curvewise.db");
const report = join(results, "report.html");
const shown = (path) => relative(process.cwd(), path) || ".";
const studies = ["fashion-mnist-random", "fashion-mnist-lcm"];

function curvewise(args, capture = false) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, "bin/curvewise.js"), ...args, "--storage", database], {
      stdio: ["inherit", capture ? "pipe" : "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.once("error", fail);
    child.once("close", (code, signal) => {
      if (code === 0) done(output);
      else process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

async function show(...args) {
  const words = ["curvewise", ...args.map((word) => (word.includes("/") ? shown(word) : word))];
  console.log(`\n${styleText("bold", `$ ${words.join(" ")} --storage ${shown(database)}`)}`);
  await curvewise(args);
}

// The first Ctrl-C reaches the running command, which lets its trainings save and end; the demo ends with it.
process.on("SIGINT", () => {});

rmSync(results, { recursive: true, force: true });
mkdirSync(results);
const begun = Date.now();
console.log("Networks with 1 to 3 hidden layers on 12,000 images of clothes, measured on 2,000 others.");
for (const name of ["random", "lcm"]) await show("run", join(root, `examples/fashion-mnist/${name}.yaml`));
await show("report", ...studies, "--output", report);

const status = await Promise.all(
  studies.map(async (study) => JSON.parse(await curvewise(["status", study, "--json"], true)).studies[0]),
);
const rows = [
  ["", "random search", "learning curve matching"],
  ["training steps", ...status.map((study) => String(study.totalSteps))],
  ["networks begun", ...status.map((study) => String(study.trials.total))],
  ["  trained to the end", ...status.map((study) => String(study.trials.complete))],
  ["  stopped early", ...status.map((study) => String(study.trials.stopped))],
  ["best test accuracy", ...status.map((study) => study.best.value.toFixed(4))],
  ...Object.keys(status[0].best.params).map((param) => [
    `  ${param}`,
    ...status.map((study) => String(Number(study.best.params[param].toPrecision(4)))),
  ]),
];
console.log("");
for (const [what, ...cells] of rows) {
  const line = `${what.padEnd(22)}${cells.map((cell) => cell.padStart(25)).join("")}`;
  console.log(what === "" ? styleText("bold", line) : line);
}
console.log(`
One seed is an anecdote: change \`seed\` in examples/fashion-mnist/*.yaml and see how much of this is luck.
Curves, parameters and every decision: ${styleText("bold", shown(report))}
Why a network was stopped: npx curvewise explain fashion-mnist-lcm 25 --storage ${shown(database)}
It took ${Math.round((Date.now() - begun) / 1000)} seconds.`);
