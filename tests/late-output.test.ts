import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

const status = z.object({ stepsSaved: z.number(), notes: z.array(z.object({ code: z.string() })) });

/** A program that trains four steps in six seconds, and prints them as they come or all at its end. */
function programOf(isBuffered: boolean): readonly string[] {
  const line = `echo "curvewise {\\"step\\": $step, \\"loss\\": 9}"`;
  const steps = `for step in 1 2 3 4; do sleep 1.5; ${line}; done`;
  return ["sh", "-c", isBuffered ? `out=$(${steps}); echo "$out"` : steps];
}

async function statusOf(isBuffered: boolean) {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "study.yaml"),
    `study: buffered
goal: {minimize: loss}
command: ${JSON.stringify(programOf(isBuffered)).replaceAll("{", "{{").replaceAll("}", "}}")}
space: {x: {float: [0, 1]}}
maxSteps: 4
scheduler: {threshold: {bound: 1}}
budget: {trials: 2}
workers: 2
`,
  );
  const run = await curvewise(folder, "run", "study.yaml");
  expect(run.code, run.stderr).toBe(1);
  const { studies } = z
    .object({ studies: z.array(status).length(1) })
    .parse(JSON.parse((await curvewise(folder, "status", "buffered", "--json")).stdout));
  const [only] = studies;
  if (only === undefined) throw new Error("there is no study");
  return only;
}

it("a program that prints everything at its end saved nothing when it was stopped, and is told of", async () => {
  const { stepsSaved, notes } = await statusOf(true);
  expect(stepsSaved).toBe(0);
  expect(notes.map(({ code }) => code)).toContain("OUTPUT_AT_END");
});

it("a program that prints as it goes is stopped, and its other steps are saved", async () => {
  const { stepsSaved, notes } = await statusOf(false);
  expect(stepsSaved).toBe(6);
  expect(notes).toEqual([]);
});
