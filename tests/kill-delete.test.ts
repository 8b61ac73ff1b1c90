import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { curvewise, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { writeFormulaStudy } from "./support/formula-study.js";

const KILLS = 4;

it("a deletion killed half way can be finished, and touches nothing of a new study of the same name", async () => {
  const folder = temporaryFolder();
  const files = join(folder, "curvewise-files");
  const own = join(files, "formula");
  writeFormulaStudy(folder, { trials: 2, steps: 2, stepTime: 0 });
  for (let kill = 0; kill < KILLS; kill++) {
    await curvewise(folder, "run", "study.yaml", "--quiet");
    const mark = join(own, `old-${kill}`);
    mkdirSync(mark);
    for (let index = 0; index < 300; index++) writeFileSync(join(mark, `${index}`), "");
    const deletion = startCurvewise(folder, "delete", "formula", "--yes");
    const watcher = watch(files, () => deletion.child.kill("SIGKILL"));
    await deletion.result;
    watcher.close();
    const isThere = (await curvewise(folder, "status", "formula")).code === 0;
    if (kill % 2 === 0) {
      const again = await curvewise(folder, "delete", "formula", "--yes");
      // A deletion may also have been too quick for its killer.
      if (isThere) expect(again).toMatchObject({ code: 0, stderr: 'Deleted study "formula".\n' });
      else if (again.code === 0) expect(again.stderr).toContain("an earlier deletion");
      else expect(again.stderr).toContain("STUDY_NOT_FOUND");
      expect(readdirSync(files)).toEqual([]);
    } else {
      const run = await curvewise(folder, "run", "study.yaml", "--quiet");
      expect(run).toMatchObject({ code: 0 });
      expect(readdirSync(files)).toEqual(["formula"]);
      // The same study has all of its files, another one has none.
      expect(existsSync(join(mark, "299"))).toBe(isThere);
      expect(existsSync(mark)).toBe(isThere);
      await curvewise(folder, "delete", "formula", "--yes");
    }
  }
});
