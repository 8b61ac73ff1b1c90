import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/command-line.js";
import { schemaReference } from "./init.js";

describe("schemaReference", () => {
  const schemaIn = (root: string): string => `${root}/node_modules/curvewise/schema/study.schema.json`;

  it("is relative to a package that is installed in the folder or above it", () => {
    expect(schemaReference("/me/project", schemaIn("/me/project"))).toBe(
      "./node_modules/curvewise/schema/study.schema.json",
    );
    expect(schemaReference("/me/project/a/b", schemaIn("/me/project"))).toBe(
      "../../node_modules/curvewise/schema/study.schema.json",
    );
  });

  it("is relative within one project, as in a workspace, and through a link to the folder", () => {
    const project = realpathSync(temporaryFolder());
    writeFileSync(join(project, "package.json"), "{}");
    mkdirSync(join(project, "studies"));
    symlinkSync(join(project, "studies"), join(project, "packages-and-studies"));
    const schema = join(project, "packages/curvewise/schema/study.schema.json");
    const reference = "../../packages/curvewise/schema/study.schema.json";
    expect(schemaReference(join(project, "studies/new"), schema)).toBe(reference);
    expect(schemaReference(join(project, "packages-and-studies/new"), schema)).toBe(reference);
    const linked = join(realpathSync(temporaryFolder()), "linked");
    symlinkSync(join(project, "studies"), linked);
    expect(schemaReference(linked, schemaIn(project))).toBe(
      "../node_modules/curvewise/schema/study.schema.json",
    );
  });

  it("is absolute elsewhere", () => {
    expect(schemaReference("/me/project", "/opt/curvewise/schema/study.schema.json")).toBe(
      "/opt/curvewise/schema/study.schema.json",
    );
  });
});
