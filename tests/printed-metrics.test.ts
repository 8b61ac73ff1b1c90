import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";
import { runProgram } from "./support/run-program.js";

const LOGS = resolve(import.meta.dirname, "formats");

const trialLine = z.object({
  state: z.string(),
  value: z.number().nullable(),
  curve: z.array(z.record(z.string(), z.number())),
});

/** A study that trains one trial by a line of the shell. @param rest further lines of its file */
function studyIn(folder: string, line: string, rest: string): void {
  writeFileSync(
    join(folder, "study.yaml"),
    `study: printed
command: ${JSON.stringify(line.replaceAll("{", "{{").replaceAll("}", "}}"))}
shell: true
space: {x: {float: [0, 1]}}
budget: {trials: 1}
workers: 1
${rest}
`,
  );
}

/** Runs the study; returns its one trial. */
async function runTrial(folder: string) {
  const { stderr } = await curvewise(folder, "run", "study.yaml");
  const { stdout } = await curvewise(folder, "export", "printed");
  const [line = ""] = stdout.split("\n");
  expect(line, stderr).not.toBe("");
  return { ...trialLine.parse(JSON.parse(line)), told: stderr };
}

/** Stops whatever reports 1 or more. */
const STOPPED_AT_ONE = "scheduler: {threshold: {bound: 1}}";
/** The shell, once it has printed something, waits until it is stopped. */
const WAIT = "exec sleep 1000";

describe("programs that print as known tools do", () => {
  it("Keras: the last value of the bar counts, and the training is stopped when the next epoch begins", async () => {
    const folder = temporaryFolder();
    const bar = String.raw`Epoch 1/9\n 1/2 - loss: 3\r2/2 - loss: 2 - val_loss: 5\nEpoch 2/9\n`;
    studyIn(
      folder,
      `printf '${bar}'; ${WAIT}`,
      `goal: {minimize: val_loss}\nmetrics: keras\n${STOPPED_AT_ONE}`,
    );
    expect(await runTrial(folder)).toMatchObject({
      state: "stopped",
      curve: [{ step: 1, loss: 2, val_loss: 5 }],
    });
  });

  it("Caffe, to standard error", async () => {
    const folder = temporaryFolder();
    studyIn(folder, `cat ${LOGS}/caffe.err >&2`, "goal: {maximize: accuracy}\nmetrics: caffe");
    expect(await runTrial(folder)).toMatchObject({
      state: "complete",
      value: 0.9724,
      curve: [{ step: 500, accuracy: 0.9724, loss: 0.08341 }],
    });
  });

  it("LightGBM: names with quotes and spaces work everywhere", async () => {
    const folder = temporaryFolder();
    const metric = "valid_1's multi_error";
    studyIn(folder, `cat ${LOGS}/lgb.out`, `goal: {minimize: "${metric}"}\nmetrics: lightgbm\nmaxSteps: 30`);
    const { state, value, curve } = await runTrial(folder);
    expect({ state, value }).toEqual({ state: "complete", value: 0.0488889 });
    expect(curve).toHaveLength(30);
    for (const words of [
      ["status", "printed"],
      ["best", "printed"],
      ["export", "printed", "--format", "csv", "--curves"],
    ]) {
      const { stdout, code } = await curvewise(folder, ...words);
      expect(code, words.join(" ")).toBe(0);
      expect(stdout).toContain(metric);
    }
    for (const words of [
      ["explain", "printed", "0"],
      ["trials", "printed", "--sort", "value"],
      ["report", "printed", "--output", "r.html"],
    ]) {
      const { stderr, code } = await curvewise(folder, ...words);
      expect(code, `${words.join(" ")}: ${stderr}`).toBe(0);
    }
  });

  it("XGBoost: its round 29 is the 30th step, the last one", async () => {
    const folder = temporaryFolder();
    studyIn(
      folder,
      `cat ${LOGS}/xgb.out`,
      "goal: {minimize: validation-mlogloss}\nmetrics: xgboost\nmaxSteps: 30",
    );
    const { state, curve } = await runTrial(folder);
    expect({ state, last: curve.at(-1) }).toMatchObject({
      state: "complete",
      last: { step: 30, "validation-mlogloss": 0.16114 },
    });
  });
});

