import { createReadStream } from "node:fs";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { createMiddleware } from "hono/factory";
import { stream, streamSSE } from "hono/streaming";
import { CurvewiseError } from "../core/errors.js";
import { errorJson, statusOf } from "../server/api-app.js";
import { partOf } from "../views/answer-path.js";
import { type Access, isOurs } from "./access.js";
import { type AnswerContext, createAnswers } from "./answers.js";
import { createLiveChanges, type LiveChanges } from "./live.js";
import type { PassRequest } from "./pass-request.js";
import type { ServedFile, ServedFiles } from "./served-files.js";
import { snapshotPath } from "./trial-files.js";

/** Nothing from elsewhere, nothing inline but the page's style, and no frame but on pages of this machine (notebooks). */
const policyOf = (styleHash: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styleHash}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*",
  ].join("; ");

const HEADERS = [
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
] as const;

/** The most bytes of a request. */
const MOST_REQUEST = 256 * 1024;

/** What the application needs. */
export interface DashboardAppOptions extends AnswerContext {
  readonly served: ServedFiles;
  readonly accessOf: (authorization?: string) => Access;
  /** The hosts by which the server is known, in lower case; empty: any. */
  readonly names: ReadonlySet<string>;
  /** Passes a request on to the study; undefined: nobody may act. */
  readonly send: PassRequest | undefined;
}

/** The application, and what ends its streams. */
export interface DashboardApp {
  readonly app: Hono<Bindings>;
  readonly live: LiveChanges;
}

interface Bindings {
  readonly Bindings: HttpBindings;
  readonly Variables: { access: Access };
}

type StudyContext = Context<Bindings, `/api/studies/:study${string}`>;

const tokenNeeded = (what: string): CurvewiseError =>
  new CurvewiseError("TOKEN_REFUSED", `${what} needs the token`, {
    hint: "`curvewise dashboard` prints an address that has it.",
  });

const tooLarge = (): CurvewiseError =>
  new CurvewiseError("REQUEST_TOO_LARGE", `a request may have at most ${MOST_REQUEST} bytes`, {
    hint: "Ask for less at once.",
  });

