import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { TrainerError } from "../errors.js";

/** Metrics by name. NaN and infinities are legal: the training diverged. */
export type Metrics = Readonly<Record<string, number>>;

/** Params of a trial by name. */
export type Params = Readonly<Record<string, string | number | boolean>>;

/** The order to go on with another trial's model, and with other params. */
export interface Exploit {
  readonly action: "exploit";
  /** The file of the model. */
  readonly resume: string;
  /** The step that it has reached. */
  readonly step: number;
  /** All params from now on. */
  readonly params: Params;
}

/** The answer to a report. */
export type Action = "continue" | "pause" | "stop" | Exploit;

/** The program's side of the trial protocol. */
export interface Conversation {
  /**
   * @param canExploit whether the answer may be an {@link Exploit}
   * @throws TrainerError what Curvewise answered, or CONNECTION_LOST
   */
  report(step: number, metrics: Metrics, canExploit: boolean): Promise<Action>;
  /** Reports a saved snapshot. @throws TrainerError what Curvewise answered, or CONNECTION_LOST */
  snapshot(step: number, path: string): Promise<void>;
  close(): void;
}

/** JSON has no NaN or infinity; the protocol writes them as words. */
function asWords(metrics: Metrics): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
  );
}

/** Without a socket: `curvewise {"step":3,"loss":0.31}` lines on standard output, and nobody answers. */
export function talkToOutput(write: (line: string) => void): Conversation {
  return {
    report: (step, metrics) => {
      write(`curvewise ${JSON.stringify({ step, ...asWords(metrics) })}\n`);
      return Promise.resolve("continue");
    },
    snapshot: () => Promise.resolve(),
    close: () => {},
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isParams(value: unknown): value is Params {
  return (
    isRecord(value) && Object.values(value).every((each) => /^(string|number|boolean)$/.test(typeof each))
  );
}

/** The action that a report was answered with; undefined if the program does not know it. */
function readAction({ action, resume, step, params }: Record<string, unknown>): Action | undefined {
  if (action === "continue" || action === "pause" || action === "stop") return action;
  const isExploit = action === "exploit" && typeof resume === "string" && typeof step === "number";
  return isExploit && isParams(params) ? { action, resume, step, params } : undefined;
}

function readAnswer(line: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    answer = undefined;
  }
  if (!isRecord(answer)) {
    throw new TrainerError(
      "ANSWER_INVALID",
      `Curvewise answered with an invalid message: ${line.slice(0, 80)}`,
      "Use the same version of the trainer and of Curvewise.",
      { kind: "failure" },
    );
  }
  const { error } = answer;
  if (!isRecord(error)) return answer;
  const text = (key: string, otherwise: string): string => {
    const value = error[key];
    return typeof value === "string" ? value : otherwise;
  };
  throw new TrainerError(
    text("code", "REFUSED"),
    text("message", "Curvewise refused a message"),
    text("hint", "See the log of the study."),
    { kind: "failure" },
  );
}

/**
 * Connects to Curvewise's socket.
 *
 * @throws TrainerError CONNECTION_FAILED
 */
export async function talkToSocket(path: string): Promise<Conversation> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) => {
      reject(
        new TrainerError(
          "CONNECTION_FAILED",
          `cannot connect to ${path}: ${cause.message}`,
          "CURVEWISE_SOCKET must name the socket of a running study; unset it to train without one.",
          { cause, kind: "failure" },
        ),
      );
    });
  });
  const waiting: { resolve: (line: string) => void; reject: (error: TrainerError) => void }[] = [];
  const lost = (): void => {
    const error = new TrainerError(
      "CONNECTION_LOST",
      "Curvewise closed the connection before it answered",
      "Run the study again: the trial continues from its last snapshot, or starts over.",
      { kind: "failure" },
    );
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  socket.on("error", lost);
  socket.on("close", lost);
  createInterface({ input: socket }).on("line", (line) => waiting.shift()?.resolve(line));

  const ask = async (message: object): Promise<Record<string, unknown>> => {
    const line = await new Promise<string>((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (socket.destroyed) lost();
      else socket.write(`${JSON.stringify(message)}\n`);
    });
    return readAnswer(line);
  };
  return {
    report: async (step, metrics, canExploit) => {
      const report = { step, metrics: asWords(metrics), ...(canExploit ? { exploit: true } : {}) };
      const answer = await ask({ report });
      const action = readAction(answer);
      if (action !== undefined) return action;
      throw new TrainerError(
        "ANSWER_INVALID",
        `Curvewise answered a report with ${JSON.stringify(answer)}`,
        "Use the same version of the trainer and of Curvewise.",
        { kind: "failure" },
      );
    },
    snapshot: async (step, file) => {
      await ask({ snapshot: { step, path: file } });
    },
    close: () => {
      socket.end();
      socket.unref();
    },
  };
}
