import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestModule } from "./module-digest.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-digest-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** The digest as a shell computes it. */
function byShell(...paths: readonly string[]): string {
  const lines = paths.map(
    (path) => `sha256sum "${path}" | sed "s|  .*|  ${path === "main.mjs" ? "." : path}|"`,
  );
  const script = `cd "${folder}" && { ${lines.join("; ")}; } | sha256sum | cut -d " " -f 1`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim();
}

describe("the digest of a module", () => {
  it("is that of its file, where it imports no other", async () => {
    const file = write("main.mjs", 'import { z } from "zod";\nexport default z;\n');
    expect(await digestModule(file)).toBe(byShell("main.mjs"));
  });

  it("covers all that is imported by relative paths, once, in the order of their paths", async () => {
    const file = write(
      "main.mjs",
      'import "./b.mjs"; export * from "./lib/a.mjs"; await import("./c.mjs");\n',
    );
    write("b.mjs", 'import "./lib/a.mjs"; import "./main.mjs";\n');
    write("lib/a.mjs", 'import table from "./table.json" with { type: "json" };\n');
    write("lib/table.json", "[1]\n");
    write("c.mjs", "export default 1;\n");
    write("unused.mjs", "");
    const whole = await digestModule(file);
    expect(whole).toBe(byShell("main.mjs", "b.mjs", "c.mjs", "lib/a.mjs", "lib/table.json"));
    write("lib/table.json", "[2]\n");
    expect(await digestModule(file)).not.toBe(whole);
  });

  it("is the same in another folder, and changes with any file", async () => {
    const text = { "main.mjs": 'import "./b.mjs";\n', "b.mjs": "export {};\n" };
    for (const [path, source] of Object.entries(text)) {
      write(`one/${path}`, source);
      write(`other/${path}`, source);
    }
    const one = await digestModule(join(folder, "one/main.mjs"));
    expect(await digestModule(join(folder, "other/main.mjs"))).toBe(one);
    write("other/b.mjs", "export {}; \n");
    expect(await digestModule(join(folder, "other/main.mjs"))).not.toBe(one);
  });

  it("covers what a package imports by its own names", async () => {
    write("package.json", JSON.stringify({ name: "own", imports: { "#part": "./part.js" } }));
    const file = write("main.mjs", 'import "#part";\n');
    write("part.js", "1;\n");
    expect(await digestModule(file)).toBe(byShell("main.mjs", "part.js"));
  });

  it("leaves out what is not there or cannot be parsed: importing it says so", async () => {
    expect(await digestModule(write("main.mjs", 'import "./gone.mjs";\n'))).toBe(byShell("main.mjs"));
    expect(await digestModule(write("main.mjs", "export default {"))).toBe(byShell("main.mjs"));
    const commonJs = write("main.cjs", 'require("./b.cjs");\n');
    symlinkSync(commonJs, join(folder, "main.mjs.link"));
    expect(await digestModule(commonJs)).toHaveLength(64);
  });
});
