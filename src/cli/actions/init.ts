import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import { print } from "../output.js";

/** What is written for a language. */
interface Starter {
  /** Names of files, and where they are in the package. */
  readonly files: Readonly<Record<string, string>>;
  /** A command to give before the study can run. */
  readonly build?: string;
}

const STARTERS = {
  python: { files: { "train.py": "templates/python/train.py" } },
  node: { files: { "train.mjs": "templates/node/train.mjs" } },
  cpp: {
    files: { "train.cpp": "templates/cpp/train.cpp", "curvewise.hpp": "clients/cpp/curvewise.hpp" },
    build: "c++ -std=c++11 -O2 -o train train.cpp",
  },
} as const satisfies Readonly<Record<string, Starter>>;

/** The algorithms that there are templates for. */
const ALGORITHMS = ["sampler", "scheduler"] as const;

type Algorithm = (typeof ALGORITHMS)[number];

/** The lines of a study file that use them. */
const USES: Readonly<Record<Algorithm, string>> = {
  sampler:
    "sampler: { module: ./my-sampler.mjs, options: { skip: 1 } } # yours; see: curvewise samplers ./my-sampler.mjs",
  scheduler:
    "scheduler: { module: ./my-scheduler.mjs, options: { share: 0.5 } } # yours; see: curvewise schedulers ./my-scheduler.mjs",
};

/** Options of `curvewise init`. */
export interface InitOptions extends Readonly<Partial<Record<Algorithm, boolean>>> {
  readonly language: keyof typeof STARTERS;
}

const PACKAGE = new URL("../../../", import.meta.url);

/** Where a folder is once all links are followed; the part that does not exist yet is as it will be made. */
function realFolder(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder);
  const above = dirname(folder);
  return above === folder ? folder : join(realFolder(above), basename(folder));
}

/** Whether a folder or one above it is a project's root, so that what is in it moves together. */
function isInProject(folder: string): boolean {
  if (["package.json", ".git"].some((name) => existsSync(join(folder, name)))) return true;
  const above = dirname(folder);
  return above !== folder && isInProject(above);
}

function commonFolder(a: string, b: string): string {
  const path = relative(a, b);
  return path === "" || !path.startsWith("..") ? a : commonFolder(dirname(a), b);
}

/**
 * Where an editor finds the schema: a relative path if the package is installed in the folder or above it, or belongs to
 * the same project, as a workspace does.
 */
export function schemaReference(folder: string, schema: string): string {
  const own = realFolder(folder);
  const path = relative(own, schema);
  const isNear = path.startsWith("node_modules") || /^(\.\.[/\\])+node_modules/.test(path);
  if (!isNear && !isInProject(commonFolder(own, schema))) return schema;
  return (path.startsWith(".") ? path : `./${path}`).replaceAll("\\", "/");
}

/** The line of a study file by which an editor finds the schema. */
export function schemaComment(folder: string): string {
  const schema = fileURLToPath(new URL("schema/study.schema.json", PACKAGE));
  return `# yaml-language-server: $schema=${schemaReference(resolve(folder), schema)}\n`;
}

/** Refuses to replace what is there. @throws CurvewiseError `FILE_EXISTS` */
export function checkAbsent(paths: readonly string[]): void {
  const present = paths.filter((path) => existsSync(path));
  if (present.length === 0) return;
  throw new CurvewiseError("FILE_EXISTS", `${present.join(" and ")} would be overwritten`, {
    hint: "Name another folder: curvewise init my-study.",
  });
}

/** Writes files that do not exist yet. @throws CurvewiseError `INIT_FAILED` */
export async function writeNew(files: readonly (readonly [string, string])[]): Promise<void> {
  for (const [path, text] of files) {
    try {
      await writeFile(path, text, { flag: "wx" });
    } catch (cause) {
      throw new CurvewiseError("INIT_FAILED", `${path} cannot be written: ${messageOf(cause)}`, {
        hint: "Name a folder that you may write to.",
        cause,
      });
    }
  }
}

/** A study file's template, with the user's algorithms in place of those that it names. */
function withAlgorithms(study: string, algorithms: readonly Algorithm[]): string {
  return algorithms.reduce(
    (text, algorithm) => text.replace(new RegExp(`^${algorithm}: .*$`, "m"), USES[algorithm]),
    study,
  );
}

/** Writes a study's file and a training program. @throws CurvewiseError `FILE_EXISTS`, `INIT_FAILED` */
export async function init(folder: string, options: InitOptions): Promise<void> {
  const { files, build }: Starter = STARTERS[options.language];
  const algorithms = ALGORITHMS.filter((algorithm) => options[algorithm] === true);
  const modules = algorithms.flatMap((algorithm) => [`my-${algorithm}.mjs`, `my-${algorithm}.test.mjs`]);
  const paths = ["study.yaml", ...Object.keys(files), ...modules].map((name) => join(folder, name));
  checkAbsent(paths);
  const own = (path: string): Promise<string> => readFile(new URL(path, PACKAGE), "utf8");
  const study = `${schemaComment(folder)}${withAlgorithms(await own(`templates/${options.language}/study.yaml`), algorithms)}`;
  const others: Readonly<Record<string, string>> = {
    ...files,
    ...Object.fromEntries(modules.map((name) => [name, `templates/algorithms/${name}`])),
  };
  await mkdir(folder, { recursive: true });
  await writeNew([
    [join(folder, "study.yaml"), study],
    ...(await Promise.all(
      Object.entries(others).map(async ([name, path]) => [join(folder, name), await own(path)] as const),
    )),
  ]);
  print(`Written: ${paths.join(", ")}`);
  const steps = [folder === "." ? undefined : `cd ${folder}`, build, "curvewise run study.yaml"];
  print(`Next: ${steps.filter((step) => step !== undefined).join(" && ")}`);
  if (modules.length === 0) return;
  print("Test: npm install --save-dev curvewise vitest fast-check && npx vitest run");
  print("(Until curvewise is on npm, name the .tgz file in its place that `npm pack` makes in a clone.)");
}
