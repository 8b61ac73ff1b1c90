import { describe, expect, it } from "vitest";
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

  it("is absolute elsewhere", () => {
    expect(schemaReference("/me/project", "/opt/curvewise/schema/study.schema.json")).toBe(
      "/opt/curvewise/schema/study.schema.json",
    );
  });
});
