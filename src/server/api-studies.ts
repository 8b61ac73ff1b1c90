import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { bestTrial } from "../core/best-trial.js";
import { CurvewiseError } from "../core/errors.js";
import { eventText } from "../core/event-text.js";
import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { FormerWorker, Study, Worker } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { thisProcess } from "../engine/process-identity.js";
import { readTrial } from "../engine/read-study.js";
import { studyJson, trialJson } from "../engine/study-json.js";
import { type Api, type ApiContext, openStudy, PROBLEMS } from "./api-app.js";
import {
  eventsQuery,
  liveQuery,
  loggedEventSchema,
  studyPath,
  studySchema,
  trialPath,
  trialSchema,
  trialsQuery,
  workerSchema,
} from "./api-schemas.js";

/** Milliseconds between two looks for new events. */
const LIVE_INTERVAL = 100;
/** Milliseconds after which a silent live stream shows that it is alive. */
const LIVE_PULSE = 15_000;
/** Events that are read at a time for a live stream. */
const LIVE_PAGE = 1000;

const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

/** An event in the form of the API's schema. */
function eventJson(event: StudyEvent): z.output<typeof loggedEventSchema>["event"] {
  return loggedEventSchema.shape.event.parse(JSON.parse(eventText(event)));
}

const studyOf = (study: Study) => studySchema.parse(studyJson(study, thisProcess()));
const trialOf = (study: Study, trial: Trial) => trialSchema.parse(trialJson(study, trial));

type ListedWorker = z.output<typeof workerSchema>;

function workersOf(study: Study): ListedWorker[] {
  const trials = new Map<string, number[]>();
  for (const number of study.byState.running) {
    const worker = study.trials[number]?.worker ?? "";
    trials.set(worker, [...(trials.get(worker) ?? []), number]);
  }
  const place = <Place extends Worker>({ gpus, labels, ...others }: Place) => ({
    ...others,
    gpus: [...gpus],
    labels: { ...labels },
  });
  const present = (worker: Worker): ListedWorker => ({
    ...place(worker),
    state: "present",
    goneAt: null,
    message: null,
    trials: trials.get(worker.name) ?? [],
  });
  const former = ({ reason, ...worker }: FormerWorker): ListedWorker => ({
    ...place(worker),
    state: reason,
    trials: [],
  });
  return [...[...study.workers.values()].map(present), ...[...study.formerWorkers.values()].map(former)];
}

async function trialNumbered(
  storage: Pick<Storage, "readEvents">,
  study: Study,
  number: number,
): Promise<Trial> {
  const trial = await readTrial(storage, study, number);
  if (trial !== undefined) return trial;
  throw new CurvewiseError("TRIAL_NOT_FOUND", `study "${study.definition.name}" has no trial ${number}`, {
    hint: `It has ${study.trials.length} trials, counted from 0.`,
  });
}

