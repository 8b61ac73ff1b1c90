import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../support/command-in-process.js";
import { FORMULA, temporaryFolder } from "../support/command-line.js";
import { python, startServer } from "../support/interop-python.js";
import {
  expectedTrials,
  exportedTrial,
  type OptunaDescription,
  optunaDescription,
} from "../support/optuna-description.js";

const PROGRAM = join(import.meta.dirname, "optuna_study.py");
/** Optuna counts steps from 0 in these studies, Curvewise from 1. */
const SHIFT = 1;
const FILES = { sqlite3: "optuna", journal: "optuna-journal" } as const;
const KINDS = ["sqlite3", "journal"] as const;

async function output(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect({ stderr, code }).toEqual({ stderr, code: 0 });
  return stdout;
}

async function made(folder: string, trials: number, returned: string): Promise<OptunaDescription> {
  return optunaDescription.parse(
    JSON.parse(await python(folder, PROGRAM, "make", folder, String(trials), returned)),
  );
}

const described = async (folder: string, file: string, command = "describe"): Promise<OptunaDescription> =>
  optunaDescription.parse(JSON.parse(await python(folder, PROGRAM, command, file)));

async function trialsOf(folder: string, study: string) {
  const lines = (await output(folder, "export", study)).trimEnd().split("\n");
  return lines.map((line) => exportedTrial.parse(JSON.parse(line)));
}

const importAnswer = z.object({
  trials: z.looseObject({ total: z.number() }),
  best: z.object({ trial: z.number(), value: z.number(), params: z.record(z.string(), z.json()) }),
});

/** Everything of a study of Optuna's but its name. */
const contents = ({ name: _name, ...rest }: OptunaDescription) => rest;

describe.each([
  { returned: "last", trials: 1000 },
  { returned: "best", trials: 300 },
  { returned: "other", trials: 300 },
])("a study of Optuna whose $trials trials return the $returned value", ({ returned, trials }) => {
  it("is imported with the same best trial, params, intermediate values and states, and given back alike", async () => {
    const folder = temporaryFolder();
    const original = await made(folder, trials, returned);
    const states = original.trials.map(({ state }) => state);
    expect([...new Set(states)].sort()).toEqual(["COMPLETE", "FAIL", "PRUNED", "RUNNING", "WAITING"]);
    expect(original.trials).toHaveLength(trials);
    const expected = expectedTrials(original, "loss", SHIFT);
    if (returned === "other") {
      for (const [index, { state, value }] of original.trials.entries())
        if (state === "COMPLETE") expected[index]?.curve.push({ step: 6, loss: value });
    }
    for (const kind of KINDS) {
      const answer = importAnswer.parse(
        JSON.parse(await output(folder, "import", `made.${kind}`, "--as", kind, "--json")),
      );
      expect(answer.best).toEqual({
        trial: original.best?.number,
        value: original.best?.value,
        params: original.trials[original.best?.number ?? -1]?.params,
      });
      expect(await trialsOf(folder, kind)).toEqual(expected);
      for (const back of KINDS) {
        const file = `${kind}-back.${back}`;
        await output(folder, "export", kind, "--format", FILES[back], "--output", file);
        expect(contents(await described(folder, file))).toEqual(contents(original));
      }
    }
  });
});

/** A study of our own, with trials in every state but running. */
async function ownStudy(folder: string): Promise<void> {
  writeFileSync(
    join(folder, "study.yaml"),
    `study: own
goal: {minimize: loss}
command: ${JSON.stringify([process.execPath, FORMULA, "--lr={lr}", "--momentum={momentum}"])}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
  layers: {int: [1, 9], step: 3}
  size: {ordinal: [8, 16, 32]}
  kind: {choice: [a, null, [1, 2]]}
  one: {fixed: 1}
  dropout: {float: [0, 0.5], when: {kind: a}}
maxSteps: 9
scheduler: {asha: {minSteps: 1}}
budget: {trials: 60}
workers: 4
`,
  );
  await output(folder, "run", "study.yaml", "--quiet");
}

const summaries = z.object({
  study_summaries: z.array(z.object({ study_id: z.number(), study_name: z.string() })),
});
const detail = z.object({
  trials: z.array(
    z.object({
      number: z.number(),
      state: z.string(),
      values: z.array(z.union([z.number(), z.string()])).optional(),
      params: z.array(z.object({ name: z.string(), param_external_value: z.string() })),
      intermediate_values: z.array(z.object({ step: z.number(), value: z.union([z.number(), z.string()]) })),
    }),
  ),
});

const STATES: Readonly<Record<string, string>> = {
  complete: "Complete",
  stopped: "Pruned",
  paused: "Pruned",
  failed: "Fail",
};

it.each(KINDS)("Optuna's dashboard opens an exported study: %s", async (kind) => {
  const folder = temporaryFolder();
  await ownStudy(folder);
  await output(folder, "export", "own", "--format", FILES[kind], "--output", `own.${kind}`);
  const storage = kind === "sqlite3" ? `sqlite:///own.${kind}` : `own.${kind}`;
  const { url } = await startServer(
    folder,
    ["-c", "from optuna_dashboard._cli import main; main()", storage, "--port", "PORT"],
    { path: "/api/studies" },
  );
  const list = summaries.parse(await (await fetch(`${url}/api/studies`)).json()).study_summaries;
  expect(list.map(({ study_name: name }) => name)).toEqual(["own"]);
  const answer = await fetch(`${url}/api/studies/${list[0]?.study_id}`);
  const { trials } = detail.parse(await answer.json());
  const own = await trialsOf(folder, "own");
  expect(own.length).toBe(60);
  expect(trials.map(({ number, state }) => ({ number, state }))).toEqual(
    own.map(({ number, state }) => ({ number, state: STATES[state] })),
  );
  for (const [index, { curve, params }] of own.entries()) {
    expect(trials[index]?.intermediate_values).toEqual(
      curve.map(({ step, loss }) => ({ step, value: loss })),
    );
    expect(trials[index]?.params.map(({ name }) => name).sort()).toEqual(Object.keys(params).sort());
  }
});

it("Optuna goes on with an exported study, in both kinds of file", async () => {
  const folder = temporaryFolder();
  await made(folder, 40, "last");
  await output(folder, "import", "made.sqlite3");
  for (const kind of KINDS) {
    await output(folder, "export", "made", "--format", FILES[kind], "--output", `more.${kind}`);
    const more = await described(folder, `more.${kind}`, "go-on");
    expect(more.trials).toHaveLength(41);
    expect(more.trials.filter(({ state }) => state === "WAITING")).toEqual([]);
  }
});
