import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { knownSamplers, knownSchedulers } from "./algorithms.js";
import { keysAt, studyJsonSchema, studyJsonSchemaText } from "./json-schema.js";

describe("the JSON Schema of study.yaml", () => {
  it("is the one in schema/ (after a change: npm run build && npm run schema)", () => {
    const committed = readFileSync(new URL("../../schema/study.schema.json", import.meta.url), "utf8");
    expect(committed).toBe(studyJsonSchemaText());
  });

  it("requires what has no default", () => {
    expect(studyJsonSchema()["required"]).toEqual(["study", "goal", "command", "space"]);
  });

  it("knows every sampler and scheduler, with their options", () => {
    const schema = studyJsonSchema();
    expect(keysAt(schema, ["sampler"])).toEqual([...knownSamplers().keys()]);
    expect(keysAt(schema, ["scheduler"])).toEqual([...knownSchedulers().keys()]);
    expect(keysAt(schema, ["sampler", "grid"])).toContain("levels");
  });

  it("finds the keys of mappings at any depth", () => {
    const schema = studyJsonSchema();
    expect(keysAt(schema, ["budget"])).toEqual(["trials", "time", "totalSteps"]);
    expect(keysAt(schema, ["space", "anything"])).toEqual([
      "float",
      "int",
      "choice",
      "ordinal",
      "fixed",
      "log",
      "step",
      "when",
    ]);
    expect(keysAt(schema, ["space", "anything", "when", "other"])).toEqual(["min", "max"]);
    expect(keysAt(schema, ["metrics", "pairs"])).toEqual(["step", "names"]);
    expect(keysAt(schema, ["nowhere", 3])).toEqual([]);
  });
});
