import { rm } from "node:fs/promises";
import { describe } from "vitest";
import type { Assignment, Launcher, TrialChannel } from "../core/launcher.js";
import { inlineLauncher } from "../launchers/inline.js";
import contractTraining from "./contract-training.js";
import { LauncherBench } from "./launcher-contract/launcher-bench.js";
import { launcherLaws } from "./launcher-contract.js";
import { type Examine, testRefusals, type Wrong } from "./refusals.js";

type Make = () => Launcher;

/** A wrong launcher; `hangs`: the law that refuses it would wait for ever. */
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

/** The inline launcher, which hears and tells its trainings something else. */
const through = (change: (channel: TrialChannel) => Partial<TrialChannel>): Make =>
  inlineBut(({ run }) => ({
    run: (assignment, channel, slot, kill) => {
      const { report, snapshot, note, interrupted } = channel;
      return run(assignment, { report, snapshot, note, interrupted, ...change(channel) }, slot, kill);
    },
  }));

/** The inline launcher, which gives its trainings something else to do. */
const giving = (change: (assignment: Assignment) => Partial<Assignment>): Make =>
  inlineBut(({ run }) => ({
    run: (assignment, channel, slot, kill) =>
      run({ ...assignment, ...change(assignment) }, channel, slot, kill),
  }));

/** A signal that never fires. */
const never = new AbortController().signal;

/** What refuses a launcher for which a law would wait for ever. */
const HANGS = /waits for ever/;

const wrongs: readonly Wrong<Subject>[] = [
  {
    what: "hands on every report twice",
    law: "hands on every report in order, with its metrics",
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
    what: "hands on every other report",
    law: "hands on every report in order, with its metrics",
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
    what: "begins a resumed training anew",
    law: "pauses a training with a snapshot, and resumes it from there",
    subject: { make: giving(() => ({ resume: undefined })) },
  },
  {
    what: "keeps the seed to itself",
    law: "tells the training what it is to know",
    subject: { make: giving(() => ({ seed: 0 })) },
  },
  {
    what: "invents the last step where there is none",
    law: "leaves out what there is not",
    subject: { make: giving(({ maxSteps = 100 }) => ({ maxSteps })) },
  },
  {
    what: "rejects for a training's fault",
    law: "tells of a failure, with its last lines",
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
    what: "keeps nothing of a failed training's output",
    law: "tells of a failure, with its last lines",
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
    what: "takes a failure for an end",
    law: "tells of a failure, with its last lines",
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
    what: "minds no timeout",
    law: "ends a training that takes longer than its timeout",
    subject: { make: giving(() => ({ timeout: undefined })), hangs: true },
    saying: HANGS,
  },
  {
    what: "takes a timeout of years for none at all",
    law: "does not mind a timeout of years",
    subject: {
      make: giving(({ timeout = 0 }) => (timeout > 1e6 ? { timeout: 1e-3, maxSteps: undefined } : {})),
    },
  },
  {
    what: "starts a training that was killed before",
    law: "starts nothing when it is killed or interrupted before",
    subject: {
      make: inlineBut(({ run }) => ({
        run: (assignment, channel, slot) => run(assignment, channel, slot, never),
      })),
    },
  },
  {
    what: "does not ask an interrupted training to end",
    law: "has an interrupted training save and end at its next report",
    subject: { make: through(() => ({ interrupted: never })), hangs: true },
    saying: HANGS,
  },
  {
    what: "runs one training at a time",
    law: "runs as many at a time as it has slots",
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
    law: "ends what runs when it is closed",
    subject: { make: inlineBut(() => ({ close: async () => {} })), hangs: true },
    saying: HANGS,
  },
  {
    what: "has one slot",
    law: "has a name and at least two slots",
    subject: { make: inlineBut(() => ({ slots: 1 })) },
  },
];

/** After so many milliseconds it is taken for granted that what hangs does. */
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
  // What hangs may do so when it is closed, too.
  void bench.tearDown();
  await rm(bench.folder, { recursive: true });
  if (ended === false) throw new Error("it waits for ever");
};

describe("the contract of launchers refuses one that", () => {
  testRefusals(launcherLaws, wrongs, examine);
});
