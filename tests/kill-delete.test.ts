import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { curvewise, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { writeFormulaStudy } from "./support/formula-study.js";

const FILES = 3000;

/** At which change on the disk a deletion is killed, by the folder that changes. */
const MOMENTS = [
  { moment: "its folder moves", watched: "." },
  // The study itself is deleted before.
  { moment: "the first of its files goes", watched: "formula/old" },
] as const;

/** A study whose deletion was killed: whether it is still there, and a folder of its files. */
async function killedDeletion(watched: string) {
  const folder = temporaryFolder();
  const files = join(folder, "curvewise-files");
  const mark = join(files, "formula", "old");
  writeFormulaStudy(folder, { trials: 2, steps: 2, stepTime: 0 });
  await curvewise(folder, "run", "study.yaml", "--quiet");
  mkdirSync(mark);
  for (let index = 0; index < FILES; index++) writeFileSync(join(mark, `${index}`), "");
  const deletion = startCurvewise(folder, "delete", "formula", "--yes");
  // A folder is still watched when it has moved.
  const watcher = watch(join(files, watched), () => deletion.child.kill("SIGKILL"));
  await deletion.result;
  watcher.close();
  const isThere = (await curvewise(folder, "status", "formula")).code === 0;
  return { folder, files, mark, isThere };
}

it("a deletion that removes files has deleted the study", async () => {
  const { isThere } = await killedDeletion("formula/old");
  expect(isThere).toBe(false);
});

it.each(MOMENTS)("a deletion that is killed when $moment can be finished", async ({ watched }) => {
  const { folder, files, isThere } = await killedDeletion(watched);
  const { stderr } = await curvewise(folder, "delete", "formula", "--yes");
  // It may also have been too quick for its killer.
  expect(stderr).toMatch(isThere ? /^Deleted study "formula"\.$/m : /an earlier deletion|STUDY_NOT_FOUND/);
  expect(readdirSync(files)).toEqual([]);
  expect((await curvewise(folder, "status", "formula")).stderr).toContain("STUDY_NOT_FOUND");
});

it.each(MOMENTS)(
  "a deletion killed when $moment leaves a study all of its files, and a new one of the name none",
  async ({ watched }) => {
    const { folder, files, mark, isThere } = await killedDeletion(watched);
    const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
    expect(code, stderr).toBe(0);
    expect(readdirSync(files)).toEqual(["formula"]);
    expect([existsSync(mark), existsSync(join(mark, `${FILES - 1}`))]).toEqual([isThere, isThere]);
  },
);
