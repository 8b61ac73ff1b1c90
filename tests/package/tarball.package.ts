/** Packs the package, installs the tarball into an empty folder, and uses it as both kinds of user would. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type PackedPackage, packPackage } from "./packed-package.js";

const run = promisify(execFile);
let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPackage();
});
afterAll(() => packed.remove());

/** The files that an entry of `exports` names. */
const targetsOf = (entry: string | Readonly<Record<string, string>>): string[] =>
  (typeof entry === "string" ? [entry] : Object.values(entry)).map((path) => normalize(path));

describe("the tarball", () => {
  it("holds what its manifest names", () => {
    const { manifest, files } = packed;
    const named = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap(targetsOf)];
    expect(named.map((path) => normalize(path)).filter((path) => !files.includes(path))).toEqual([]);
    for (const path of ["LICENSE", "README.md", "CHANGELOG.md"]) expect(files).toContain(path);
  });

  it("holds nothing that only the repository needs", () => {
    const unwanted = packed.files.filter(
      (path) =>
        /\.(map|tsbuildinfo)$|(^|\/)(tests?|src|bench)\//.test(path) ||
        (path.includes(".test.") && !path.startsWith("templates/")) ||
        (path.endsWith(".ts") && !path.endsWith(".d.ts")),
    );
    expect(unwanted).toEqual([]);
    const folders = new Set(packed.files.map((path) => path.split("/")[0] ?? ""));
    expect([...folders].filter((folder) => !folder.includes(".")).sort()).toEqual([
      "LICENSE",
      "bin",
      "clients",
      "dist",
      "docs",
      "protocol",
      "schema",
      "templates",
    ]);
  });

  it("names no source map", () => {
    const naming = packed.files.filter(
      (path) => /\.(js|d\.ts)$/.test(path) && /^\/\/# sourceMappingURL=/m.test(packed.read(path)),
    );
    expect(naming).toEqual([]);
  });

  it("runs nothing when it is installed, and pins what it depends on", () => {
    const { scripts, dependencies } = packed.manifest;
    const atInstall = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];
    expect(atInstall.filter((name) => name in scripts)).toEqual([]);
    expect(Object.values(dependencies).filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  });

  it("holds the pages that its pages link to, but for those that only the repository has", () => {
    const { files } = packed;
    // Code may look like a link: `[&](const std::string& path)`.
    const proseOf = (page: string): string => packed.read(page).replaceAll(/^```.*?^```$/gms, "");
    const broken = files
      .filter((path) => path.endsWith(".md"))
      .flatMap((page) =>
        [...proseOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = ""]) =>
          normalize(join(dirname(page), link)),
        ),
      )
      .filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)));
    expect(new Set(broken)).toEqual(
      new Set(["CONTRIBUTING.md", "docs/images/dashboard/README.md", "trainer/README.md"]),
    );
  });
});

