import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { namesPrototype } from "../core/json.js";
import type { Storage } from "../core/storage.js";
import { errorSchema } from "./api-schemas.js";
import type { WorkerHub } from "./worker-hub.js";

/** What the HTTP API needs. */
export interface ApiContext {
  readonly study: string;
  /** The study's folder, absolute. */
  readonly folder: string;
  readonly storage: Pick<Storage, "readEvents" | "addRequest" | "listRequests">;
  /** Whose token it is, as the log names those who ask: `user@host`. */
  readonly owner: string;
  /** The open study; undefined before and after. */
  readonly hub: () => WorkerHub | undefined;
  /** Seconds. */
  readonly lease: number;
  /** Whether an `Authorization` header holds the token. */
  readonly isAllowed: (authorization: string | undefined) => boolean;
  /** Called for each call without the token. */
  readonly onRefused: (from: string) => void;
  readonly version: string;
}

/** The application that routes are added to. */
export type Api = OpenAPIHono<{ Bindings: HttpBindings }>;

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  TOKEN_REFUSED: 401,
  STUDY_NOT_FOUND: 404,
  TRIAL_NOT_FOUND: 404,
  WORKER_NOT_FOUND: 404,
  PATH_NOT_FOUND: 404,
  ATTEMPT_OVER: 409,
  ATTEMPT_UNKNOWN: 409,
  SEQUENCE_OLD: 409,
  SLOTS_TAKEN: 409,
  STEP_NOT_INCREASING: 409,
  STUDY_NOT_OPEN: 503,
};

/** The HTTP status of an error. */
export function statusOf(error: unknown): ContentfulStatusCode {
  if (error instanceof HTTPException) return error.status;
  if (!isCurvewiseError(error)) return 500;
  return STATUS[error.code] ?? (error.kind === "user" ? 400 : 500);
}

/** An error, as sent in an answer. */
export function errorJson(error: unknown): z.output<typeof errorSchema> {
  if (error instanceof HTTPException) {
    const hint = error.status === 415 ? "Send JSON, with the header Content-Type: application/json." : null;
    return { error: { code: "REQUEST_INVALID", message: error.message || `HTTP ${error.status}`, hint } };
  }
  if (!isCurvewiseError(error)) {
    return { error: { code: "UNEXPECTED", message: messageOf(error), hint: null } };
  }
  const { code, message, hint = null } = error;
  return { error: { code, message, hint } };
}

const problem = (description: string) => ({
  description,
  content: { "application/json": { schema: errorSchema } },
});

/** The ways in which any call may fail, for the OpenAPI document. */
export const PROBLEMS = {
  400: problem("The call is invalid; nothing was changed."),
  401: problem("The token is missing or wrong."),
  404: problem("There is no such thing, or the token does not give access to it."),
  503: problem("The study is not open: it is being opened, or its coordinator is ending."),
} as const;
/** The same for calls about an attempt. */
export const ATTEMPT_PROBLEMS = {
  ...PROBLEMS,
  409: problem("The attempt is not the caller's, or the call does not follow from earlier ones."),
} as const;

/**
 * The open study that a path names.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND` for any other study; `STUDY_NOT_OPEN`
 */
export function openStudy({ study, hub }: ApiContext, name: string): WorkerHub {
  if (name !== study) {
    throw new CurvewiseError("STUDY_NOT_FOUND", `this token gives access to no study "${name}"`, {
      hint: "GET /studies lists those that it gives access to.",
    });
  }
  const open = hub();
  if (open !== undefined) return open;
  throw new CurvewiseError("STUDY_NOT_OPEN", `study "${name}" is not open at the moment`, {
    hint: "Try again in a second.",
    kind: "failure",
  });
}

/** Creates the application: every call needs the token, and all errors have the same form. */
export function createApi({ isAllowed, onRefused, version }: ApiContext): Api {
  const app: Api = new OpenAPIHono<{ Bindings: HttpBindings }>({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const [issue] = result.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
      const message = `${where}${issue?.message ?? "it is invalid"}`;
      const error = { code: "REQUEST_INVALID", message, hint: "GET /openapi.json says what is valid." };
      return context.json({ error }, 400);
    },
  });
  app.use("*", async (context, next) => {
    if (!isAllowed(context.req.header("authorization"))) {
      onRefused(context.env.incoming.socket.remoteAddress ?? "somewhere");
      throw new CurvewiseError("TOKEN_REFUSED", "the token is missing or wrong", {
        hint: "Send the header `Authorization: Bearer <token>`; the token is in the study's folder.",
      });
    }
    await next();
  });
  app.use("*", async (context, next) => {
    // What is not JSON is refused by the routes.
    const body: unknown = context.req.method === "POST" ? await context.req.json().catch(() => null) : null;
    if (namesPrototype(body)) {
      throw new CurvewiseError("REQUEST_INVALID", "the call names __proto__", {
        hint: "Nothing can have that name; nothing was changed.",
      });
    }
    await next();
  });
  app.notFound((context) => {
    const error = {
      code: "PATH_NOT_FOUND",
      message: "there is nothing here",
      hint: "GET /openapi.json lists all paths.",
    };
    return context.json({ error }, 404);
  });
  app.onError((thrown, context) => {
    if ("status" in thrown && thrown.status === 400) {
      const error = { code: "REQUEST_INVALID", message: thrown.message, hint: null };
      return context.json({ error }, 400);
    }
    const status = statusOf(thrown);
    if (status === 401) context.header("WWW-Authenticate", "Bearer");
    if (status === 503) context.header("Retry-After", "1");
    return context.json(errorJson(thrown), status);
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "The token in the study's folder.",
  });
  app.get("/openapi.json", (context) =>
    context.json(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Curvewise",
          version,
          description:
            "A study while its coordinator runs: the results of its trials, and trials for programs that do their own training.",
          license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
        },
        security: [{ token: [] }],
      }),
    ),
  );
  return app;
}
