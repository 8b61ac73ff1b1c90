import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createRoute, type z } from "@hono/zod-openapi";
import { CurvewiseError } from "../core/errors.js";
import { type Api, type ApiContext, ATTEMPT_PROBLEMS, openStudy, PROBLEMS } from "./api-app.js";
import {
  askAnswer,
  askBody,
  type OutsideAssignment,
  okAnswer,
  reportAnswer,
  reportBody,
  snapshotBody,
  studyPath,
  tellBody,
  trialPath,
  workerPath,
} from "./api-schemas.js";
import type { Reply, WireAssignment } from "./messages.js";
import type { AttemptMessage, RemoteWorker } from "./remote-worker.js";
import { metricsFromWire } from "./wire.js";
import type { WorkerHub } from "./worker-hub.js";

/** How many attempts an outside program may have at the same time. */
const OUTSIDE_SLOTS = 1000;

const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});

const askRoute = createRoute({
  method: "post",
  path: "/studies/{study}/trials:ask",
  summary: "Take a trial",
  description:
    "For a program that does its own training. The caller keeps the trial as long as it is heard from: every call counts, and a heartbeat if there is nothing else to say. If it is silent, its trial is given to others.",
  request: { params: studyPath, body: body(askBody) },
  responses: { 200: answer("A trial, or why there is none.", askAnswer), ...ATTEMPT_PROBLEMS },
});
const reportRoute = createRoute({
  method: "post",
  path: "/studies/{study}/trials/{trial}/report",
  summary: "Report metrics at a step",
  description: "Answered once it is durable, with what the training is to do next.",
  request: { params: trialPath, body: body(reportBody) },
  responses: { 200: answer("What to do next.", reportAnswer), ...ATTEMPT_PROBLEMS },
});
const snapshotRoute = createRoute({
  method: "post",
  path: "/studies/{study}/trials/{trial}/snapshot",
  summary: "Record a saved model",
  request: { params: trialPath, body: body(snapshotBody) },
  responses: { 200: answer("It is recorded.", okAnswer), ...ATTEMPT_PROBLEMS },
});
const tellRoute = createRoute({
  method: "post",
  path: "/studies/{study}/trials/{trial}/tell",
  summary: "Record how the training ended",
  request: { params: trialPath, body: body(tellBody) },
  responses: { 200: answer("It is recorded.", okAnswer), ...ATTEMPT_PROBLEMS },
});
const heartbeatRoute = createRoute({
  method: "post",
  path: "/studies/{study}/workers/{worker}/heartbeat",
  summary: "Show that the caller is alive",
  request: { params: workerPath },
  responses: { 200: answer("The caller keeps its trials.", okAnswer), ...PROBLEMS },
});
const leaveRoute = createRoute({
  method: "delete",
  path: "/studies/{study}/workers/{worker}",
  summary: "Leave: trials that have not ended are given back",
  request: { params: workerPath },
  responses: { 200: answer("The caller is gone.", okAnswer), ...PROBLEMS },
});

function workerNamed(hub: WorkerHub, name: string): RemoteWorker {
  const worker = hub.find(name);
  if (worker !== undefined) return worker;
  throw new CurvewiseError("WORKER_NOT_FOUND", `there is no worker "${name}"`, {
    hint: "It was silent for longer than its lease, or never asked for a trial. Ask for one.",
  });
}

/** The reply, if it is of a wanted type; an error is thrown. */
function accepted<Type extends Reply["type"]>(
  reply: Reply,
  ...types: readonly Type[]
): Extract<Reply, { readonly type: Type }> {
  const isWanted = (given: Reply): given is Extract<Reply, { readonly type: Type }> =>
    types.some((type) => type === given.type);
  if (isWanted(reply)) return reply;
  if (reply.type !== "error") throw new Error(`unexpected reply of type ${reply.type}`);
  const { code, message, hint } = reply.error;
  throw new CurvewiseError(code, message, hint === undefined ? {} : { hint });
}

