/*
 * What may import what is written in one place: the `references` of each folder's tsconfig.json. The compiler refuses all
 * other imports and, in folders with `types: []`, Node's modules and globals; oxlint refuses cycles. This script refuses
 * the rest: ways around the references through built files, folders without a tsconfig.json, and, in the pure folders
 * (those with `types: []`), JavaScript's own clock and unseeded randomness.
 *
 * Usage: node scripts/check-boundaries.mjs [FOLDER OF THE REPOSITORY]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import JSON5 from "json5";

const own = fileURLToPath(new URL("..", import.meta.url));
const root = resolve(process.argv[2] ?? own);

const readJson = (file) => JSON5.parse(readFileSync(join(root, file), "utf8"));

const folders = readdirSync(join(root, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `src/${name}`);
const isProject = (folder) => existsSync(join(root, folder, "tsconfig.json"));
const built = new Set(readJson("tsconfig.json").references.map(({ path }) => path));
const flaws = folders.flatMap((folder) => {
  if (!isProject(folder)) return [`${folder} has no tsconfig.json that says what it may import`];
  return built.has(folder) ? [] : [`${folder} is missing from the references of tsconfig.json`];
});
const isPure = (folder) => readJson(`${folder}/tsconfig.json`).compilerOptions.types?.length === 0;
const projects = folders.filter(isProject);

const noDetours = [
  "error",
  {
    patterns: [
      {
        group: ["curvewise", "curvewise/**", "**/dist/**"],
        message:
          "Import the source file, so that the references in tsconfig.json say whether it may be imported.",
      },
    ],
  },
];
const clock = "Pure code has no clock: take the time from an event.";
const chance = "Pure code has no randomness except the streams of math/random.ts.";
const rules = { "no-restricted-imports": noDetours };
const pureRules = {
  ...rules,
  "no-restricted-globals": ["error", { name: "Date", message: clock }],
  "no-restricted-properties": ["error", { object: "Math", property: "random", message: chance }],
};

const scratch = mkdtempSync(join(tmpdir(), "curvewise-boundaries-"));

/** Whether files obey some rules of oxlint, which prints what breaks them. */
function keeps(paths, config) {
  if (paths.length === 0) return true;
  const file = join(scratch, "oxlintrc.json");
  const options = { plugins: [], categories: { correctness: "off" }, rules: config };
  writeFileSync(file, JSON.stringify(options));
  const oxlint = join(own, "node_modules/oxlint/bin/oxlint");
  const given = ["--config", file, "--ignore-pattern", "**/*.test.ts", ...paths];
  return spawnSync(process.execPath, [oxlint, ...given], { cwd: root, stdio: "inherit" }).status === 0;
}

const pure = projects.filter(isPure);
const others = projects.filter((folder) => !pure.includes(folder));
const kept = [keeps(pure, pureRules), keeps(others, rules)];
rmSync(scratch, { recursive: true });
for (const flaw of flaws) console.error(flaw);
process.exitCode = flaws.length === 0 && kept.every(Boolean) ? 0 : 1;
