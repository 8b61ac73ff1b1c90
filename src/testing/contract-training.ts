import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../core/decision.js";
import type { Metrics } from "../core/events.js";
import type { EveryField } from "../core/fields.js";
import type { Assignment } from "../core/launcher.js";

/** What an assignment tells a training: everything except what concerns only the launcher. */
export interface ContractFacts
  extends EveryField<Omit<Assignment, "study" | "trial" | "attempt" | "timeout" | "parked">> {
  /** The trial's. */
  readonly number: number;
}

/** What the contract's training needs from a trial: just what launchers of functions pass to it. */
export interface ContractTrial extends ContractFacts {
  report(step: number, metrics: Metrics): Promise<Action>;
  snapshot(step: number, path: string): Promise<void>;
}

/** The loss that the contract's training reports at a step. */
export function contractLoss(step: number): number {
  return 1 / step;
}

async function wait(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The code of the error with which a message was refused. */
async function refusalOf(message: Promise<unknown>): Promise<string> {
  try {
    await message;
    return "none";
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
  }
}

async function train(trial: ContractTrial): Promise<void> {
  const { resume, folder, maxSteps = Number.POSITIVE_INFINITY } = trial;
  let step = 0;
  if (resume !== undefined) {
    const saved: { readonly step: number } = JSON.parse(await readFile(resume.path, "utf8"));
    step = saved.step;
  }
  while (step < maxSteps) {
    step += 1;
    const action = await trial.report(step, { loss: contractLoss(step) });
    if (action === "stop") return;
    if (action === "pause") {
      const name = `step-${step}.json`;
      await writeFile(join(folder, name), JSON.stringify({ step }));
      await trial.snapshot(step, name);
      return;
    }
    if (maxSteps === Number.POSITIVE_INFINITY) await wait(5);
  }
}

/** What the contract's training does, by its param `behaviour`. */
const BEHAVIOURS: Readonly<Record<string, (trial: ContractTrial) => Promise<void>>> = {
  train,
  fail: async (trial) => {
    await trial.report(1, { loss: 1 });
    throw new Error("broken on purpose");
  },
  hang: async (trial) => {
    await trial.report(1, { loss: 1 });
    for (;;) await wait(1000);
  },
  diverge: async (trial) => {
    await trial.report(1, {
      loss: Number.NaN,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
    });
  },
  repeat: async (trial) => {
    await trial.report(1, { loss: 1 });
    const refusals = [
      await refusalOf(trial.report(1, { loss: 1 })),
      await refusalOf(trial.snapshot(1, "missing.json")),
    ];
    await writeFile(join(trial.folder, "refusals.json"), JSON.stringify(refusals));
    await trial.report(2, { loss: 0.5 });
  },
  look: async (trial) => {
    const { params, number, seed, maxSteps, folder, resume, snapshotEvery } = trial;
    const seen: ContractFacts = { params, number, seed, maxSteps, folder, resume, snapshotEvery };
    await writeFile(join(folder, "seen.json"), JSON.stringify(seen));
  },
};

/**
 * The training that launchers run in the launcher contract. A launcher of functions calls it; a launcher of programs
 * starts `contract-program.js` beside it.
 */
export default async function contractTraining(trial: ContractTrial): Promise<void> {
  const { behaviour: name } = trial.params;
  const behaviour = typeof name === "string" ? BEHAVIOURS[name] : undefined;
  if (behaviour === undefined) throw new Error(`unknown behaviour ${JSON.stringify(name)}`);
  await behaviour(trial);
}
