// A throwaway PostgreSQL server for tests and benches: creates a cluster in a temporary folder, prints one
// line of JSON when it accepts connections, and removes everything when its standard input ends.
//
// Lines on standard input: `stop`, `start` and `restart` (at once, as in a crash), each answered by a line
// `done`. Further arguments are settings: node scripts/postgres-server.mjs fsync=off
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The folder of `initdb`, `pg_ctl` and `postgres`, of the newest installed version. */
function binaries() {
  const named = process.env.CURVEWISE_POSTGRES_BIN;
  if (named !== undefined) return named;
  const packages = "/usr/lib/postgresql";
  const [newest] = existsSync(packages) ? readdirSync(packages).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = join(packages, newest ?? "", "bin");
  if (newest !== undefined && existsSync(join(folder, "initdb"))) return folder;
  process.stderr.write(
    "The PostgreSQL server is not installed: `bash .ci/engines` installs it (Debian's package `postgresql`), or set CURVEWISE_POSTGRES_BIN to the folder of its programs\n",
  );
  return process.exit(1);
}

/** PostgreSQL refuses to run as root. */
function ordinaryUser() {
  if (process.getuid?.() !== 0) return {};
  const number = (option) => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const programs = binaries();
const user = ordinaryUser();
const folder = mkdtempSync(join(tmpdir(), "curvewise-pg-"));
if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
const data = join(folder, "data");
const port = await freePort();

function run(program, ...args) {
  // The server would keep a pipe open as long as it runs.
  const { status } = spawnSync(join(programs, program), args, { ...user, cwd: folder, stdio: "ignore" });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(" ")} failed; see ${join(folder, "log")}`);
}

const control = (action, ...args) => run("pg_ctl", action, "-D", data, "-w", "-t", "60", ...args);
const start = () => control("start", "-l", join(folder, "log"));
const stop = () => control("stop", "-m", "immediate");

const password = join(folder, "password");
writeFileSync(password, "secret\n", { mode: 0o644 });
run(
  "initdb",
  "-D",
  data,
  "--username=curvewise",
  `--pwfile=${password}`,
  "--auth-local=trust",
  "--auth-host=scram-sha-256",
  "--encoding=UTF8",
  "--no-locale",
  "--no-sync",
);
const settings = [
  "listen_addresses='127.0.0.1'",
  `port=${port}`,
  `unix_socket_directories='${folder}'`,
  "shared_buffers=64MB",
  ...process.argv.slice(2),
];
appendFileSync(join(data, "postgresql.conf"), `${settings.join("\n")}\n`);

let running = true;
function end() {
  if (running) stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

try {
  start();
} catch (error) {
  process.stderr.write(`${spawnSync("tail", [join(folder, "log")], { encoding: "utf8" }).stdout}\n`);
  console.error(error);
  rmSync(folder, { recursive: true, force: true });
  process.exit(1);
}
const url = `postgres://curvewise:secret@127.0.0.1:${port}/postgres`;
process.stdout.write(`${JSON.stringify({ url, port, folder, data, programs })}\n`);

createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (line === "stop" || line === "restart") stop();
    running = line !== "stop";
    if (line === "start" || line === "restart") start();
    process.stdout.write("done\n");
  })
  .on("close", end);
