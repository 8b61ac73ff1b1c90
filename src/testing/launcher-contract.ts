import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Assignment, AttemptEnd, Launcher } from "../core/launcher.js";
import { CONTRACT_TIMEOUT } from "./contract-timeout.js";
import { type ContractFacts, contractLoss } from "./contract-training.js";
import {
  type RecordingChannel,
  type RecordingChannelOptions,
  recordingChannel,
} from "./recording-channel.js";

interface Running {
  readonly channel: RecordingChannel;
  readonly end: Promise<AttemptEnd>;
  readonly kill: AbortController;
}

/**
 * What every launcher must do, as a vitest suite.
 *
 * @param name how the suite is shown
 * @param make makes a launcher with at least two slots that runs the contract's training: the default export of
 *   `contract-training`, or the program `contract-program.js`. Its `killAfter`, if it has one, should be short
 */
export function launcherContract(name: string, make: () => Launcher | Promise<Launcher>): void {
  describe(`launcher contract: ${name}`, { timeout: CONTRACT_TIMEOUT }, () => {
    let folder: string;
    let launcher: Launcher;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "launcher-contract-"));
      launcher = await make();
    });
    afterEach(async () => {
      await launcher.close();
      await rm(folder, { recursive: true, force: true });
    });

    const begin = (
      behaviour: string,
      given: Partial<Assignment> = {},
      options: Omit<RecordingChannelOptions, "folder"> = {},
      slot = 0,
    ): Running => {
      const assignment: Assignment = {
        study: "contract",
        trial: 4,
        attempt: 1,
        params: { behaviour, lr: 0.1 },
        seed: 11,
        maxSteps: 3,
        folder,
        resume: undefined,
        timeout: undefined,
        ...given,
      };
      const channel = recordingChannel({ folder, ...options });
      const kill = new AbortController();
      return { channel, kill, end: launcher.run(assignment, channel, slot, kill.signal) };
    };
    const steps = (channel: RecordingChannel): readonly number[] => channel.reports.map(({ step }) => step);

    it("has a name and at least two slots", () => {
      expect(launcher.name).not.toBe("");
      expect(launcher.slots).toBeGreaterThanOrEqual(2);
    });

    it("hands on every report in order, with its metrics", async () => {
      const { channel, end } = begin("train");
      expect(await end).toEqual({ kind: "ended" });
      expect(channel.reports).toEqual(
        [1, 2, 3].map((step) => ({ step, metrics: { loss: contractLoss(step) } })),
      );
      expect(channel.notes).toEqual([]);
    });

    it("waits for the answer to a report", async () => {
      let open = 0;
      let most = 0;
      const decide = async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setTimeout(resolve, 10));
        open -= 1;
        return "continue" as const;
      };
      await begin("train", { maxSteps: 5 }, { decide }).end;
      expect(most).toBe(1);
    });

    it("tells the training what it is to know", async () => {
      const facts: ContractFacts = {
        params: { behaviour: "look", lr: 0.1, name: 'a "quoted" name', deep: true },
        number: 12,
        seed: 77,
        maxSteps: 9,
        folder,
        resume: { step: 2, path: join(folder, "two.json") },
        snapshotEvery: 3,
      };
      const { number: trial, ...told } = facts;
      await begin("look", { ...told, trial, snapshotEvery: 3 }).end;
      const seen: unknown = JSON.parse(await readFile(join(folder, "seen.json"), "utf8"));
      expect(seen).toEqual(facts);
    });

    it("leaves out what there is not", async () => {
      await begin("look", { maxSteps: undefined }).end;
      const seen: unknown = JSON.parse(await readFile(join(folder, "seen.json"), "utf8"));
      expect(seen).toEqual({ params: { behaviour: "look", lr: 0.1 }, number: 4, seed: 11, folder });
    });

    it("stops a training", async () => {
      const { channel, end } = begin(
        "train",
        { maxSteps: 50 },
        { decide: (step) => (step < 2 ? "continue" : "stop") },
      );
      expect(await end).toEqual({ kind: "ended" });
      expect(steps(channel)).toEqual([1, 2]);
      expect(channel.snapshots).toEqual([]);
    });

    it("pauses a training with a snapshot, and resumes it from there", async () => {
      const first = begin("train", { maxSteps: 5 }, { decide: (step) => (step < 3 ? "continue" : "pause") });
      expect(await first.end).toEqual({ kind: "ended" });
      expect(steps(first.channel)).toEqual([1, 2, 3]);
      expect(first.channel.snapshots).toEqual([{ step: 3, path: "step-3.json" }]);
      const resume = { step: 3, path: join(folder, "step-3.json") };
      const second = begin("train", { maxSteps: 5, attempt: 2, resume }, { fromStep: 3 });
      expect(await second.end).toEqual({ kind: "ended" });
      expect(steps(second.channel)).toEqual([4, 5]);
    });

    it("tells of a failure, with its last lines", async () => {
      const { channel, end } = begin("fail");
      const ended = await end;
      expect(ended.kind).toBe("failed");
      if (ended.kind !== "failed") return;
      expect(ended.error.code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(ended.error.message).not.toBe("");
      expect(ended.output.join("\n")).toContain("broken on purpose");
      expect(ended.output.length).toBeLessThanOrEqual(100);
      expect(steps(channel)).toEqual([1]);
    });

    it("ends a training that takes longer than its timeout", async () => {
      const ended = await begin("hang", { timeout: 1 }).end;
      expect(ended).toMatchObject({ kind: "failed", error: { code: "TRIAL_TIMEOUT" } });
    });

    it("does not mind a timeout of years", async () => {
      expect(await begin("train", { timeout: 1e9 }).end).toEqual({ kind: "ended" });
    });

    it("ends a training at once when it is killed", async () => {
      const { channel, end, kill } = begin("hang");
      await channel.reported(1);
      kill.abort();
      expect(await end).toEqual({ kind: "ended" });
    });

    it("starts nothing when it is killed or interrupted before", async () => {
      const killed = new AbortController();
      killed.abort();
      const channel = recordingChannel({ folder });
      const assignment: Assignment = {
        study: "contract",
        trial: 0,
        attempt: 1,
        params: { behaviour: "train" },
        seed: 1,
        maxSteps: 2,
        folder,
        resume: undefined,
        timeout: undefined,
      };
      expect(await launcher.run(assignment, channel, 0, killed.signal)).toEqual({ kind: "ended" });
      channel.interrupt();
      expect(await launcher.run(assignment, channel, 0, new AbortController().signal)).toEqual({
        kind: "ended",
      });
      expect(channel.reports).toEqual([]);
    });

    it("has an interrupted training save and end at its next report", async () => {
      const { channel, end } = begin("train", { maxSteps: undefined });
      await channel.reported(2);
      channel.interrupt();
      expect(await end).toEqual({ kind: "ended" });
      const last = steps(channel).at(-1);
      expect(channel.snapshots).toEqual([{ step: last, path: `step-${last}.json` }]);
    });

    it("runs as many at a time as it has slots", async () => {
      let arrived = 0;
      let open = (): void => {};
      const both = new Promise<void>((resolve) => {
        open = resolve;
      });
      const decide = async () => {
        arrived += 1;
        if (arrived === 2) open();
        await both;
        return "stop" as const;
      };
      const other = await mkdtemp(join(tmpdir(), "launcher-contract-"));
      try {
        const first = begin("train", { trial: 0 }, { decide });
        const second = begin("train", { trial: 1, folder: other }, { decide }, 1);
        expect(await Promise.all([first.end, second.end])).toEqual([{ kind: "ended" }, { kind: "ended" }]);
      } finally {
        await rm(other, { recursive: true, force: true });
      }
    });

    it("carries NaN and the infinities", async () => {
      const { channel, end } = begin("diverge");
      expect(await end).toEqual({ kind: "ended" });
      expect(channel.reports).toEqual([
        {
          step: 1,
          metrics: { loss: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY },
        },
      ]);
    });

    it("tells a training what was refused, and lets it go on", async () => {
      const { channel, end } = begin("repeat");
      expect(await end).toEqual({ kind: "ended" });
      expect(steps(channel)).toEqual([1, 2]);
      const refusals: unknown = JSON.parse(await readFile(join(folder, "refusals.json"), "utf8"));
      expect(refusals).toEqual(["STEP_NOT_INCREASING", "SNAPSHOT_INVALID"]);
    });

    it("ends what runs when it is closed", async () => {
      const { channel, end } = begin("hang");
      await channel.reported(1);
      await launcher.close();
      expect(await end).toEqual({ kind: "ended" });
    });
  });
}
