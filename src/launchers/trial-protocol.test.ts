import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../core/json.js";
import type { Assignment, ReportAnswer } from "../core/launcher.js";
import { recordingChannel } from "../testing/recording-channel.js";
import { localLauncher } from "./local.js";
import { answerSchema, protocolSchema } from "./trial-messages.js";

const protocol = new URL("../../protocol/", import.meta.url);

interface Exchange {
  readonly send?: Json;
  readonly sendText?: string;
  readonly pad?: number;
  readonly receive: Json;
}
interface Case {
  readonly description: string;
  readonly maxSteps?: number;
  readonly actions: readonly ReportAnswer[];
  readonly files?: readonly string[];
  readonly exchanges: readonly Exchange[];
}

/** A program that sends the lines of a file, one at a time, and prints the answers. */
const REPLAY = `
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
const socket = createConnection(process.env.CURVEWISE_SOCKET);
const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
for (const line of JSON.parse(readFileSync("lines.json", "utf8"))) {
  socket.write(line + "\\n");
  console.log((await answers.next()).value);
}
socket.end();
`;

function lineOf({ send, sendText, pad }: Exchange): string {
  const text = sendText ?? JSON.stringify(send);
  return pad === undefined ? text : text + " ".repeat(pad - Buffer.byteLength(text));
}

describe("trial protocol", async () => {
  const names = (await readdir(new URL("cases/", protocol))).sort();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "protocol-test-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("has cases", () => {
    expect(names.length).toBeGreaterThan(5);
  });

  it.each(names)("replays %s", async (name) => {
    const golden: Case = JSON.parse(await readFile(new URL(`cases/${name}`, protocol), "utf8"));
    await writeFile(join(folder, "replay.mjs"), REPLAY);
    await writeFile(join(folder, "lines.json"), JSON.stringify(golden.exchanges.map(lineOf)));
    for (const file of golden.files ?? []) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), "saved");
    }
    const actions = [...golden.actions];
    const channel = recordingChannel({ folder, decide: () => actions.shift() ?? "continue" });
    const launcher = localLauncher({
      slots: 1,
      program: {
        command: [process.execPath, "replay.mjs"],
        shell: false,
        folder,
        env: {},
        metrics: { kind: "lines" },
        killAfter: 30,
      },
    });
    const assignment: Assignment = {
      study: "protocol",
      trial: 0,
      attempt: 1,
      params: {},
      seed: 1,
      maxSteps: golden.maxSteps,
      folder,
      resume: undefined,
      timeout: undefined,
    };
    const run = (given: Assignment) => launcher.run(given, channel, 0, new AbortController().signal);
    let end = await run(assignment);
    let output = await readFile(join(folder, "output-1.log"), "utf8");
    for (let attempt = 2; end.kind === "ended" && end.parked === true; attempt++) {
      end = await run({ ...assignment, attempt, parked: true });
      output += await readFile(join(folder, `output-${attempt}.log`), "utf8");
    }
    expect(end).toEqual({ kind: "ended" });
    const answers: readonly unknown[] = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers.map((answer) => answerSchema.safeParse(answer).success)).not.toContain(false);
    expect(answers).toMatchObject(golden.exchanges.map(({ receive }) => receive));
    expect(answers).toHaveLength(golden.exchanges.length);
  });

  it("has a schema that is the one in protocol/, which protocol/write-schema.js writes", async () => {
    const text = await readFile(new URL("trial-protocol.schema.json", protocol), "utf8");
    expect(JSON.parse(text)).toEqual(protocolSchema());
  });
});
