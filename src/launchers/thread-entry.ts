import { parentPort, workerData } from "node:worker_threads";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { ReportAnswer } from "../core/launcher.js";
import { stackLines } from "./inline.js";
import { type RunningTalk, runningTrial, trainOrReturn } from "./running-trial.js";
import type { ThreadReply, ThreadRequest, ThreadStart } from "./thread-messages.js";

/** A message that is waiting for its reply. */
interface Waiting {
  readonly resolve: (answer: ReportAnswer) => void;
  readonly reject: (error: Error) => void;
}

async function trainInThread({ module, metric, assignment }: ThreadStart): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("this module is only the entry point of training threads");
  const waiting = new Map<number, Waiting>();
  const controller = new AbortController();
  let nextId = 0;
  const send = (request: ThreadRequest): void => port.postMessage(request);
  const ask = (make: (id: number) => ThreadRequest): Promise<ReportAnswer> => {
    const id = nextId;
    nextId += 1;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send(make(id));
    });
  };
  port.on("message", (reply: ThreadReply) => {
    if (reply.kind === "abort") {
      controller.abort();
      return;
    }
    const found = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === "refused") {
      const { code, message, hint } = reply.failure;
      found?.reject(new CurvewiseError(code, message, hint === undefined ? {} : { hint }));
    } else found?.resolve(reply.kind === "action" ? reply.answer : "continue");
  });

  const talk: RunningTalk = {
    report: (step, metrics, canExploit = false) =>
      ask((id) => ({ kind: "report", id, step, metrics: { ...metrics }, canExploit })),
    snapshot: async (step, path) => {
      await ask((id) => ({ kind: "snapshot", id, step, path }));
    },
  };
  try {
    const loaded: { readonly default?: unknown } = await import(module);
    const { default: train } = loaded;
    if (typeof train !== "function") {
      throw new Error(`the default export of ${module} is not a function`);
    }
    const trial = runningTrial(assignment, talk, controller.signal);
    await trainOrReturn((each): unknown => train(each), trial, metric);
    send({ kind: "ended" });
  } catch (thrown) {
    send({ kind: "failed", message: messageOf(thrown), output: stackLines(thrown) });
  }
  port.close();
}

const start: ThreadStart = workerData;
await trainInThread(start);
