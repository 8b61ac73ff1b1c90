import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { CURVEWISE, temporaryFolder } from "./support/command-line.js";
import { screenOf } from "./support/screen.js";

/** Reports one step, and trains on until it is asked to end. */
const PROGRAM = `
console.log("curvewise " + JSON.stringify({ step: 1, loss: 0.123456 }));
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 1000);
`;

const COLUMNS = 58;

/** Runs the study on a terminal of its own, presses Ctrl-C once the text is on it, and returns all that was written. */
async function interrupted(folder: string, text: RegExp): Promise<string> {
  const command = `stty cols ${COLUMNS} rows 24; exec ${process.execPath} ${CURVEWISE} run study.yaml`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1", CURVEWISE_STORAGE: "curvewise.db" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let isPressed = false;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    output += part;
    if (isPressed || !text.test(output)) return;
    isPressed = true;
    child.stdin.write("\u0003");
  });
  await new Promise((resolve) => child.once("close", resolve));
  return output;
}

// Only Linux has this form of the command.
it.runIf(process.platform === "linux")(
  "leaves the screen of a terminal in order at Ctrl-C: the whole summary, and no status cut within a part",
  async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "program.mjs"), PROGRAM);
    writeFileSync(
      join(folder, "study.yaml"),
      `study: terminal
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs]
space: {x: 1}
maxSteps: 3
budget: {trials: 4}
workers: 1
`,
    );
    const output = await interrupted(folder, / left|best 0\.12346 \(trial 0/);
    const screen = screenOf(output, COLUMNS).filter((line) => line !== "");
    const told = screen.findIndex((line) => line.startsWith("finishing: programs save and end"));
    const [begins, status, ...rest] = [screen[0], screen[told + 2], ...screen.slice(told + 3)];
    expect(begins).toMatch(/^terminal begins: minimize loss; auto sampler/);
    expect(status).toMatch(
      /^░{12} 0\/4 trials(?: · (?:[\dms ]+ left|best 0\.12346 \(trial 0, not complete\)|\S+ steps\/s|[01] running))*$/,
    );
    expect(rest.slice(0, 7)).toEqual([
      "study   terminal",
      "trials  1: 0 complete, 0 stopped",
      "steps   1",
      "starts  1",
      expect.stringMatching(/^time +\S+$/),
      "best    loss 0.12346 (trial 0, waiting: no trial is comple",
      "te yet)",
    ]);
    expect(rest.join("\n")).toContain("interrupted: nothing recorded is lost");
    // The cursor is moved within its line only: anything else goes by where the screen happened to be scrolled to.
    // oxlint-disable-next-line no-control-regex -- these are what a terminal acts on
    expect(output.match(/\u001b(?!\[K)./g)).toBeNull();
  },
);
