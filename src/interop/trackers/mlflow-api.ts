import { z } from "zod";
import { CurvewiseError, messageOf } from "../../core/errors.js";

/** How long a request may take, in milliseconds. */
const TIMEOUT = 30_000;

/** A metric, param or tag of a run, as the API has them. */
export interface MetricPoint {
  readonly key: string;
  /** NaN and the infinities are words. */
  readonly value: number | string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one request may hold at most, by MLflow's documentation of `log-batch`. */
export const BATCH_LIMITS = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const;

/** The states of a run. */
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

const keyValue = z.object({ key: z.string(), value: z.string().default("") });
const point = z.object({
  key: z.string(),
  timestamp: z.coerce.number().default(0),
  step: z.coerce.number().default(0),
});
const run = z.object({
  info: z.object({ run_id: z.string(), status: z.string() }),
  data: z
    .object({
      metrics: z.array(point).default([]),
      params: z.array(keyValue).default([]),
      tags: z.array(keyValue).default([]),
    })
    .default({ metrics: [], params: [], tags: [] }),
});

/** A point of a metric as the server has it. */
export type RecordedPoint = z.output<typeof point>;

/** A run with the newest point of each metric: that of the highest step, and of those the latest. */
export type MlflowRun = z.output<typeof run>;

/** The few requests that a study needs of MLflow's REST API 2.0. */
export interface MlflowApi {
  /** The experiment of this name, created if there is none. */
  readonly experiment: (name: string) => Promise<string>;
  /** All runs that a filter finds. */
  readonly search: (experiment: string, filter: string) => Promise<MlflowRun[]>;
  /** All points of one metric of a run. */
  readonly history: (run: string, metric: string) => Promise<readonly RecordedPoint[]>;
  readonly createRun: (body: {
    readonly experiment_id: string;
    readonly run_name: string;
    readonly start_time: number;
    readonly tags: readonly KeyValue[];
  }) => Promise<MlflowRun>;
  readonly logBatch: (body: {
    readonly run_id: string;
    readonly metrics: readonly MetricPoint[];
    readonly params: readonly KeyValue[];
    readonly tags: readonly KeyValue[];
  }) => Promise<void>;
  readonly updateRun: (body: {
    readonly run_id: string;
    readonly status: RunStatus;
    readonly end_time?: number;
  }) => Promise<void>;
}

const failure = z.object({ error_code: z.string(), message: z.string().default("") });

/** An answer of the server that says no. */
class Refused extends CurvewiseError {
  /** MLflow's word for why. */
  readonly reason: string;
  constructor(reason: string, message: string) {
    super("TRACKER_REFUSED", message, {
      hint: "The server's own log says more; MLFLOW_TRACKING_TOKEN or _USERNAME and _PASSWORD say who you are.",
      kind: "failure",
    });
    this.reason = reason;
  }
}

const oneLine = (text: string): string => text.slice(0, 200).replaceAll(/\s+/g, " ").trim();

/** How a request proves who sends it, by the variables that MLflow's own clients read. */
function authorization(environment: NodeJS.ProcessEnv): Record<string, string> {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = environment;
  if (token !== undefined && token !== "") return { authorization: `Bearer ${token}` };
  if (user === undefined || user === "") return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` };
}

/**
 * Calls with a signal that fires after {@link TIMEOUT}, or with another signal. Not by `AbortSignal.any`: before Node 22,
 * it may lose the timeout's signal to the garbage collector, and then never fires.
 */
async function inTime<Result>(
  givenUp: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const onGivenUp = (): void => ending.abort(new Error("it is not waited for any longer"));
  const timer = setTimeout(() => ending.abort(new Error(`no answer in ${TIMEOUT / 1000} s`)), TIMEOUT);
  if (givenUp?.aborted === true) onGivenUp();
  else givenUp?.addEventListener("abort", onGivenUp, { once: true });
  try {
    return await call(ending.signal);
  } finally {
    clearTimeout(timer);
    givenUp?.removeEventListener("abort", onGivenUp);
  }
}

/**
 * Talks to an MLflow tracking server.
 *
 * @param uri where it is, such as `http://localhost:5000`
 * @param givenUp once it fires, requests end at once, with `TRACKER_UNREACHABLE`
 */
export function mlflowApi(uri: string, givenUp?: AbortSignal): MlflowApi {
  const base = uri.replace(/\/+$/, "");
  const request = async <Answer>(
    answer: z.ZodType<Answer>,
    method: "GET" | "POST",
    path: string,
    body?: unknown,
  ): Promise<Answer> => {
    const address = `${base}/api/2.0/mlflow/${path}`;
    let response: Response;
    let text: string;
    try {
      [response, text] = await inTime(givenUp, async (signal) => {
        const answered = await fetch(address, {
          method,
          headers: { "content-type": "application/json", ...authorization(process.env) },
          signal,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return [answered, await answered.text()] as const;
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : "";
      throw new CurvewiseError(
        "TRACKER_UNREACHABLE",
        `${base} does not answer (${messageOf(error)}${cause})`,
        {
          hint: "Check that the MLflow server runs there and can be reached from here.",
          kind: "failure",
          cause: error,
        },
      );
    }
    if (response.ok) {
      const read = answer.safeParse(text === "" ? {} : parsedOrUndefined(text));
      if (read.success) return read.data;
      throw new CurvewiseError(
        "TRACKER_ANSWER_INVALID",
        `${base} answers otherwise than MLflow does: ${oneLine(text)}`,
        { hint: "Check that the address is that of an MLflow server.", kind: "failure", cause: read.error },
      );
    }
    const refusal = failure.safeParse(parsedOrUndefined(text));
    const { error_code: code, message } = refusal.success
      ? refusal.data
      : { error_code: `HTTP ${response.status}`, message: oneLine(text) };
    throw new Refused(code, `${base} refused ${path}: ${code} ${message}`.trim());
  };
  const named = z.object({ experiment: z.object({ experiment_id: z.string() }) });
  const find = async (name: string): Promise<string> => {
    const path = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    return (await request(named, "GET", path)).experiment.experiment_id;
  };
  return {
    experiment: async (name) => {
      try {
        return await find(name);
      } catch (error) {
        if (!(error instanceof Refused) || error.reason !== "RESOURCE_DOES_NOT_EXIST") throw error;
      }
      try {
        const created = z.object({ experiment_id: z.string() });
        return (await request(created, "POST", "experiments/create", { name })).experiment_id;
      } catch (error) {
        // Another process was faster.
        if (error instanceof Refused && error.reason === "RESOURCE_ALREADY_EXISTS") return find(name);
        throw error;
      }
    },
    search: async (experiment, filter) => {
      const page = z.object({ runs: z.array(run).default([]), next_page_token: z.string().optional() });
      const runs: MlflowRun[] = [];
      let token: string | undefined;
      do {
        const body = { experiment_ids: [experiment], filter, max_results: 1000, page_token: token };
        const answer = await request(page, "POST", "runs/search", body);
        runs.push(...answer.runs);
        token = answer.next_page_token === "" ? undefined : answer.next_page_token;
      } while (token !== undefined);
      return runs;
    },
    history: async (id, metric) => {
      const page = z.object({ metrics: z.array(point).default([]), next_page_token: z.string().optional() });
      const points: RecordedPoint[] = [];
      let token = "";
      do {
        const query = new URLSearchParams({ run_id: id, metric_key: metric, max_results: "25000" });
        if (token !== "") query.set("page_token", token);
        const answer = await request(page, "GET", `metrics/get-history?${query.toString()}`);
        points.push(...answer.metrics);
        token = answer.next_page_token ?? "";
      } while (token !== "");
      return points;
    },
    createRun: async (body) => (await request(z.object({ run }), "POST", "runs/create", body)).run,
    logBatch: async (body) => void (await request(z.looseObject({}), "POST", "runs/log-batch", body)),
    updateRun: async (body) => void (await request(z.looseObject({}), "POST", "runs/update", body)),
  };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
