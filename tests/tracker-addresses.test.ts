import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

const study = (uri: string): string =>
  `{study: s, goal: {minimize: loss}, command: ["true"], space: {x: {float: [0, 1]}}, budget: {trials: 1}, trackers: [{mlflow: {uri: "${uri}"}}]}`;

describe.each([
  ["http://me:secret@localhost:1", "must not say who you are"],
  ["http://me@localhost:1", "must not say who you are"],
  ["foo", "must be the address of a server"],
  ["http://", "must be the address of a server"],
  ["ftp://x", "must be the address of a server"],
])("the address %s of an MLflow server", (uri, problem) => {
  it("is refused in a study file", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "study.yaml"), study(uri));
    const { code, stdout, stderr } = await curvewise(folder, "check", "study.yaml");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) });
    expect(stdout + stderr).not.toContain("secret");
  });

  it("is refused by export", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "study.yaml"), study(uri).replace(/, trackers: .*/, "}"));
    await curvewise(folder, "run", "study.yaml");
    const { code, stdout, stderr } = await curvewise(folder, "export", "--format", "mlflow", "--output", uri);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`--output ${problem}`) });
    expect(stdout + stderr).not.toContain("secret");
  });
});