describe("the installed package", () => {
  let folder: string;
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const node = async (file: string): Promise<string> =>
    (await run(process.execPath, [file], { cwd: folder })).stdout;
  const npx = async (...words: readonly string[]): Promise<string> =>
    (await run("npx", ["--no-install", ...words], { cwd: folder })).stdout;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "curvewise-installed-"));
    write("package.json", JSON.stringify({ private: true, type: "module" }));
    const own = packed.manifest.devDependencies;
    const pinned = ["typescript", "@types/node", "vitest", "fast-check"].map(
      (name) => `${name}@${own[name]}`,
    );
    const packages = [packed.tarball, ...pinned, "typescript-5@npm:typescript@5.9.3"];
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], {
      cwd: folder,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has the command line", async () => {
    expect(await npx("curvewise", "--version")).toBe(`${packed.manifest.version}\n`);
  });

  it("makes, runs and reports a study", async () => {
    await npx("curvewise", "init", ".", "--language", "node");
    await npx("curvewise", "run", "study.yaml", "--trials", "3");
    const best = z
      .object({ best: z.array(z.object({ value: z.number() })) })
      .parse(JSON.parse(await npx("curvewise", "best", "--json")));
    expect(best.best).not.toEqual([]);
    await npx("curvewise", "report", "--output", "report.html");
    expect(await npx("curvewise", "schema")).toBe(packed.read("schema/study.schema.json"));
  });

  it("gives every export", async () => {
    const paths = Object.keys(packed.manifest.exports).map((path) => path.replace(/^\./, "curvewise"));
    const modules = paths.filter((path) => !path.endsWith(".json"));
    expect(modules.length).toBeGreaterThan(8);
    const lines = paths.map((path, index) =>
      path.endsWith(".json")
        ? `import m${index} from "${path}" with { type: "json" };`
        : `import * as m${index} from "${path}";`,
    );
    const counts = paths.map((path, index) => `[${JSON.stringify(path)}, Object.keys(m${index}).length]`);
    // The contract suites are for tests alone: they need a test runner around them.
    const ran = lines.filter((line) => !line.includes('"curvewise/testing"'));
    const counted = counts.filter((count) => !count.includes('"curvewise/testing"'));
    write("exports.mjs", `${ran.join("\n")}\nconsole.log(JSON.stringify([${counted.join(", ")}]));\n`);
    const found = z.array(z.tuple([z.string(), z.number()])).parse(JSON.parse(await node("exports.mjs")));
    expect(found.filter(([, count]) => count === 0)).toEqual([]);
    write(
      "exports.ts",
      `${lines.join("\n")}\nexport default [${paths.map((_, index) => `m${index}`).join(", ")}];\n`,
    );
  });

  it("has one class of errors for all exports", async () => {
    write(
      "errors.mjs",
      `import { CurvewiseError, memoryStorage, openStorage } from "curvewise";
import * as define from "curvewise/define";
import { threadLauncher } from "curvewise/launchers";
import * as samplers from "curvewise/samplers";
import * as storage from "curvewise/storage";
const thrown = async (attempt) => {
  try {
    await attempt();
  } catch (error) {
    return [error.code, error instanceof CurvewiseError];
  }
};
console.log(
  JSON.stringify([
    define.CurvewiseError === CurvewiseError,
    samplers.random === (await import("curvewise")).random,
    storage.memoryStorage === memoryStorage,
    await thrown(() => openStorage("nothing.db", { readOnly: true })),
    await thrown(() => threadLauncher({ module: "./relative.js" })),
  ]),
);
`,
    );
    expect(JSON.parse(await node("errors.mjs"))).toEqual([
      true,
      true,
      true,
      [expect.any(String), true],
      [expect.any(String), true],
    ]);
  });

  it("loads few files, each of its modules once", () => {
    const { files } = packed;
    const code = files.filter((path) => path.startsWith("dist/") && path.endsWith(".js"));
    const defining = code.filter((path) =>
      /^(var CurvewiseError = class|(export )?class CurvewiseError) /m.test(packed.read(path)),
    );
    // The browser's bundle, which is minified, has another one.
    expect(defining).toHaveLength(1);
    // There are about 800 modules.
    expect(code.length).toBeLessThan(300);
    expect(files).toContain("dist/licences.txt");
  });

  it("has what a sampler and a scheduler of one's own start from, with tests that pass", async () => {
    await npx("curvewise", "init", "own", "--language", "node", "--sampler", "--scheduler");
    expect(await npx("vitest", "run", "own")).toMatch(/Test Files .*2 passed/);
  });

  const study = `
import { choice, createStudy, float, int, lcm, ordinal } from "curvewise";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const study = createStudy({
  name: "typed",
  goal: { minimize: "loss" },
  space: {
    lr: float(1e-4, 1, { log: true }),
    width: int(1, 8),
    batch: ordinal([16, 32, 64]),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  },
  maxSteps: 5,
  scheduler: lcm({ mode: "stop" }),
  seed: 3,
});

interface Expected {
  readonly lr: number;
  readonly width: number;
  readonly batch: 16 | 32 | 64;
  readonly optimizer: "sgd" | "adam";
  readonly momentum?: number;
}

const best = await study.run(
  async (trial) => {
    const { params } = trial;
    const lr: Same<typeof params.lr, number> = true;
    const width: Same<typeof params.width, number> = true;
    const batch: Same<typeof params.batch, 16 | 32 | 64> = true;
    const optimizer: Same<typeof params.optimizer, "sgd" | "adam"> = true;
    const momentum: Same<typeof params.momentum, number | undefined> = true;
    const whole: Expected = params;
    // @ts-expect-error There is no such param.
    void params.depth;
    if (!(lr && width && batch && optimizer && momentum)) throw new Error("never");
    for (let step = 1; step <= 5; step++) {
      const loss = Math.abs(Math.log10(whole.lr) + 2) + whole.batch / 1000 + 1 / step;
      if ((await trial.report(step, { loss })) !== "continue") return;
    }
  },
  { trials: 20, workers: 2 },
);
const batch: Same<typeof best.params.batch, 16 | 32 | 64> = true;
console.log(JSON.stringify({ batch, value: best.value }));
`;

  const modes = [
    ["NodeNext", { module: "NodeNext", moduleResolution: "NodeNext" }],
    ["Bundler", { module: "ESNext", moduleResolution: "Bundler" }],
  ] as const;
  const compilers = ["typescript", "typescript-5"];

  const cases = modes.flatMap(([mode, options]) =>
    compilers.map((compiler) => ({ mode, options, compiler })),
  );

  it.each(cases)(
    "has types that hold in strict programs, with $compiler and the module resolution $mode",
    async ({ mode, options, compiler }) => {
      const name = `study-${mode}-${compiler}`;
      write(`${name}.ts`, study);
      const compilerOptions = {
        ...options,
        target: "ES2023",
        lib: ["ES2023", "DOM"],
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        resolveJsonModule: true,
        verbatimModuleSyntax: true,
        outDir: `out-${name}`,
      };
      write(`${name}.json`, JSON.stringify({ compilerOptions, files: [`${name}.ts`, "exports.ts"] }));
      await run(process.execPath, [`node_modules/${compiler}/lib/tsc.js`, "-p", `${name}.json`], {
        cwd: folder,
      });
      const result = z
        .object({ batch: z.literal(true), value: z.number() })
        .parse(JSON.parse(await node(`out-${name}/${name}.js`)));
      expect(result.value).toBeGreaterThan(0.216);
    },
  );
});
