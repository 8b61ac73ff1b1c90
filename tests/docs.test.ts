import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { loadStudy } from "../src/config/index.js";
import { programChecks } from "../src/launchers/check-program.js";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";
import { outsideFolder, TEMPLATES } from "./support/own-algorithms.js";

const root = resolve(import.meta.dirname, "..");
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

interface Block {
  readonly page: string;
  readonly number: number;
  readonly language: string;
  readonly code: string;
}

const blocks: Block[] = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ([, language = "", code = ""], number) => ({ page, number, language, code }),
  ),
);
const blocksOf = (language: string) => blocks.filter((block) => block.language === language);

/** Where TypeScript blocks are written: inside the package, so that they can import it by name. */
const generated = join(root, "tests", ".generated");
afterAll(() => rmSync(generated, { recursive: true, force: true }));

describe("the TypeScript of the docs", () => {
  mkdirSync(generated, { recursive: true });
  const files = blocksOf("ts").map((block, index) => {
    const file = join(generated, `block-${index}.ts`);
    writeFileSync(file, block.code);
    return { file, title: `${block.page}, block ${block.number}` };
  });

  it("passes the compiler", () => {
    const config = join(generated, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({
        extends: "../../tsconfig.base.json",
        compilerOptions: {
          noEmit: true,
          composite: false,
          incremental: false,
          types: ["node"],
          rootDir: ".",
        },
        files: files.map(({ file }) => file),
      }),
    );
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const check = () => execFileSync(process.execPath, [tsc, "-p", config], { encoding: "utf8" });
    expect(check).not.toThrow();
  });

  it.each(files)("runs: $title", async ({ file }) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await import(file);
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });
});

/** What fragments of study files leave out. */
const REST: readonly (readonly [key: string, lines: string])[] = [
  ["study", "study: fragment"],
  ["goals?", "goal: {minimize: loss}"],
  ["command", 'command: [node, train.js, "--lr={lr}"]'],
  ["space", "space: {lr: {float: [0, 1]}}"],
  ["maxSteps", "maxSteps: 10"],
  ["budget", "budget: {trials: 1}"],
];

describe("the study files of the docs", () => {
  it.each(blocksOf("yaml").map((block) => ({ ...block, title: `${block.page}, block ${block.number}` })))(
    "are accepted: $title",
    async ({ code }) => {
      const folder = outsideFolder();
      const missing = REST.filter(([key]) => !new RegExp(`^${key}:`, "m").test(code)).map(
        ([, lines]) => lines,
      );
      writeFileSync(join(folder, "study.yaml"), `${code}\n${missing.join("\n")}\n`);
      // A fragment without a space may name params of its own.
      const checks = missing.some((line) => line.startsWith("space:")) ? {} : programChecks;
      const plan = await loadStudy(join(folder, "study.yaml"), checks);
      expect(Object.keys(plan.definition.space)).not.toEqual([]);
    },
  );
});

describe("the sampler and the scheduler of the docs", () => {
  const shown = blocksOf("js").map(({ code }) => code);

  it.each(readdirSync(TEMPLATES))("match those that `curvewise init` writes: %s", (name) => {
    expect(shown).toContain(readFileSync(join(TEMPLATES, name), "utf8"));
  });
});

describe("the commands of the docs", () => {
  const commands = blocksOf("sh").flatMap(({ page, code }) =>
    code
      .split("\n")
      .filter((line) => /^(npx )?curvewise /.test(line))
      .map((line) => ({ page, line: line.replace(/\s+#.*$/, "") })),
  );

  it.each(commands)("exist with these options: $line", async ({ line }) => {
    const [name = "", ...words] = line.replace(/^(npx )?curvewise /, "").split(/\s+/);
    const { stdout, code } = await curvewise(temporaryFolder(), name, "--help");
    expect(code).toBe(0);
    const options = words.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*$/, ""));
    for (const option of options) expect(stdout).toContain(option);
  });
});
