import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import { print } from "../output.js";

const SCRIPTS = { python: "train.py", node: "train.mjs" } as const;

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
  readonly language: keyof typeof SCRIPTS;
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

async function writeNew(files: readonly (readonly [string, string])[]): Promise<void> {
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

/** Writes a study's file and a training script. @throws CurvewiseError `FILE_EXISTS`, `INIT_FAILED` */
export async function init(folder: string, options: InitOptions): Promise<void> {
  const script = SCRIPTS[options.language];
  const algorithms = ALGORITHMS.filter((algorithm) => options[algorithm] === true);
  const modules = algorithms.flatMap((algorithm) => [`my-${algorithm}.mjs`, `my-${algorithm}.test.mjs`]);
  const paths = ["study.yaml", script, ...modules].map((name) => join(folder, name));
  const present = paths.filter((path) => existsSync(path));
  if (present.length > 0) {
    throw new CurvewiseError("FILE_EXISTS", `${present.join(" and ")} would be overwritten`, {
      hint: "Name another folder: curvewise init my-study.",
    });
  }
  const template = (name: string, of: string = options.language): Promise<string> =>
    readFile(new URL(`templates/${of}/${name}`, PACKAGE), "utf8");
  const schema = fileURLToPath(new URL("schema/study.schema.json", PACKAGE));
  const reference = schemaReference(resolve(folder), schema);
  const study = `# yaml-language-server: $schema=${reference}\n${withAlgorithms(await template("study.yaml"), algorithms)}`;
  const program = await template(script);
  await mkdir(folder, { recursive: true });
  await writeNew([
    [join(folder, "study.yaml"), study],
    [join(folder, script), program],
    ...(await Promise.all(
      modules.map(async (name) => [join(folder, name), await template(name, "algorithms")] as const),
    )),
  ]);
  print(`Written: ${paths.join(", ")}`);
  print(`Next: ${folder === "." ? "" : `cd ${folder} && `}curvewise run study.yaml`);
  if (modules.length > 0) print("Test: npm install --save-dev curvewise vitest fast-check && npx vitest run");
}
