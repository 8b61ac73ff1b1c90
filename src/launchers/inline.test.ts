import { tmpdir } from "node:os";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Assignment } from "../core/launcher.js";
import { recordingChannel } from "../testing/recording-channel.js";
import { inlineLauncher } from "./inline.js";
import type { Train } from "./running-trial.js";

const assignment: Assignment = {
  study: "s",
  trial: 0,
  attempt: 1,
  params: { lr: 0.1 },
  seed: 1,
  maxSteps: undefined,
  folder: tmpdir(),
  resume: undefined,
  timeout: undefined,
};

function begin(train: Train, given: Partial<Assignment> = {}) {
  const channel = recordingChannel({ folder: tmpdir() });
  const kill = new AbortController();
  const end = inlineLauncher({ train, slots: 1 }).run({ ...assignment, ...given }, channel, 0, kill.signal);
  return { channel, kill, end };
}

describe("inlineLauncher", () => {
  it("takes functions of typed params", () => {
    const launcher = inlineLauncher({
      slots: 1,
      train: async (trial: Parameters<Train<{ readonly lr: number }>>[0]) => {
        expectTypeOf(trial.params.lr).toBeNumber();
        expectTypeOf(await trial.report(1, { loss: 1 })).toEqualTypeOf<
          "continue" | "pause" | "stop" | "exploit"
        >();
      },
    });
    expect(launcher.name).toBe("inline");
  });

  it("gives a thrown error's stack, also of a function that is not async", async () => {
    const { end } = begin(() => {
      throw new TypeError("broken");
    });
    const ended = await end;
    expect(ended).toMatchObject({ kind: "failed", error: { code: "FUNCTION_FAILED" } });
    if (ended.kind !== "failed") return;
    expect(ended.error.message).toContain("broken");
    expect(ended.output[0]).toBe("TypeError: broken");
    expect(ended.output.join("\n")).toContain("inline.test.ts");
  });

  it("fires the signal at a timeout, and refuses what comes later", async () => {
    let late: Promise<unknown> | undefined;
    const { end, channel } = begin(
      (trial) =>
        new Promise(() => {
          trial.signal.addEventListener("abort", () => {
            late = trial.report(1, { loss: 1 });
          });
        }),
      { timeout: 0.05 },
    );
    expect(await end).toMatchObject({ kind: "failed", error: { code: "TRIAL_TIMEOUT" } });
    await expect(late).rejects.toMatchObject({ code: "ATTEMPT_OVER" });
    expect(channel.reports).toEqual([]);
  });

  it("survives a refused report that nobody awaits", async () => {
    const { end, channel } = begin(async (trial) => {
      void trial.report(2, { loss: 1 });
      void trial.report(1, { loss: 1 });
      await trial.report(3, { loss: 1 });
    });
    expect(await end).toEqual({ kind: "ended" });
    expect(channel.reports.map(({ step }) => step)).toEqual([2, 3]);
  });

  it("takes an error after the training was told to end for its end", async () => {
    const channel = recordingChannel({ folder: tmpdir(), decide: () => "stop" });
    const train: Train = async (trial) => {
      await trial.report(1, { loss: 1 });
      throw new Error("stopped");
    };
    const launcher = inlineLauncher({ train, slots: 1 });
    expect(await launcher.run(assignment, channel, 0, new AbortController().signal)).toEqual({
      kind: "ended",
    });
  });
});