/** Creates the routes: the page's files, and what the page asks for below `/api`. */
export function createDashboardApp(options: DashboardAppOptions): DashboardApp {
  const { watch, folderOf, served, accessOf, names, send } = options;
  const answers = createAnswers(options);
  const headers = [["Content-Security-Policy", policyOf(served.styleHash)], ...HEADERS] as const;
  const live = createLiveChanges(watch);
  const app = new Hono<Bindings>();
  const json = (c: Context<Bindings>, text: string): Response =>
    c.body(text, 200, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
  const studyOf = (c: StudyContext): string => partOf(c.req.param("study"));
  const mayAct = (c: Context<Bindings>): boolean => send !== undefined && c.get("access") === "act";

  app.use("*", async (c, next) => {
    // First, so that refusals have them too.
    for (const [name, value] of headers) c.header(name, value);
    const [host, origin] = [c.req.header("host"), c.req.header("origin")];
    if (!isOurs({ host, origin }, names)) {
      throw new CurvewiseError(
        "HOST_REFUSED",
        "this request was made for another host or by another site's page",
        {
          hint: "Open the address that `curvewise dashboard` printed; --name HOST lets it be reached by another name.",
        },
      );
    }
    await next();
  });
  const squeeze = compress();
  app.use("*", (c, next) => (c.req.path.endsWith("/live") ? next() : squeeze(c, next)));
  for (const [path, file] of served.files) app.get(path, (c) => sendFile(c, file));

  app.use("/api/*", async (c, next) => {
    const access = accessOf(c.req.header("authorization"));
    if (access === "none") throw tokenNeeded("this page");
    c.set("access", access);
    await next();
  });
  app.get("/api/studies", async (c) => json(c, await answers.studies(mayAct(c))));
  app.get("/api/compare", async (c) => json(c, await answers.compare(c.req.queries("studies") ?? [])));
  app.get("/api/studies/:study", async (c) => json(c, await answers.study(studyOf(c), mayAct(c))));
  app.get("/api/studies/:study/trials", async (c) =>
    json(c, await answers.trials(studyOf(c), c.req.query())),
  );
  app.get("/api/studies/:study/trials/:trial", async (c) =>
    json(c, await answers.trial(studyOf(c), c.req.param("trial"))),
  );
  app.get("/api/studies/:study/trials/:trial/decisions/:index", async (c) =>
    json(c, await answers.decision(studyOf(c), c.req.param("trial"), c.req.param("index"))),
  );
  app.get("/api/studies/:study/trials/:trial/output", async (c) =>
    json(c, await answers.output(studyOf(c), c.req.param("trial"), c.req.query())),
  );
  app.get("/api/studies/:study/trials/:trial/snapshot", async (c) => {
    const { study } = await watch.look(studyOf(c));
    const trial = study.trials[Number(c.req.param("trial"))];
    const path = trial === undefined ? undefined : await snapshotPath(folderOf, study, trial);
    if (path === undefined) {
      throw new CurvewiseError("TRIAL_NOT_FOUND", "there is no such snapshot", {
        hint: "It may have been removed.",
      });
    }
    c.header("Content-Type", "application/octet-stream");
    return stream(c, async (out) => {
      for await (const chunk of createReadStream(path)) await out.write(chunk);
    });
  });
  app.get("/api/studies/:study/plots/:plot", async (c) =>
    json(
      c,
      await answers.plot(studyOf(c), c.req.param("plot"), {
        metric: c.req.query("metric"),
        params: c.req.queries("params"),
      }),
    ),
  );
  app.get("/api/studies/:study/curves", async (c) => {
    const type = { "Content-Type": "application/octet-stream", "Cache-Control": "no-store" };
    return c.body(await answers.curves(studyOf(c), c.req.query()), 200, type);
  });
  app.get("/api/studies/:study/rungs", async (c) => json(c, await answers.rungs(studyOf(c))));
  app.get("/api/studies/:study/timeline", async (c) => json(c, await answers.timeline(studyOf(c))));
  app.get("/api/studies/:study/population", async (c) => json(c, await answers.population(studyOf(c))));
  app.get("/api/studies/:study/happenings", async (c) => json(c, await answers.happenings(studyOf(c))));
  app.get("/api/studies/:study/what-if", async (c) =>
    json(c, await answers.whatIf(studyOf(c), c.req.query())),
  );
  app.get("/api/studies/:study/live", async (c) => {
    const name = studyOf(c);
    await watch.look(name);
    const seen = Number(c.req.header("last-event-id") ?? c.req.query("after"));
    return streamSSE(c, (out) => live.follow(out, name, Number.isSafeInteger(seen) ? seen : 0));
  });
  const checkActor = createMiddleware<Bindings>(async (c, next) => {
    if (!mayAct(c)) throw tokenNeeded("acting on a study");
    await next();
  });
  // It counts what comes, also where the caller does not say how much that is.
  const limit = bodyLimit({
    maxSize: MOST_REQUEST,
    onError: () => {
      throw tooLarge();
    },
  });
  app.post("/api/studies/:study/requests", checkActor, limit, async (c) => {
    if (send === undefined) throw tokenNeeded("acting on a study");
    let request: unknown;
    try {
      request = await c.req.json();
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === "BodyLimitError") throw tooLarge();
      throw new CurvewiseError("REQUEST_INVALID", "the request is not JSON", {
        hint: "Send JSON, with the header Content-Type: application/json.",
      });
    }
    const { study } = await watch.look(studyOf(c));
    return json(c, JSON.stringify(await send(study, request)));
  });
  app.notFound((c) => c.json(errorJson(notFound(c.req.path)), 404));
  app.onError((thrown, c) => c.json(errorJson(thrown), refusalStatus(thrown)));
  return { app, live };
}

/** Sends a file unless the browser has it as it is. */
function sendFile(c: Context, { type, body, squeezed, tag }: ServedFile): Response {
  c.header("Cache-Control", "no-cache");
  c.header("ETag", tag);
  c.header("Vary", "Accept-Encoding");
  if (c.req.header("if-none-match") === tag) return c.body(null, 304);
  const encoding = accepts(c, { header: "Accept-Encoding", supports: ["gzip"], default: "identity" });
  if (encoding !== "gzip") return c.body(body, 200, { "Content-Type": type });
  return c.body(squeezed, 200, { "Content-Type": type, "Content-Encoding": encoding });
}

const notFound = (path: string): CurvewiseError =>
  new CurvewiseError("PATH_NOT_FOUND", `there is nothing at ${path}`, {
    hint: "Open the address without a path.",
  });

function refusalStatus(thrown: unknown) {
  return thrown instanceof CurvewiseError && thrown.code === "HOST_REFUSED" ? 403 : statusOf(thrown);
}
