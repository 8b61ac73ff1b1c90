import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveProgram } from "./find-program.js";

describe("resolveProgram", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "find-program-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "tool"), "#!/bin/sh\n");
    chmodSync(join(folder, "bin", "tool"), 0o755);
    writeFileSync(join(folder, "train.py"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const find = (command: readonly string[], env: Record<string, string> = {}, shell = false) =>
    resolveProgram({ command, env, folder, shell });
  const refusal = (code: string, hint: RegExp) =>
    expect.objectContaining({ code, hint: expect.stringMatching(hint) });

  it("looks in PATH, the program's own first, and from the working folder", () => {
    expect(find(["sh"])).toMatch(/\/sh$/);
    expect(find(["tool"], { PATH: `/nowhere:${join(folder, "bin")}` })).toBe(join(folder, "bin", "tool"));
    expect(find(["bin/tool"])).toBe(join(folder, "bin", "tool"));
    expect(find([join(folder, "bin", "tool")])).toBe(join(folder, "bin", "tool"));
    expect(find(["no-such-program | cat"], {}, true)).toBe("/bin/sh");
  });
  it("leaves a program whose name depends on a param to the trial", () => {
    expect(find(["./{model}"])).toBeUndefined();
  });
  it("says what was looked for and what to do", () => {
    expect(() => find(["no-such-program"])).toThrow(refusal("COMMAND_NOT_FOUND", /full path/));
    expect(() => find(["no-such-program"])).toThrow(/no-such-program.*\/bin/);
    expect(() => find(["./nothing"])).toThrow(refusal("COMMAND_NOT_FOUND", /working folder/));
    expect(() => find(["train.py"])).toThrow(refusal("COMMAND_NOT_FOUND", /\.\/train\.py/));
    expect(() => find(["./train.py"])).toThrow(refusal("COMMAND_NOT_FOUND", /python3/));
    expect(() => find(["./bin"])).toThrow(refusal("COMMAND_NOT_FOUND", /./));
    expect(() => resolveProgram({ command: ["sh"], env: {}, folder: "/nowhere", shell: false })).toThrow(
      refusal("FOLDER_NOT_FOUND", /folder/),
    );
  });
});
