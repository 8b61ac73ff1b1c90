/**
 * Makes the Python wheels in `clients/python/dist`: `curvewise`, the client, for any platform; and `curvewise_engine`, the
 * packed npm package with its production dependencies, for one platform, because SQLite is a prebuilt binary.
 *
 *   node scripts/build-wheels.mjs                            # for this machine
 *   node scripts/build-wheels.mjs --platform darwin-arm64    # for another, or `all`
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** For each platform: npm's names for it, the package with its SQLite, and Python's name (as of Node's own wheels). */
const PLATFORMS = {
  "linux-x64": { os: "linux", cpu: "x64", sqlite: "linux-x64-gnu", tag: "manylinux_2_28_x86_64" },
  "linux-arm64": { os: "linux", cpu: "arm64", sqlite: "linux-arm64-gnu", tag: "manylinux_2_28_aarch64" },
  "linux-x64-musl": { os: "linux", cpu: "x64", sqlite: "linux-x64-musl", tag: "musllinux_1_2_x86_64" },
  "linux-arm64-musl": { os: "linux", cpu: "arm64", sqlite: "linux-arm64-musl", tag: "musllinux_1_2_aarch64" },
  "darwin-x64": { os: "darwin", cpu: "x64", sqlite: "darwin-x64", tag: "macosx_11_0_x86_64" },
  "darwin-arm64": { os: "darwin", cpu: "arm64", sqlite: "darwin-arm64", tag: "macosx_11_0_arm64" },
};

const root = resolve(import.meta.dirname, "..");
const client = join(root, "clients", "python");
const wheels = join(client, "dist");
const python = process.env["PYTHON"] ?? "python3";

/** Which platforms are wanted. */
function wantedPlatforms() {
  const { values } = parseArgs({ options: { platform: { type: "string" } } });
  const isMusl = process.report.getReport().header.glibcVersionRuntime === undefined;
  const own = `${process.platform}-${process.arch}${process.platform === "linux" && isMusl ? "-musl" : ""}`;
  const { platform = own } = values;
  if (platform === "all") return Object.entries(PLATFORMS);
  const found = PLATFORMS[platform];
  if (found === undefined) {
    throw new Error(`there is no platform ${platform}; known: all, ${Object.keys(PLATFORMS).join(", ")}`);
  }
  return [[platform, found]];
}

/** Has pip make the wheel of a project. */
function makeWheel(project, environment = {}) {
  execFileSync(python, ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, project], {
    stdio: "inherit",
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", ...environment },
  });
}

/** The packed npm package, unpacked. */
function unpackedPackage(folder) {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, stdio: "inherit" });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  // npm ci wants it, and then takes exactly the versions that are tested.
  cpSync(join(root, "package-lock.json"), join(folder, "package", "package-lock.json"));
  return join(folder, "package");
}

/** Makes the engine's wheel for a platform, from the unpacked package. */
function makeEngine(folder, unpacked, [name, { os, cpu, sqlite, tag }]) {
  const project = join(folder, name);
  cpSync(join(client, "engine"), project, { recursive: true });
  const inside = join(project, "src", "curvewise_engine", "package");
  cpSync(unpacked, inside, { recursive: true });
  const leave = [
    "--omit=dev",
    "--omit=peer",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-bin-links",
  ];
  execFileSync("npm", ["ci", ...leave, `--os=${os}`, `--cpu=${cpu}`], { cwd: inside, stdio: "inherit" });
  const binaries = join(inside, "node_modules", "@libsql");
  const kinds = readdirSync(binaries).filter((each) => /^(linux|darwin|win32)-/.test(each));
  if (!kinds.includes(sqlite))
    throw new Error(`npm did not install the SQLite of ${name}: ${kinds.join(", ")}`);
  for (const kind of kinds) if (kind !== sqlite) rmSync(join(binaries, kind), { recursive: true });
  rmSync(join(inside, "package-lock.json"));
  rmSync(join(inside, "node_modules", ".package-lock.json"), { force: true });
  makeWheel(project, { CURVEWISE_WHEEL_PLATFORM: tag });
}

const platforms = wantedPlatforms();
const folder = mkdtempSync(join(tmpdir(), "curvewise-wheels-"));
try {
  rmSync(wheels, { recursive: true, force: true });
  mkdirSync(wheels, { recursive: true });
  makeWheel(client);
  const unpacked = unpackedPackage(folder);
  for (const platform of platforms) makeEngine(folder, unpacked, platform);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const stray = readdirSync(wheels).filter((name) => !name.includes(`-${version}-`));
  if (stray.length > 0) throw new Error(`not of version ${version}: ${stray.join(", ")}`);
  console.log(
    readdirSync(wheels)
      .map((name) => join("clients/python/dist", name))
      .join("\n"),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