/** Adds the calls for programs that do their own training. */
export function addTrialRoutes(app: Api, context: ApiContext): void {
  const { folder } = context;

  const assignmentJson = (assignment: WireAssignment): OutsideAssignment => {
    const {
      folder: own,
      resume,
      maxSteps = null,
      timeout = null,
      snapshotEvery = null,
      parked: _never,
      ...others
    } = assignment;
    return {
      ...others,
      maxSteps,
      folder: join(folder, own),
      resume: resume === undefined ? null : { ...resume, path: join(folder, resume.path) },
      timeout,
      snapshotEvery,
    };
  };

  /**
   * The assignment, or why there is none. The request ends when the caller hangs up or has waited long
   * enough.
   */
  const wish = async (
    hub: WorkerHub,
    worker: RemoteWorker,
    request: string,
    seconds: number,
    gone: AbortSignal,
  ) => {
    let ended = false;
    const withdraw = (): void => {
      ended = true;
      worker.withdraw(request);
    };
    const timer = setTimeout(withdraw, seconds * 1000);
    gone.addEventListener("abort", withdraw, { once: true });
    try {
      const reply = accepted(await worker.handle({ type: "ask", request }), "assignment", "none");
      if (reply.type === "assignment") return reply.assignment;
      return ended ? ("none-yet" as const) : hub.session.ending();
    } finally {
      clearTimeout(timer);
      gone.removeEventListener("abort", withdraw);
    }
  };

  const say = async (study: string, name: string, message: AttemptMessage): Promise<Reply> => {
    const hub = openStudy(context, study);
    const worker = hub.find(name);
    if (worker !== undefined) {
      hub.touch(worker);
      return worker.handle(message);
    }
    const { trial, attempt } = message;
    if (message.type === "report") {
      await hub.session.reportLate({ trial, attempt }, message.step, metricsFromWire(message.metrics));
      return { type: "action", answer: { action: "stop" }, late: true };
    }
    throw new CurvewiseError(
      "ATTEMPT_OVER",
      `attempt ${attempt} of trial ${trial} is over: "${name}" was given up`,
      {
        hint: "It was silent for longer than its lease; ask for a longer one, or send heartbeats.",
      },
    );
  };

  app.openapi(askRoute, async (c) => {
    const hub = openStudy(context, c.req.valid("param").study);
    const {
      worker: name,
      request = randomUUID(),
      wait,
      lease,
      host = "elsewhere",
      labels,
    } = c.req.valid("json");
    const introduction = {
      worker: name,
      host,
      pid: 0,
      slots: OUTSIDE_SLOTS,
      gpus: [],
      labels: { via: "http", ...labels },
    };
    const worker = await hub.join(introduction, lease);
    const granted = await wish(hub, worker, request, wait, c.req.raw.signal);
    hub.touch(worker);
    if (typeof granted === "string") return c.json({ assignment: null, reason: granted }, 200);
    const assignment = assignmentJson(granted);
    await mkdir(assignment.folder, { recursive: true });
    return c.json({ assignment }, 200);
  });
  app.openapi(reportRoute, async (c) => {
    const { study, trial } = c.req.valid("param");
    const { worker, attempt, sequence, step, metrics, canExploit = false } = c.req.valid("json");
    const message = { type: "report" as const, trial, attempt, sequence, step, metrics, canExploit };
    const { answer: told, late = false } = accepted(await say(study, worker, message), "action");
    if (told.action !== "exploit") return c.json({ answer: told, late }, 200);
    const resume = { ...told.resume, path: join(folder, told.resume.path) };
    return c.json({ answer: { ...told, resume }, late }, 200);
  });
  app.openapi(snapshotRoute, async (c) => {
    const { study, trial } = c.req.valid("param");
    const { worker, attempt, sequence, step, path: own } = c.req.valid("json");
    const path = `trial-${trial}/${own}`;
    accepted(await say(study, worker, { type: "snapshot", trial, attempt, sequence, step, path }), "ok");
    return c.json({ ok: true as const }, 200);
  });
  app.openapi(tellRoute, async (c) => {
    const { study, trial } = c.req.valid("param");
    const { worker, attempt, sequence, end } = c.req.valid("json");
    accepted(await say(study, worker, { type: "end", trial, attempt, sequence, end }), "ok");
    return c.json({ ok: true as const }, 200);
  });
  app.openapi(heartbeatRoute, (c) => {
    const { study, worker } = c.req.valid("param");
    const hub = openStudy(context, study);
    hub.touch(workerNamed(hub, worker));
    return c.json({ ok: true as const }, 200);
  });
  app.openapi(leaveRoute, async (c) => {
    const { study, worker } = c.req.valid("param");
    const hub = openStudy(context, study);
    await hub.dismiss(workerNamed(hub, worker), "it left");
    return c.json({ ok: true as const }, 200);
  });
}
