import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optionRows, typeText } from "./option-documentation.js";

describe("optionRows", () => {
  it("documents each option from its schema", () => {
    const schema = z.strictObject({
      share: z.number().min(0).max(1).default(0.5).describe("Which share stops."),
      steps: z.array(z.int().positive()).optional().describe("Where."),
      mode: z.enum(["a", "b"]).default("a"),
      levels: z.union([z.int().min(1), z.record(z.string(), z.number())]).default(3),
    });
    expect(optionRows(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: "input" }))))).toEqual([
      {
        name: "share",
        type: "number from 0 up to 1",
        fallback: "0.5",
        meaning: "Which share stops.",
        example: "0.5",
      },
      {
        name: "steps",
        type: "list of whole number above 0",
        fallback: "",
        meaning: "Where.",
        example: "...",
      },
      { name: "mode", type: "a | b", fallback: '"a"', meaning: "", example: '"a"' },
      { name: "levels", type: "whole number from 1 | mapping", fallback: "3", meaning: "", example: "3" },
    ]);
  });

  it("finds none where there are none", () => {
    expect(optionRows({ type: "object", properties: {} })).toEqual([]);
    expect(optionRows(true)).toEqual([]);
  });
});

describe("typeText", () => {
  it.each([
    [{ const: 3 }, "3"],
    [{ type: "boolean" }, "true | false"],
    [{ type: ["string", "number"] }, "text | number"],
    [{}, "anything"],
    [true, "anything"],
  ])("%j is %s", (schema, text) => {
    expect(typeText(schema)).toBe(text);
  });
});
