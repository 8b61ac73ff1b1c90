import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { knownSamplers, knownSchedulers } from "./algorithms.js";
import { keysAt, studyJsonSchema, studyJsonSchemaText } from "./json-schema.js";

describe("the JSON Schema of study.yaml", () => {
  it("is the one in schema/ (after a change: npm run build && npm run schema)", () => {
    const committed = readFileSync(new URL("../../schema/study.schema.json", import.meta.url), "utf8");
    expect(committed).toBe(studyJsonSchemaText());
  });

  it("requires what every study has", () => {
    expect(studyJsonSchema()).toMatchObject({
      required: ["study", "space"],
      oneOf: [{ required: ["goal"] }, { required: ["goals"] }],
    });
  });

  it("knows every sampler and scheduler, with their options", () => {
    const schema = studyJsonSchema();
    expect(keysAt(schema, ["sampler"])).toEqual([...knownSamplers().keys(), "module", "options"]);
    expect(keysAt(schema, ["scheduler"])).toEqual([...knownSchedulers().keys(), "module", "options"]);
    expect(keysAt(schema, ["sampler", "grid"])).toContain("levels");
  });

  it.each(["python", "node"])(
    "accepts the study that init writes in %s, and refuses mistakes",
    (language) => {
      const accepts = new Ajv2020({ strict: false }).compile(studyJsonSchema());
      const file = new URL(`../../templates/${language}/study.yaml`, import.meta.url);
      const study = z.looseObject({}).parse(parse(readFileSync(file, "utf8")));
      expect(accepts(study)).toBe(true);
      for (const mistake of [
        { sed: 1 },
        { maxSteps: 1.5 },
        { goal: "loss" },
        { goal: { minimize: "a", maximize: "b" } },
        { space: { x: { float: [0] } } },
        { space: { x: { float: [0, 1], int: [0, 1] } } },
        { scheduler: "medain" },
        { scheduler: { median: { strtup: 3 } } },
      ]) {
        expect(accepts({ ...study, ...mistake })).toBe(false);
      }
    },
  );

  it("finds the keys of mappings at any depth", () => {
    const schema = studyJsonSchema();
    expect(keysAt(schema, ["budget"])).toEqual([
      "trials",
      "time",
      "totalSteps",
      "target",
      "noBetterFor",
      "until",
      "price",
      "value",
    ]);
    expect(keysAt(schema, ["space", "anything"])).toEqual([
      "float",
      "int",
      "choice",
      "ordinal",
      "fixed",
      "log",
      "step",
      "default",
      "prior",
      "when",
      "schedule",
    ]);
    expect(keysAt(schema, ["space", "anything", "schedule", "cosine"])).toEqual([
      "rate",
      "duration",
      "final",
    ]);
    expect(keysAt(schema, ["space", "anything", "schedule", "cosine", "final"])).toContain("float");
    expect(keysAt(schema, ["space", "anything", "when", "other"])).toEqual(["min", "max"]);
    expect(keysAt(schema, ["metrics", "pairs"])).toEqual(["step", "names"]);
    expect(keysAt(schema, ["nowhere", 3])).toEqual([]);
  });
});