const listRoute = createRoute({
  method: "get",
  path: "/studies",
  summary: "The studies that the token gives access to",
  responses: { 200: answer("All of them.", z.object({ studies: z.array(studySchema) })), ...PROBLEMS },
});
const studyRoute = createRoute({
  method: "get",
  path: "/studies/{study}",
  summary: "A study's state",
  request: { params: studyPath },
  responses: { 200: answer("Its state.", studySchema), ...PROBLEMS },
});
const trialsRoute = createRoute({
  method: "get",
  path: "/studies/{study}/trials",
  summary: "Trials with their learning curves, by number",
  request: { params: studyPath, query: trialsQuery },
  responses: {
    200: answer(
      "A page of them.",
      z.object({
        trials: z.array(trialSchema),
        next: z.int().nullable().describe("`after` for the next page; null if this is the last one."),
      }),
    ),
    ...PROBLEMS,
  },
});
const trialRoute = createRoute({
  method: "get",
  path: "/studies/{study}/trials/{trial}",
  summary: "One trial",
  request: { params: trialPath },
  responses: { 200: answer("The trial.", trialSchema), ...PROBLEMS },
});
const bestRoute = createRoute({
  method: "get",
  path: "/studies/{study}/best",
  summary: "The best trial",
  request: { params: studyPath },
  responses: {
    200: answer(
      "The trial; null if none has a finite value yet.",
      z.object({ trial: trialSchema.nullable() }),
    ),
    ...PROBLEMS,
  },
});
const workersRoute = createRoute({
  method: "get",
  path: "/studies/{study}/workers",
  summary: "The workers: those that are present, then those that have gone",
  request: { params: studyPath },
  responses: { 200: answer("All of them.", z.object({ workers: z.array(workerSchema) })), ...PROBLEMS },
});
const eventsRoute = createRoute({
  method: "get",
  path: "/studies/{study}/events",
  summary: "The log",
  request: { params: studyPath, query: eventsQuery },
  responses: {
    200: answer(
      "A page of it.",
      z.object({
        events: z.array(loggedEventSchema),
        next: z.int().nullable().describe("`after` for the next page; null if there are no more events yet."),
      }),
    ),
    ...PROBLEMS,
  },
});
const liveRoute = createRoute({
  method: "get",
  path: "/studies/{study}/events/live",
  summary: "The log as it grows, as server-sent events",
  description: "Each has the event's position as `id`, its type as `event`, and the event as `data`.",
  request: { params: studyPath, query: liveQuery },
  responses: {
    200: {
      description: "A stream that ends with the study's session.",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...PROBLEMS,
  },
});

/** Adds the calls that only read. */
export function addStudyRoutes(app: Api, context: ApiContext): void {
  const { storage, study: name } = context;
  const studyNamed = (study: string): Study => openStudy(context, study).session.study;

  app.openapi(listRoute, (c) => {
    const open = context.hub();
    return c.json({ studies: open === undefined ? [] : [studyOf(open.session.study)] }, 200);
  });
  app.openapi(studyRoute, (c) => c.json(studyOf(studyNamed(c.req.valid("param").study)), 200));
  app.openapi(trialsRoute, async (c) => {
    const study = studyNamed(c.req.valid("param").study);
    const { state, after = -1, limit } = c.req.valid("query");
    const trials: z.output<typeof trialSchema>[] = [];
    let number = after + 1;
    for (; number < study.trials.length && trials.length < limit; number++) {
      const known = study.trials[number]?.state ?? "complete";
      if (state !== undefined && known !== state) continue;
      const trial = await readTrial(storage, study, number);
      if (trial !== undefined) trials.push(trialOf(study, trial));
    }
    return c.json({ trials, next: number < study.trials.length ? number - 1 : null }, 200);
  });
  app.openapi(trialRoute, async (c) => {
    const { study: wanted, trial } = c.req.valid("param");
    const study = studyNamed(wanted);
    return c.json(trialOf(study, await trialNumbered(storage, study, trial)), 200);
  });
  app.openapi(bestRoute, (c) => {
    const study = studyNamed(c.req.valid("param").study);
    const best = bestTrial(study);
    return c.json({ trial: best === undefined ? null : trialOf(study, best.trial) }, 200);
  });
  app.openapi(workersRoute, (c) =>
    c.json({ workers: workersOf(studyNamed(c.req.valid("param").study)) }, 200),
  );
  app.openapi(eventsRoute, async (c) => {
    studyNamed(c.req.valid("param").study);
    const { after = 0, trial, limit } = c.req.valid("query");
    const events: z.output<typeof loggedEventSchema>[] = [];
    let next: number | null = null;
    for await (const { sequence, event } of storage.readEvents(name, {
      after,
      ...(trial === undefined ? {} : { trial }),
    })) {
      if (events.length === limit) {
        next = events.at(-1)?.sequence ?? null;
        break;
      }
      events.push({ sequence, event: eventJson(event) });
    }
    return c.json({ events, next }, 200);
  });
  app.openapi(liveRoute, (c) => {
    const { session } = openStudy(context, c.req.valid("param").study);
    const resumed = Number(c.req.header("last-event-id"));
    const { after = session.study.events } = c.req.valid("query");
    let last = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : after;
    return streamSSE(c, async (stream) => {
      const sendNew = async (): Promise<boolean> => {
        const before = last;
        if (session.study.events <= last) return false;
        for await (const { sequence, event } of storage.readEvents(name, { after: last })) {
          await stream.writeSSE({ id: String(sequence), event: event.type, data: eventText(event) });
          last = sequence;
          if (last - before >= LIVE_PAGE) break;
        }
        return last > before;
      };
      let quiet = 0;
      while (!stream.aborted && context.hub()?.session === session) {
        quiet = (await sendNew()) ? 0 : quiet + LIVE_INTERVAL;
        if (quiet >= LIVE_PULSE) {
          quiet = 0;
          await stream.write(": still here\n\n");
        }
        await stream.sleep(LIVE_INTERVAL);
      }
      while (!stream.aborted && (await sendNew()));
    });
  });
}
