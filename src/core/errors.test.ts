import { describe, expect, it } from "vitest";
import { CurvewiseError, isCurvewiseError, messageOf } from "./errors.js";
import { failureOf } from "./failure.js";

describe("what was thrown", () => {
  const error = new CurvewiseError("CODE", "message");

  it("is the user's mistake unless it says otherwise, and keeps its cause", () => {
    expect(error).toMatchObject({ name: "CurvewiseError", code: "CODE", kind: "user" });
    expect([error.hint, "cause" in error]).toEqual([undefined, false]);
    const cause = new Error("cause");
    const failure = new CurvewiseError("CODE", "message", { hint: "hint", kind: "failure", cause });
    expect(failure).toMatchObject({ hint: "hint", kind: "failure", cause });
  });

  it("is known for ours by its name and code, also from another copy of the package", () => {
    const foreign = Object.assign(new Error("m"), { name: "CurvewiseError", code: "X" });
    const nameless = Object.assign(new Error("m"), { code: "X" });
    const codeless = Object.assign(new Error("m"), { name: "CurvewiseError" });
    const plain = { name: "CurvewiseError", code: "X" };
    expect([error, foreign, nameless, codeless, plain, undefined].map(isCurvewiseError)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("is told by its message, and kept with its own code or the one given", () => {
    expect([messageOf(error), messageOf("text"), messageOf(7)]).toEqual(["message", "text", "7"]);
    expect(failureOf(error, "OTHER")).toEqual({ code: "CODE", message: "message" });
    expect(failureOf(new CurvewiseError("C", "m", { hint: "h" }), "OTHER")).toEqual({
      code: "C",
      message: "m",
      hint: "h",
    });
    expect(failureOf(new Error("m"), "OTHER")).toEqual({ code: "OTHER", message: "m" });
  });
});
