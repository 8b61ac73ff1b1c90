// A training program as Slurm's starters leave it: its first process watches over processes below it, some of them in
// sessions of their own, and ends without them once its coordinator is gone. It first writes down which processes of
// earlier attempts are still running.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const { CURVEWISE_DIR: folder = "", CURVEWISE_ATTEMPT: attempt = "" } = process.env;
const parent = process.ppid;

/** Whether a process that wrote itself down still runs; zombies do not count. */
function runs([pid, start]) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[19] === start && !/^[ZX]/.test(fields[0]);
  } catch {
    return false;
  }
}

const known = join(folder, "processes");
const checked = join(folder, "checked");
for (const name of [known, checked]) mkdirSync(name, { recursive: true });
// A name's parts are the process, its start and its part in the tree; incomplete ones begin with a dot.
const names = readdirSync(known).filter((name) => !name.startsWith("."));
const alive = names.filter((name) => runs(name.split("-")));
for (const name of names) if (!alive.includes(name)) renameSync(join(known, name), join(checked, name));
appendFileSync(join(folder, "starts.jsonl"), `${JSON.stringify({ attempt, looked: names.length, alive })}\n`);

/** Shell that writes its own process down, as part of the tree, and then waits. */
const waiting = (part) =>
  `read -r line < /proc/$$/stat; set -- \${line##*) }; : > "${known}/$$-\${20}-${part}"; exec sleep 100000`;
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const below = [
  waiting("child"),
  // Its parent ends at once.
  `sh -c ${quoted(waiting("grandchild"))} & exit`,
  `exec setsid sh -c ${quoted(waiting("session"))}`,
  `setsid sh -c ${quoted(`sh -c ${quoted(waiting("below-session"))} & exit`)} & exit`,
];
for (const line of below) spawn("sh", ["-c", line], { stdio: "inherit" });
console.log('curvewise {"step":1,"loss":1}');
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 20);
