import type { StudyEvent } from "../../core/events.js";
import { encodeNumber } from "../../core/json.js";
import type { Params } from "../../core/param.js";
import { textOfValue } from "../../core/param-value.js";
import {
  BATCH_LIMITS,
  type KeyValue,
  type MetricPoint,
  type MlflowApi,
  type MlflowRun,
  mlflowApi,
  type RecordedPoint,
  type RunStatus,
} from "./mlflow-api.js";
import { createStoppedAtOnce } from "./stopped-at-once.js";
import { type OpenTracker, replicateMetric, type TrackedStudy, type Tracker } from "./tracker.js";

/** MLflow cuts off or refuses longer ones. */
const MOST_PARAM_TEXT = 6000;
const MOST_TAG_TEXT = 5000;

/** The study's own run is the parent of those of its trials. */
const STUDY = "study";
type RunKey = number | typeof STUDY;

/** What has still to be said of a run, in order. */
interface PendingRun {
  readonly key: RunKey;
  readonly startedAt: number;
  readonly params: KeyValue[];
  readonly metrics: MetricPoint[];
  readonly tags: KeyValue[];
  status: { readonly status: RunStatus; readonly endedAt: number | undefined } | undefined;
}

/** The characters that MLflow takes in the names of metrics and params; others become `_`. */
const plainKey = (name: string): string => name.replaceAll(/[^A-Za-z0-9_\-. /:]/g, "_").slice(0, 250);

const paramsOf = (params: Params): KeyValue[] =>
  Object.entries(params).map(([name, value]) => ({
    key: plainKey(name),
    value: textOfValue(value).slice(0, MOST_PARAM_TEXT),
  }));

/** Cuts what is to be said into requests within MLflow's limits. */
export function* batchesOf(
  metrics: readonly MetricPoint[],
  params: readonly KeyValue[],
  tags: readonly KeyValue[],
): Generator<{ metrics: MetricPoint[]; params: KeyValue[]; tags: KeyValue[] }> {
  const left = { metrics: [...metrics], params: [...params], tags: [...tags] };
  while (left.metrics.length + left.params.length + left.tags.length > 0) {
    const batch = {
      params: left.params.splice(0, BATCH_LIMITS.params),
      tags: left.tags.splice(0, BATCH_LIMITS.tags),
    };
    const room = Math.min(BATCH_LIMITS.metrics, BATCH_LIMITS.all - batch.params.length - batch.tags.length);
    yield { ...batch, metrics: left.metrics.splice(0, room) };
  }
}

/** What a study is found by again: other studies may have had its name. */
const identityOf = ({ definition, createdAt }: TrackedStudy): string => `${definition.name}@${createdAt}`;

/** A text inside a filter of MLflow's. */
const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

interface Connection {
  readonly experiment: string;
  readonly runs: Map<RunKey, MlflowRun>;
}

const tagOf = ({ data }: MlflowRun, key: string): string | undefined =>
  data.tags.find((tag) => tag.key === key)?.value;

async function connect(api: MlflowApi, experimentName: string, study: TrackedStudy): Promise<Connection> {
  const experiment = await api.experiment(experimentName);
  const found = await api.search(experiment, `tags.\`curvewise.study\` = ${quoted(identityOf(study))}`);
  const runs = found.map((run): [RunKey, MlflowRun] => {
    const trial = tagOf(run, "curvewise.trial");
    return [trial === undefined ? STUDY : Number(trial), run];
  });
  return { experiment, runs: new Map(runs) };
}

/** Which of some points a run does not have yet, if each metric's steps increase: nothing else writes to it. */
function pointsAfter({ data }: MlflowRun, points: readonly MetricPoint[]): MetricPoint[] {
  const newest = new Map(data.metrics.map(({ key, step }) => [key, step]));
  return points.filter(({ key, step }) => step > (newest.get(key) ?? Number.NEGATIVE_INFINITY));
}

/** The same of a run whose steps went back, as those of copied models do. */
async function pointsBesides(
  api: MlflowApi,
  { info, data }: MlflowRun,
  points: readonly MetricPoint[],
): Promise<MetricPoint[]> {
  const keys = new Set(points.map(({ key }) => key));
  const nameOf = (key: string, { step, timestamp }: RecordedPoint): string => `${timestamp} ${step} ${key}`;
  const there = new Set<string>();
  for (const { key } of data.metrics) {
    if (!keys.has(key)) continue;
    for (const each of await api.history(info.run_id, key)) there.add(nameOf(key, each));
  }
  return points.filter((each) => !there.has(nameOf(each.key, each)));
}

/**
 * Shows a study in MLflow: a run for the study, and below it one for each trial, with its params, its metrics by step,
 * and how it ended.
 *
 * @param uri the tracking server's
 * @param experimentName the experiment's name; undefined: the study's
 */
