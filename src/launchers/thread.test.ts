import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
// A thread cannot run TypeScript, so the launcher is the built one.
import { threadLauncher } from "../../dist/launchers/thread.js";
import type { Assignment } from "../core/launcher.js";
import { recordingChannel } from "../testing/recording-channel.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "thread-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Trains with a module of this text. */
async function begin(text: string, given: Partial<Assignment> = {}, metric?: string) {
  const module = join(folder, "train.mjs");
  await writeFile(module, text);
  const assignment: Assignment = {
    study: "s",
    trial: 0,
    attempt: 1,
    params: {},
    seed: 1,
    maxSteps: undefined,
    folder,
    resume: undefined,
    timeout: undefined,
    ...given,
  };
  const channel = recordingChannel({ folder });
  const kill = new AbortController();
  const end = threadLauncher({ module, slots: 1, ...(metric === undefined ? {} : { metric }) }).run(
    assignment,
    channel,
    0,
    kill.signal,
  );
  return { channel, kill, end };
}

const train = (body: string) => `export default async (trial) => { ${body} }`;

describe("threadLauncher", () => {
  it("ends an endless computation at its timeout, and when killed", async () => {
    const body = train("await trial.report(1, { loss: 1 }); for (;;);");
    const timed = await begin(body, { timeout: 1 });
    expect(await timed.end).toMatchObject({ kind: "failed", error: { code: "TRIAL_TIMEOUT" } });
    const killed = await begin(body);
    await killed.channel.reported(1);
    killed.kill.abort();
    expect(await killed.end).toEqual({ kind: "ended" });
  });

  it.each([
    ["process.exit", train("process.exit(3)"), /exit code 3/],
    [
      "an error outside of the function's promise",
      train("setTimeout(() => { throw new Error('loose') }); await new Promise(() => {}) "),
      /loose/,
    ],
    [
      "a rejection that nobody awaits",
      train("Promise.reject(new Error('loose')); await new Promise((r) => setTimeout(r, 1e5))"),
      /loose/,
    ],
    ["no default export", "export const train = 1;", /default export/],
    ["a module that does not parse", "export default (", /Unexpected/],
  ])("tells of %s", async (_what, text, message) => {
    const { end } = await begin(text);
    expect(await end).toMatchObject({
      kind: "failed",
      error: { code: "FUNCTION_FAILED", message: expect.stringMatching(message) },
    });
  });

  it("keeps what the function prints", async () => {
    const { end } = await begin(train("console.log('one'); console.error('two'); throw new Error('three')"));
    const ended = await end;
    if (ended.kind !== "failed") throw new Error("it must fail");
    expect(ended.output.slice(0, 2).toSorted()).toEqual(["one", "two"]);
    expect(ended.output[2]).toBe("Error: three");
    expect((await readFile(join(folder, "output-1.log"), "utf8")).split("\n").sort()).toEqual([
      "",
      "one",
      "two",
    ]);
  });

  it("does not wait for what the function left behind", async () => {
    const { end } = await begin(train("setInterval(() => {}, 1000)"));
    expect(await end).toEqual({ kind: "ended" });
  });

  it("takes a returned number for the only report", async () => {
    const returning = async (body: string, given: Partial<Assignment> = {}, metric?: string) => {
      const { channel, end } = await begin(train(body), given, metric);
      expect(await end).toEqual({ kind: "ended" });
      return channel.reports.map(({ step, metrics }) => [step, metrics]);
    };
    expect(await returning("return 0.25", { maxSteps: 30 }, "loss")).toEqual([[30, { loss: 0.25 }]]);
    expect(await returning("return 0.25", {}, "loss")).toEqual([[1, { loss: 0.25 }]]);
    const reported = "await trial.report(2, { loss: 3 }); return 7";
    expect(await returning(reported, {}, "loss")).toEqual([[2, { loss: 3 }]]);
    expect(await returning("return 'best'", {}, "loss")).toEqual([]);
    expect(await returning("return 0.25")).toEqual([]);
  });

  it("refuses a module that is not there", () => {
    expect(() => threadLauncher({ module: join(folder, "none.js"), slots: 1 })).toThrow(
      expect.objectContaining({ code: "MODULE_NOT_FOUND" }),
    );
  });
});
