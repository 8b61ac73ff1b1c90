import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { curvewise, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { writeFormulaStudy } from "./support/formula-study.js";

const KILLS = [0, 1];

/** A study whose deletion was killed when its folder moved: whether it is still there, and a folder of its files. */
async function killedDeletion() {
  const folder = temporaryFolder();
  const files = join(folder, "curvewise-files");
  const mark = join(files, "formula", "old");
  writeFormulaStudy(folder, { trials: 2, steps: 2, stepTime: 0 });
  await curvewise(folder, "run", "study.yaml", "--quiet");
  mkdirSync(mark);
  for (let index = 0; index < 300; index++) writeFileSync(join(mark, `${index}`), "");
  const deletion = startCurvewise(folder, "delete", "formula", "--yes");
  const watcher = watch(files, () => deletion.child.kill("SIGKILL"));
  await deletion.result;
  watcher.close();
  const isThere = (await curvewise(folder, "status", "formula")).code === 0;
  return { folder, files, mark, isThere };
}

it.each(KILLS)("a deletion that is killed can be finished (%d)", async () => {
  const { folder, files, isThere } = await killedDeletion();
  const { stderr } = await curvewise(folder, "delete", "formula", "--yes");
  // It may also have been too quick for its killer.
  expect(stderr).toMatch(isThere ? /^Deleted study "formula"\.$/m : /an earlier deletion|STUDY_NOT_FOUND/);
  expect(readdirSync(files)).toEqual([]);
  expect((await curvewise(folder, "status", "formula")).stderr).toContain("STUDY_NOT_FOUND");
});

it.each(KILLS)(
  "a killed deletion leaves a study all of its files, and a new one of the name none (%d)",
  async () => {
    const { folder, files, mark, isThere } = await killedDeletion();
    const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
    expect(code, stderr).toBe(0);
    expect(readdirSync(files)).toEqual(["formula"]);
    expect([existsSync(mark), existsSync(join(mark, "299"))]).toEqual([isThere, isThere]);
  },
);