export function mlflowTracker(uri: string, experimentName: string | undefined): OpenTracker {
  return (study: TrackedStudy, givenUp?: AbortSignal): Tracker => {
    const { definition, createdAt } = study;
    const api = mlflowApi(uri, givenUp);
    const pending = new Map<RunKey, PendingRun>();
    const replicates = new Map<number, number>();
    /** The trials whose steps do not always increase. */
    const wandering = new Set<RunKey>();
    let connection: Connection | undefined;
    const pendingOf = (key: RunKey, startedAt: number): PendingRun => {
      let run = pending.get(key);
      if (run === undefined) {
        run = { key, startedAt, params: [], metrics: [], tags: [], status: undefined };
        pending.set(key, run);
      }
      return run;
    };
    const { goal, sampler, scheduler } = definition;
    pendingOf(STUDY, createdAt).tags.push(
      { key: "curvewise.goal", value: `${goal.direction} ${goal.metric}` },
      { key: "curvewise.sampler", value: sampler.name },
      { key: "curvewise.scheduler", value: scheduler.name },
    );
    const end = (trial: number, time: number, status: RunStatus, state: string): void => {
      const run = pendingOf(trial, time);
      run.status = { status, endedAt: time };
      run.tags.push({ key: "curvewise.state", value: state });
    };
    const stoppedAtOnce = createStoppedAtOnce();
    let latest = createdAt;
    const observe = (event: StudyEvent): void => {
      latest = event.time;
      const stopped = stoppedAtOnce(event);
      if (stopped !== undefined) end(stopped, event.time, "KILLED", "stopped");
      switch (event.type) {
        case "study-opened":
          pendingOf(STUDY, createdAt).status = { status: "RUNNING", endedAt: undefined };
          return;
        case "trial-asked": {
          const run = pendingOf(event.trial, event.time);
          run.params.push(...paramsOf(event.params));
          run.status = { status: "SCHEDULED", endedAt: undefined };
          return;
        }
        case "attempt-started":
          pendingOf(event.trial, event.time).status = { status: "RUNNING", endedAt: undefined };
          return;
        case "reported": {
          const { metrics } = pendingOf(event.trial, event.time);
          for (const [name, value] of Object.entries(event.metrics)) {
            const key = plainKey(replicateMetric(name, replicates.get(event.trial) ?? 0));
            metrics.push({ key, value: encodeNumber(value), timestamp: event.time, step: event.step });
          }
          return;
        }
        case "replicated":
          replicates.set(event.trial, (replicates.get(event.trial) ?? 0) + 1);
          return;
        case "decided":
          if (event.action === "continue") return;
          pendingOf(event.trial, event.time).tags.push({
            key: "curvewise.reason",
            value: event.explanation.reason.slice(0, MOST_TAG_TEXT),
          });
          return;
        case "requested":
          if (event.action !== "stop" || event.trial === undefined) return;
          pendingOf(event.trial, event.time).tags.push({
            key: "curvewise.reason",
            value: `${event.by} asked to stop it`.slice(0, MOST_TAG_TEXT),
          });
          return;
        case "exploited":
          wandering.add(event.trial);
          // Params of a run cannot change.
          pendingOf(event.trial, event.time).tags.push({
            key: "curvewise.params",
            value: JSON.stringify(event.params).slice(0, MOST_TAG_TEXT),
          });
          return;
        case "paused":
        case "released":
        case "retried":
          pendingOf(event.trial, event.time).status = { status: "SCHEDULED", endedAt: undefined };
          return;
        case "finished":
          end(event.trial, event.time, event.state === "complete" ? "FINISHED" : "KILLED", event.state);
          return;
        case "failed":
          pendingOf(event.trial, event.time).tags.push({
            key: "curvewise.failure",
            value: `${event.error.code}: ${event.error.message}`.slice(0, MOST_TAG_TEXT),
          });
          if (!event.retry) end(event.trial, event.time, "FAILED", "failed");
          return;
        default:
      }
    };
    const create = async ({ experiment, runs }: Connection, run: PendingRun): Promise<MlflowRun> => {
      const isStudy = run.key === STUDY;
      const parent = runs.get(STUDY)?.info.run_id;
      const identity = { key: "curvewise.study", value: identityOf(study) };
      const below = [
        { key: "curvewise.trial", value: String(run.key) },
        { key: "mlflow.parentRunId", value: parent ?? "" },
      ];
      const created = await api.createRun({
        experiment_id: experiment,
        run_name: isStudy ? definition.name : `${definition.name}/${run.key}`,
        start_time: run.startedAt,
        tags: [identity, ...(isStudy ? [] : below)],
      });
      runs.set(run.key, created);
      return created;
    };
    const send = async (): Promise<void> => {
      if (pending.size === 0) return;
      connection ??= await connect(api, experimentName ?? definition.name, study);
      for (const [key, run] of pending) {
        const there = connection.runs.get(key) ?? (await create(connection, run));
        const { run_id: id } = there.info;
        const metrics = wandering.has(key)
          ? await pointsBesides(api, there, run.metrics)
          : pointsAfter(there, run.metrics);
        const params = run.params.filter(
          ({ key: name }) => !there.data.params.some((each) => each.key === name),
        );
        const tags = [...new Map(run.tags.map((tag) => [tag.key, tag])).values()].filter(
          (tag) => tagOf(there, tag.key) !== tag.value,
        );
        for (const batch of batchesOf(metrics, params, tags)) await api.logBatch({ run_id: id, ...batch });
        const status = run.status?.status ?? there.info.status;
        if (run.status !== undefined && status !== there.info.status) {
          const { endedAt } = run.status;
          await api.updateRun({
            run_id: id,
            status: run.status.status,
            ...(endedAt === undefined ? {} : { end_time: endedAt }),
          });
        }
        // What is noted from here on cannot be there yet.
        connection.runs.set(key, { info: { run_id: id, status }, data: { ...there.data, metrics: [] } });
        pending.delete(key);
      }
    };
    const flush = async (): Promise<void> => {
      try {
        await send();
      } catch (error) {
        // Some of it may have arrived: what is there is asked for again before more is sent.
        connection = undefined;
        throw error;
      }
    };
    const rest = async (): Promise<void> => {
      pendingOf(STUDY, createdAt).status = { status: "FINISHED", endedAt: latest };
      await flush();
    };
    return { name: `MLflow at ${uri}`, observe, flush, rest };
  };
}
