import { rm } from "node:fs/promises";
import { describe } from "vitest";
import type { Assignment, Launcher, TrialChannel } from "../core/launcher.js";
import { inlineLauncher } from "../launchers/inline.js";
import contractTraining from "./contract-training.js";
import { LauncherBench } from "./launcher-contract/launcher-bench.js";
import { launcherLaws } from "./launcher-contract.js";
import { type Examine, testRefusals, type Wrong } from "./refusals.js";

type Make = () => Launcher;

/** A wrong launcher; `hangs`: the law that refuses it would wait forever. */
interface Subject {
  readonly make: Make;
  readonly hangs?: true;
}

const right = (): Launcher => inlineLauncher({ train: contractTraining, slots: 2 });

/** The inline launcher with one thing changed. */
const inlineBut =
  (change: (right: Launcher) => Partial<Launcher>): Make =>
  () => {
    const launcher = right();
    return { ...launcher, ...change(launcher) };
  };

/** The inline launcher with the messages to and from its trainings changed. */
const through = (change: (channel: TrialChannel) => Partial<TrialChannel>): Make =>
  inlineBut(({ run }) => ({
    run: (assignment, channel, slot, kill) => {
      const { report, snapshot, note, interrupted } = channel;
      return run(assignment, { report, snapshot, note, interrupted, ...change(channel) }, slot, kill);
    },
  }));

/** The inline launcher with its assignments changed. */
const giving = (change: (assignment: Assignment) => Partial<Assignment>): Make =>
  inlineBut(({ run }) => ({
    run: (assignment, channel, slot, kill) =>
      run({ ...assignment, ...change(assignment) }, channel, slot, kill),
  }));

/** A signal that never fires. */
const never = new AbortController().signal;

/** The refusal of a launcher for which a law would wait forever. */
const HANGS = /waits forever/;

const wrongs: readonly Wrong<Subject>[] = [
  {
    what: "passes on every report twice",
    law: "passes on every report in order, with its metrics",
    subject: {
      make: through(({ report }) => ({
        report: async (step, metrics) => {
          await report(step, metrics);
          return report(step + 0.5, metrics);
        },
      })),
    },
  },
  {
    what: "passes on every other report",
    law: "passes on every report in order, with its metrics",
    subject: {
      make: through(({ report }) => ({
        report: async (step, metrics) => (step % 2 === 0 ? "continue" : report(step, metrics)),
      })),
    },
  },
  {
    what: "answers reports before the coordinator does",
    law: "waits for the answer to a report",
    subject: {
      make: through(({ report }) => ({
        report: async (step, metrics) => {
          void report(step, metrics);
          return "continue";
        },
      })),
    },
  },
  {
    what: "never tells a training to stop",
    law: "stops a training",
    subject: {
      make: through(({ report }) => ({
        report: async (step, metrics) => {
          await report(step, metrics);
          return "continue";
        },
      })),
    },
  },
  {
    what: "starts a resumed training from scratch",
    law: "pauses a training with a snapshot, and resumes it from there",
    subject: { make: giving(() => ({ resume: undefined })) },
  },
  {
    what: "withholds the seed",
    law: "tells the training what it needs to know",
    subject: { make: giving(() => ({ seed: 0 })) },
  },
  {
    what: "invents a last step if there is none",
    law: "leaves out what is absent",
    subject: { make: giving(({ maxSteps = 100 }) => ({ maxSteps })) },
  },
  {
    what: "rejects because a training failed",
    law: "reports a failure, with its last lines of output",
    subject: {
      make: inlineBut(({ run }) => ({
        run: async (...given) => {
          const end = await run(...given);
          if (end.kind === "failed") throw new Error(end.error.message);
          return end;
        },
      })),
    },
    saying: /broken on purpose/,
  },
  {
    what: "drops a failed training's output",
    law: "reports a failure, with its last lines of output",
    subject: {
      make: inlineBut(({ run }) => ({
        run: async (...given) => {
          const end = await run(...given);
          return end.kind === "failed" ? { ...end, output: [] } : end;
        },
      })),
    },
  },
  {
    what: "treats a failure as a normal end",
    law: "reports a failure, with its last lines of output",
    subject: {
      make: inlineBut(({ run }) => ({
        run: async (...given) => {
          await run(...given);
          return { kind: "ended" };
        },
      })),
    },
  },
  {
    what: "does not end a training that is killed",
    law: "ends a training at once when it is killed",
    subject: {
      make: inlineBut(({ run }) => ({
        run: (assignment, channel, slot) => run(assignment, channel, slot, never),
      })),
      hangs: true,
    },
    saying: HANGS,
  },
  {
    what: "ignores the timeout",
    law: "ends a training that takes longer than its timeout",
    subject: { make: giving(() => ({ timeout: undefined })), hangs: true },
    saying: HANGS,
  },
  {
    what: "treats a timeout of years as no timeout",
    law: "accepts a timeout of years",
    subject: {
      make: giving(({ timeout = 0 }) => (timeout > 1e6 ? { timeout: 1e-3, maxSteps: undefined } : {})),
    },
  },
  {
    what: "starts a training that was killed beforehand",
    law: "starts nothing if killed or interrupted beforehand",
    subject: {
      make: inlineBut(({ run }) => ({
        run: (assignment, channel, slot) => run(assignment, channel, slot, never),
      })),
    },
  },
  {
    what: "does not ask an interrupted training to end",
    law: "makes an interrupted training save and end at its next report",
    subject: { make: through(() => ({ interrupted: never })), hangs: true },
    saying: HANGS,
  },
  {
    what: "runs one training at a time",
    law: "runs as many trainings at a time as it has slots",
    subject: {
      make: inlineBut(({ run }) => {
        let before: Promise<unknown> = Promise.resolve();
        return {
          run: (...given) => {
            const end = before.then(() => run(...given));
            before = end;
            return end;
          },
        };
      }),
      hangs: true,
    },
    saying: HANGS,
  },
  {
    what: "loses NaN and the infinities",
    law: "carries NaN and the infinities",
    subject: {
      make: through(({ report }) => ({
        report: (step, metrics) => report(step, JSON.parse(JSON.stringify(metrics))),
      })),
    },
  },
  {
    what: "hides from a training what was refused",
    law: "tells a training what was refused, and lets it go on",
    subject: {
      make: through(({ report }) => ({
        report: (step, metrics) => report(step, metrics).catch(() => "continue" as const),
      })),
    },
  },
  {
    what: "leaves trainings running when it is closed",
    law: "ends running trainings when it is closed",
    subject: { make: inlineBut(() => ({ close: async () => {} })), hangs: true },
    saying: HANGS,
  },
  {
    what: "has one slot",
    law: "has a name and at least two slots",
    subject: { make: inlineBut(() => ({ slots: 1 })) },
  },
];

/** Milliseconds after which something is assumed to hang. */
const PATIENCE = 1000;

const examine: Examine<Subject, LauncherBench> = async ({ make, hangs }, check) => {
  const bench = new LauncherBench(make);
  await bench.setUp();
  if (hangs === undefined) {
    try {
      return await check(bench);
    } finally {
      await bench.tearDown();
    }
  }
  const ended = await Promise.race([
    Promise.resolve(check(bench)).then(() => true),
    new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE)),
  ]);
  // Something that hangs may also hang on closing.
  void bench.tearDown();
  await rm(bench.folder, { recursive: true });
  if (ended === false) throw new Error("it waits forever");
};

describe("the contract of launchers refuses one that", () => {
  testRefusals(launcherLaws, wrongs, examine);
});
