import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { CURVEWISE, curvewise, FORMULA, temporaryFolder } from "./support/command-line.js";
import { screenOf } from "./support/screen.js";

const COLUMNS = 80;
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** Runs a study of so many trials in a folder, or goes on with it. */
async function runStudy(folder: string, trials: number): Promise<void> {
  writeFileSync(
    join(folder, "study.yaml"),
    `study: seen
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}"]
space: {lr: {float: [0.01, 1], log: true}}
maxSteps: 4
sampler: random
scheduler: none
budget: {trials: ${trials}}
workers: 1
seed: 1
`,
  );
  const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--extend");
  expect(code, stderr).toBe(0);
}

const ran = mkdtempSync(join(tmpdir(), "curvewise-watch-"));
beforeAll(() => runStudy(ran, 2));
afterAll(() => rmSync(ran, { recursive: true, force: true }));

/** A folder with a study of two trials, both complete. */
function studyFolder(): string {
  const folder = temporaryFolder();
  cpSync(ran, folder, { recursive: true });
  return folder;
}

/** A `curvewise watch` on a terminal of its own. */
interface Watching {
  /** Waits until the screen shows this. */
  untilShown(text: RegExp): Promise<string[]>;
  press(keys: string): void;
  /** Closes the terminal. */
  close(): void;
  /** How often the first line was written. */
  titles(): number;
  /** The process that watches. */
  pid(): number;
  /** All that was written, and the exit code. */
  readonly end: Promise<{ readonly output: string; readonly code: number | null }>;
}

/** @param line the shell's last line, in which `$WATCH` is the command */
function watching(
  folder: string,
  line = "echo $$ > pid; exec $WATCH",
  environment: Readonly<Record<string, string>> = {},
): Watching {
  const command = `stty cols ${COLUMNS} rows 24; WATCH="${process.execPath} ${CURVEWISE} watch"; ${line}`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1", LC_ALL: "C.UTF-8", ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    output += part;
    for (const look of waiting) look();
  });
  const end = new Promise<{ output: string; code: number | null }>((resolve) =>
    child.once("close", (code) => resolve({ output, code })),
  );
  const shown = (): string[] => screenOf(output, COLUMNS);
  return {
    untilShown: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const lines = shown();
          if (!text.test(lines.join("\n"))) return;
          waiting.delete(look);
          resolve(lines);
        };
        waiting.add(look);
        void end.then(() => reject(new Error(`it ended without ${text}: ${output}`)));
        look();
      }),
    press: (keys) => void child.stdin.write(keys),
    close: () => void child.kill("SIGKILL"),
    titles: () => output.split("\u001b[1;1H").length - 1,
    pid: () => Number(readFileSync(join(folder, "pid"), "utf8")),
    end,
  };
}

// Only Linux has this form of the command.
describe.runIf(process.platform === "linux")("watching a study on a terminal", () => {
  it("follows it, explains a trial, offers no pause once it has finished, and leaves the terminal as it was", async () => {
    const folder = studyFolder();
    const seen = watching(folder);
    const lines = await seen.untilShown(/2 complete/);
    expect(lines[0]).toMatch(/^seen {2}finished +minimize loss$/);
    expect(lines[23]).toMatch(/^q quit/);
    await runStudy(folder, 4);
    await seen.untilShown(/4 complete/);
    const before = seen.titles();
    seen.press("jj");
    await seen.untilShown(/▸ +2 complete/);
    // Only lines that have changed are written again.
    expect(seen.titles()).toBe(before);
    seen.press("\r");
    await seen.untilShown(/^trial 2 {2}complete {2}rank \d of 4[^]*It was trained to the end/);
    seen.press("q");
    await seen.untilShown(/^seen {2}finished/);
    seen.press("P");
    await seen.untilShown(/has finished: there is nothing to pause/);
    seen.press("q");
    const { output, code } = await seen.end;
    expect(code).toBe(0);
    expect(output.endsWith(LEAVE)).toBe(true);
    expect(screenOf(output, COLUMNS).join("")).toBe("");
    // Without colours, nothing but the cursor's place and the screen's modes is told to the terminal.
    // oxlint-disable-next-line no-control-regex -- these are what a terminal acts on
    expect(output.match(/\u001b\[[\d;]+m/g)).toEqual(["\u001b[0m"]);
  });

  it.each([
    ["Ctrl-C", 130, (seen: Watching): void => seen.press("\u0003")],
    ["SIGTERM", 143, (seen: Watching): void => void process.kill(seen.pid(), "SIGTERM")],
  ] as const)("gives the terminal back at %s", async (_, exitCode, end) => {
    const seen = watching(studyFolder());
    await seen.untilShown(/2 complete/);
    end(seen);
    const { output, code } = await seen.end;
    expect(code).toBe(exitCode);
    expect(output).toContain(LEAVE);
    expect(screenOf(output, COLUMNS).join("").replaceAll("^C", "")).toBe("");
  });

  it("ends in good order when its terminal is closed", async () => {
    const folder = studyFolder();
    const seen = watching(folder, "trap '' HUP; $WATCH; echo $? > code");
    await seen.untilShown(/2 complete/);
    seen.close();
    await vi.waitFor(() => expect(readFileSync(join(folder, "code"), "utf8")).toBe("129\n"), {
      timeout: 10_000,
    });
  });

  it("gives the terminal back before it reports an error", async () => {
    const folder = studyFolder();
    const seen = watching(folder);
    await seen.untilShown(/2 complete/);
    expect((await curvewise(folder, "delete", "seen", "--yes")).code).toBe(0);
    const { output, code } = await seen.end;
    expect(code).toBe(2);
    expect(screenOf(output, COLUMNS).join("\n")).toMatch(/^error STUDY_NOT_FOUND: there is no study "seen"/);
  });

  it("is plain ASCII in a locale without Unicode", async () => {
    const seen = watching(studyFolder(), undefined, { LC_ALL: "C" });
    const lines = await seen.untilShown(/2 complete/);
    expect(lines.join("\n")).toMatch(/^[\n -~]*$/);
    expect(lines.join("\n")).toContain("* ");
    seen.press("q");
    await seen.end;
  });
});

describe("a study without a terminal", () => {
  it("is printed as it stands", async () => {
    const { code, stdout } = await curvewise(studyFolder(), "watch", "seen");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^seen {2}finished +minimize loss\n/);
    expect(stdout).toContain("2 complete");
    expect(stdout).toMatch(/^ +1 complete +\S+ +4 {2}lr=/m);
    // oxlint-disable-next-line no-control-regex -- these are what a terminal acts on
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
