import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import type { Action } from "../core/decision.js";
import { encodeNumber } from "../core/json.js";
import contractTraining from "./contract-training.js";

// The contract's training as a separate program that uses the trial protocol.

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

function optional<Value>(name: string, read: (text: string) => Value): Value | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : read(text);
}

interface Answer {
  readonly action?: Action;
  readonly error?: { readonly code: string; readonly message: string };
}

const socket = createConnection(required("CURVEWISE_SOCKET"));
const answers = createInterface({ input: socket })[Symbol.asyncIterator]();

async function ask(message: object): Promise<Action> {
  socket.write(`${JSON.stringify(message)}\n`);
  const { value, done } = await answers.next();
  if (done === true) throw new Error("the socket was closed");
  const answer: Answer = JSON.parse(value);
  if (answer.error !== undefined) {
    throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
  }
  return answer.action ?? "continue";
}

try {
  await contractTraining({
    params: JSON.parse(readFileSync(required("CURVEWISE_PARAMS"), "utf8")),
    number: Number(required("CURVEWISE_TRIAL")),
    seed: Number(required("CURVEWISE_SEED")),
    maxSteps: optional("CURVEWISE_MAX_STEPS", Number),
    folder: required("CURVEWISE_DIR"),
    resume: optional("CURVEWISE_RESUME", (path) => ({
      step: Number(required("CURVEWISE_RESUME_STEP")),
      path,
    })),
    snapshotEvery: optional("CURVEWISE_SNAPSHOT_EVERY", Number),
    report: (step, metrics) =>
      ask({
        report: {
          step,
          metrics: Object.fromEntries(
            Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)]),
          ),
        },
      }),
    snapshot: async (step, path) => {
      await ask({ snapshot: { step, path } });
    },
  });
} finally {
  socket.destroy();
}
