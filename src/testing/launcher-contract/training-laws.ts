import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type ContractFacts, contractLoss } from "../contract-training.js";
import type { Law } from "../laws.js";
import { type RecordingChannel, recordingChannel } from "../recording-channel.js";
import type { LauncherBench } from "./launcher-bench.js";

const steps = (channel: RecordingChannel): readonly number[] => channel.reports.map(({ step }) => step);

/** The laws for anything that starts trainings and relays their messages. */
export const trainingLaws: readonly Law<LauncherBench>[] = [
  {
    name: "has a name and at least two slots",
    check: (under) => {
      expect(under.launcher.name).not.toBe("");
      expect(under.launcher.slots).toBeGreaterThanOrEqual(2);
    },
  },
  {
    name: "passes on every report in order, with its metrics",
    check: async (under) => {
      const { channel, end } = under.begin("train");
      expect(await end).toEqual({ kind: "ended" });
      expect(channel.reports).toEqual(
        [1, 2, 3].map((step) => ({ step, metrics: { loss: contractLoss(step) } })),
      );
      expect(channel.notes).toEqual([]);
    },
  },
  {
    name: "waits for the answer to a report",
    check: async (under) => {
      let open = 0;
      let most = 0;
      const decide = async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setTimeout(resolve, 10));
        open -= 1;
        return "continue" as const;
      };
      await under.begin("train", { maxSteps: 5 }, { decide }).end;
      expect(most).toBe(1);
    },
  },
  {
    name: "tells the training what it needs to know",
    check: async (under) => {
      const facts: ContractFacts = {
        params: { behaviour: "look", lr: 0.1, name: 'a "quoted" name', deep: true },
        number: 12,
        seed: 77,
        maxSteps: 9,
        folder: under.folder,
        resume: { step: 2, path: join(under.folder, "two.json") },
        snapshotEvery: 3,
      };
      const { number: trial, ...told } = facts;
      await under.begin("look", { ...told, trial, snapshotEvery: 3 }).end;
      const seen: unknown = JSON.parse(await readFile(join(under.folder, "seen.json"), "utf8"));
      expect(seen).toEqual(facts);
    },
  },
  {
    name: "leaves out what is absent",
    check: async (under) => {
      await under.begin("look", { maxSteps: undefined }).end;
      const seen: unknown = JSON.parse(await readFile(join(under.folder, "seen.json"), "utf8"));
      expect(seen).toEqual({
        params: { behaviour: "look", lr: 0.1 },
        number: 4,
        seed: 11,
        folder: under.folder,
      });
    },
  },
  {
    name: "stops a training",
    check: async (under) => {
      const { channel, end } = under.begin(
        "train",
        { maxSteps: 50 },
        { decide: (step) => (step < 2 ? "continue" : "stop") },
      );
      expect(await end).toEqual({ kind: "ended" });
      expect(steps(channel)).toEqual([1, 2]);
      expect(channel.snapshots).toEqual([]);
    },
  },
  {
    name: "pauses a training with a snapshot, and resumes it from there",
    check: async (under) => {
      const first = under.begin(
        "train",
        { maxSteps: 5 },
        { decide: (step) => (step < 3 ? "continue" : "pause") },
      );
      expect(await first.end).toEqual({ kind: "ended" });
      expect(steps(first.channel)).toEqual([1, 2, 3]);
      expect(first.channel.snapshots).toEqual([{ step: 3, path: "step-3.json" }]);
      const resume = { step: 3, path: join(under.folder, "step-3.json") };
      const second = under.begin("train", { maxSteps: 5, attempt: 2, resume }, { fromStep: 3 });
      expect(await second.end).toEqual({ kind: "ended" });
      expect(steps(second.channel)).toEqual([4, 5]);
    },
  },
  {
    name: "reports a failure, with its last lines of output",
    check: async (under) => {
      const { channel, end } = under.begin("fail");
      const ended = await end;
      expect(ended.kind).toBe("failed");
      if (ended.kind !== "failed") return;
      expect(ended.error.code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(ended.error.message).not.toBe("");
      expect(ended.output.join("\n")).toContain("broken on purpose");
      expect(ended.output.length).toBeLessThanOrEqual(100);
      expect(steps(channel)).toEqual([1]);
    },
  },
  {
    name: "ends a training that takes longer than its timeout",
    check: async (under) => {
      const ended = await under.begin("hang", { timeout: 1 }).end;
      expect(ended).toMatchObject({ kind: "failed", error: { code: "TRIAL_TIMEOUT" } });
    },
  },
  {
    name: "accepts a timeout of years",
    check: async (under) => {
      expect(await under.begin("train", { timeout: 1e9 }).end).toEqual({ kind: "ended" });
    },
  },
  {
    name: "ends a training at once when it is killed",
    check: async (under) => {
      const { channel, end, kill } = under.begin("hang");
      await channel.reported(1);
      kill.abort();
      expect(await end).toEqual({ kind: "ended" });
    },
  },
  {
    name: "starts nothing if killed or interrupted beforehand",
    check: async (under) => {
      const killed = new AbortController();
      killed.abort();
      const channel = recordingChannel({ folder: under.folder });
      const assignment = under.assignment("train");
      expect(await under.launcher.run(assignment, channel, 0, killed.signal)).toEqual({ kind: "ended" });
      channel.interrupt();
      expect(await under.launcher.run(assignment, channel, 0, new AbortController().signal)).toEqual({
        kind: "ended",
      });
      expect(channel.reports).toEqual([]);
    },
  },
  {
    name: "makes an interrupted training save and end at its next report",
    check: async (under) => {
      const { channel, end } = under.begin("train", { maxSteps: undefined });
      await channel.reported(2);
      channel.interrupt();
      expect(await end).toEqual({ kind: "ended" });
      const last = steps(channel).at(-1);
      expect(channel.snapshots).toEqual([{ step: last, path: `step-${last}.json` }]);
    },
  },
  {
    name: "runs as many trainings at a time as it has slots",
    check: async (under) => {
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
        const first = under.begin("train", { trial: 0 }, { decide });
        const second = under.begin("train", { trial: 1, folder: other }, { decide }, 1);
        expect(await Promise.all([first.end, second.end])).toEqual([{ kind: "ended" }, { kind: "ended" }]);
      } finally {
        await rm(other, { recursive: true, force: true });
      }
    },
  },
  {
    name: "carries NaN and the infinities",
    check: async (under) => {
      const { channel, end } = under.begin("diverge");
      expect(await end).toEqual({ kind: "ended" });
      expect(channel.reports).toEqual([
        {
          step: 1,
          metrics: { loss: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY },
        },
      ]);
    },
  },
  {
    name: "tells a training what was refused, and lets it go on",
    check: async (under) => {
      const { channel, end } = under.begin("repeat");
      expect(await end).toEqual({ kind: "ended" });
      expect(steps(channel)).toEqual([1, 2]);
      const refusals: unknown = JSON.parse(await readFile(join(under.folder, "refusals.json"), "utf8"));
      expect(refusals).toEqual(["STEP_NOT_INCREASING", "SNAPSHOT_INVALID"]);
    },
  },
  {
    name: "ends running trainings when it is closed",
    check: async (under) => {
      const { channel, end } = under.begin("hang");
      await channel.reported(1);
      await under.launcher.close();
      expect(await end).toEqual({ kind: "ended" });
    },
  },
];
