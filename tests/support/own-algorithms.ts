import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CURVEWISE, FORMULA, temporaryFolder } from "./command-line.js";

const ROOT = resolve(import.meta.dirname, "../..");

/** The sampler and the scheduler that `curvewise init` writes. */
export const TEMPLATES = join(ROOT, "templates", "algorithms");

/** Writes files to a folder, by their paths relative to it. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Installs the package that the command line is part of, and the algorithms of the templates, in a folder. */
export function installAlgorithms(folder: string): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve(CURVEWISE, "../.."), join(folder, "node_modules", "curvewise"));
  for (const name of ["my-sampler.mjs", "my-scheduler.mjs"]) {
    copyFileSync(join(TEMPLATES, name), join(folder, name));
  }
}

/** A folder outside the repository with all of this in it, removed when the test is over. */
export function outsideFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  installAlgorithms(folder);
  writeFiles(folder, files);
  return folder;
}

/** The text of a study named `outside`: five params, trainings of six steps, as YAML. */
export function outsideStudy({
  sampler = "random",
  scheduler = "none",
  trials = 6,
}: {
  readonly sampler?: string;
  readonly scheduler?: string;
  readonly trials?: number;
}): string {
  return `study: outside
goal: { minimize: loss }
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--momentum={momentum}", "--pause-ms=0"]
space:
  lr: { float: [0, 1] }
  momentum: { float: [0, 1] }
  a: { float: [0, 1] }
  b: { float: [0, 1] }
  c: { float: [0, 1] }
maxSteps: 6
sampler: ${sampler}
scheduler: ${scheduler}
budget: { trials: ${trials} }
workers: 1
seed: 3
`;
}

/** The source of a sampler without imports and with a hand-written schema, like one from another package. */
export function plainSampler(name: string, ask: string, observe = ""): string {
  return `
const options = { "~standard": { version: 1, vendor: "by-hand", validate: (value) =>
  Object.keys(value).every((key) => key === "level") ? { value: { level: 0.5, ...value } } : { issues: [{ message: "only level", path: ["level"] }] } } };
const definition = (given = {}) => {
  const { level } = options["~standard"].validate(given).value;
  return { name: ${JSON.stringify(name)}, options: { level }, forgets: false, create: ({ space }) => ({
    ask: (trial) => { ${ask} },
    observe: (event) => { ${observe} },
  }) };
};
export default Object.assign(definition, { samplerName: ${JSON.stringify(name)}, summary: "By hand.", forgets: false, options });
`;
}
