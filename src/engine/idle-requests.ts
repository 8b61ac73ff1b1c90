import { type Judged, judgeRequest, type RequestContext, requestEvents } from "../core/course/carry-out.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import type { StudyAction, StudyRequest } from "../core/request.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Lease, Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { applyEvent } from "../core/study-fold.js";
import type { StudyRecord } from "../core/study-record.js";
import { isOver } from "../forecast/study-worth.js";
import { createLogClock } from "./log-clock.js";
import { isHolderGone, thisProcess } from "./process-identity.js";
import { readStudy, withoutComplete } from "./read-study.js";

/** Milliseconds after which a study is free again if this process is killed on another host than the next one. */
const BRIEFLY = 10_000;

/** Whether it takes effect without anybody who runs the study. The others change what is trained, which a run does. */
function needsNoRun({ kind }: StudyAction): boolean {
  return kind !== "enqueue" && kind !== "budget" && kind !== "workers";
}

/** Whether its place among other requests matters: a note says the same before and after them. */
const isInOrder = ({ kind }: StudyAction): boolean => kind !== "note";

/**
 * Whether nothing is left of a coordinator that was killed. Otherwise the next one has to end that first, and only then
 * may change what its trials are.
 */
function isAtRest({ byState: { running, paused, waiting }, trials }: Study): boolean {
  const isParked = (number: number): boolean => trials[number]?.parked === true;
  return running.size === 0 && ![...paused, ...waiting].some(isParked);
}

/** The study's own words for why a request is refused. @throws CurvewiseError `REQUEST_REFUSED` */
function refuse(study: Study, reason: string): never {
  const { name } = study.definition;
  throw new CurvewiseError("REQUEST_REFUSED", `study "${name}" cannot do that: ${reason}`, {
    hint: `\`curvewise status ${name}\` shows how it stands. Nothing was changed.`,
  });
}

/** @throws CurvewiseError `STUDY_FINISHED`, `REQUEST_REFUSED` */
function eventsOrRefusal(context: RequestContext, request: StudyRequest): readonly EventBody[] {
  const { study } = context;
  const { action } = request;
  const judged: Judged = judgeRequest(context, request);
  if ("refused" in judged) return refuse(study, judged.refused);
  const isOfStudy = (action.kind === "pause" || action.kind === "stop") && action.trial === undefined;
  if (!isOfStudy || study.halt !== undefined || !isOver(study)) return judged;
  const { name } = study.definition;
  throw new CurvewiseError(
    "STUDY_FINISHED",
    `study "${name}" has finished: there is nothing to ${action.kind}`,
    {
      hint: `\`curvewise extend ${name}\` gives it a larger budget, for the next \`curvewise run\`.`,
    },
  );
}

/** Applies events, as they will be in the log, and returns them. */
function timed(study: StudyRecord, bodies: readonly EventBody[], time: number): readonly StudyEvent[] {
  return bodies.map((body) => {
    const event: StudyEvent = { ...body, time };
    applyEvent(study, event);
    return event;
  });
}

/** Takes the study for a moment; undefined while another process has it, or may come back to it. */
async function takeBriefly(storage: Storage, study: string): Promise<Lease | undefined> {
  try {
    return await storage.acquire(study, {
      holder: thisProcess(),
      now: Date.now(),
      duration: BRIEFLY,
      isGone: isHolderGone,
      onlyFree: true,
    });
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "STUDY_OWNED") return undefined;
    throw error;
  }
}

async function carryOutHeld(
  storage: Storage,
  lease: Lease,
  study: StudyRecord,
  asked: readonly StudyRequest[],
): Promise<boolean> {
  const context: RequestContext = {
    study,
    scheduler: {},
    // Only what waits for a run asks for it.
    get space() {
      return createSearchSpace(study.definition.space);
    },
    trains: false,
  };
  const { host, pid } = thisProcess();
  const now = createLogClock(Date.now, study.updatedAt)();
  // So that the time since the last run does not count as time of a run; nor does this moment, which is a single one.
  const opened = timed(study, [{ type: "study-opened", host, pid }], now);
  const pending = await storage.listRequests(lease.study);
  const blocked = pending.findIndex(({ request }) => !needsNoRun(request.action));
  const [ready, later] = blocked < 0 ? [pending, []] : [pending.slice(0, blocked), pending.slice(blocked)];
  const events = ready.flatMap(({ request }) => timed(study, requestEvents(context, request), now));
  const waits = asked.some(({ action }) => !needsNoRun(action));
  const isPast = later.length > 0 && asked.some(({ action }) => isInOrder(action));
  const isDone = asked.length > 0 && !waits && !isPast;
  // All of them are judged before any is recorded.
  const own = isDone ? asked.flatMap((request) => timed(study, eventsOrRefusal(context, request), now)) : [];
  if (events.length + own.length > 0)
    await storage.append(lease, [...opened, ...events, ...own], ready.at(-1)?.number);
  return isDone;
}

/**
 * Carries out what nobody need run a study for (notes, tags, pauses, resumptions, stops), if nobody has it: what is in
 * front of its inbox, and then what is asked now. The study is taken for that moment.
 *
 * @returns whether what is asked now is in the log; if not, nothing of it is
 * @throws CurvewiseError `REQUEST_REFUSED`, `STUDY_FINISHED` if it cannot be carried out; and those of the storage
 */
export async function carryOutIdle(
  storage: Storage,
  name: string,
  asked: readonly StudyRequest[],
): Promise<boolean> {
  // Read before the study is taken, since that may last, and read again only if it was not at rest meanwhile.
  let study = await readStudy(storage, name, withoutComplete);
  if (!isAtRest(study)) return false;
  const lease = await takeBriefly(storage, name);
  if (lease === undefined) return false;
  let isDone: boolean;
  try {
    const summary = (await storage.listStudies(Date.now())).find((each) => each.name === name);
    if (summary?.events !== study.events) study = await readStudy(storage, name, withoutComplete);
    if (!isAtRest(study)) return false;
    isDone = await carryOutHeld(storage, lease, study, asked);
  } finally {
    await storage.release(lease);
  }
  // Whoever saw that the study was taken has put a request into its inbox, and relies on this process.
  const [next] = await storage.listRequests(name);
  if (next !== undefined && needsNoRun(next.request.action)) await carryOutIdle(storage, name, []);
  return isDone;
}