describe("patterns", () => {
  it("are searched for in the stream that `from` names", async () => {
    const folder = temporaryFolder();
    const metrics = String.raw`metrics: {from: stderr, pattern: 'epoch (?<step>\d+) loss (?<loss>\S+)'}`;
    studyIn(folder, "echo epoch 1 loss 7; echo epoch 2 loss 0.5 >&2", `goal: {minimize: loss}\n${metrics}`);
    expect((await runTrial(folder)).curve).toEqual([{ step: 2, loss: 0.5 }]);
  });

  it("take the last value of a step if asked to", async () => {
    const folder = temporaryFolder();
    const metrics = String.raw`metrics: {take: last, pattern: 'epoch (?<step>\d+) loss (?<loss>\S+)'}`;
    const line = "for loss in 3 2 1; do echo epoch 1 loss $loss; done; echo epoch 2 loss 0.5";
    studyIn(folder, line, `goal: {minimize: loss}\n${metrics}`);
    expect((await runTrial(folder)).curve).toEqual([
      { step: 1, loss: 1 },
      { step: 2, loss: 0.5 },
    ]);
  });
});

describe("files of metrics", () => {
  it("are followed during the training, which is stopped", async () => {
    const folder = temporaryFolder();
    const rows = String.raw`epoch,step,train_loss,val_loss\n0,9,4,\n0,9,,5\n1,19,3,\n`;
    const file = "$CURVEWISE_DIR/lightning_logs/version_0";
    studyIn(
      folder,
      `mkdir -p ${file} && printf '${rows}' > ${file}/metrics.csv && ${WAIT}`,
      `goal: {minimize: val_loss}\nmetrics: lightning-csv\n${STOPPED_AT_ONE}`,
    );
    expect(await runTrial(folder)).toMatchObject({
      state: "stopped",
      curve: [{ step: 1, train_loss: 4, val_loss: 5 }],
    });
  });

  it("are read to their end, also if the last line has none", async () => {
    const folder = temporaryFolder();
    const line = `printf '{"step":1,"loss":0.5}\\n{"step":2,"loss":0.25}' > $CURVEWISE_DIR/m.jsonl`;
    const metrics = 'metrics: {file: "{dir}/m.jsonl", format: jsonl}';
    studyIn(folder, line, `goal: {minimize: loss}\n${metrics}`);
    expect(await runTrial(folder)).toMatchObject({
      state: "complete",
      curve: [
        { step: 1, loss: 0.5 },
        { step: 2, loss: 0.25 },
      ],
    });
  });
});

/** Prints, does not flush, and waits until it is stopped. */
const PRINTS = `#include <stdio.h>
#include <unistd.h>
int main(void) {
  printf("step 1 loss=9\\n");
  for (;;) pause();
}
`;
const canCompile =
  process.platform === "linux" &&
  existsSync("/usr/bin/cc") &&
  existsSync("/usr/libexec/coreutils/libstdbuf.so");

describe.skipIf(!canCompile)("a program in C that does not flush what it prints", () => {
  const rest = String.raw`goal: {minimize: loss}
metrics: {pairs: {step: 'step (\d+)', names: [loss]}}
${STOPPED_AT_ONE}`;
  async function compiled(...options: readonly string[]): Promise<string> {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "prints.c"), PRINTS);
    await runProgram("cc", [...options, "-o", "prints", "prints.c"], { cwd: folder, env: {} });
    return folder;
  }

  it("is heard at once, and stopped", async () => {
    const folder = await compiled();
    studyIn(folder, "exec ./prints", rest);
    expect(await runTrial(folder)).toMatchObject({ state: "stopped", curve: [{ step: 1, loss: 9 }] });
  });

  it("is heard also with the address sanitizer, which minds what is preloaded", async () => {
    const folder = await compiled("-fsanitize=address");
    studyIn(folder, "exec ./prints", rest);
    expect(await runTrial(folder)).toMatchObject({ state: "stopped", curve: [{ step: 1, loss: 9 }] });
  });

  it("buffers as it likes if the study says so", async () => {
    const folder = await compiled();
    studyIn(folder, "exec ./prints", `${rest}\nbuffering: none-of-ours\ntimeout: 2s`);
    expect(await runTrial(folder)).toMatchObject({ state: "failed", curve: [] });
  });
});
