import { createRoute, z } from "@hono/zod-openapi";
import { requestJson } from "../engine/study-json.js";
import { type Api, type ApiContext, openStudy, PROBLEMS } from "./api-app.js";
import { pendingRequestSchema, requestAnswer, requestBody, studyPath } from "./api-schemas.js";

const addRoute = createRoute({
  method: "post",
  path: "/studies/{study}/requests",
  summary: "Ask something of the study",
  description:
    "Pauses, resumes or stops the study or a trial, has params tried next, raises the budget, changes the number of workers, adds a note or tags. The coordinator carries it out within a second. What cannot be carried out becomes a note in the log with the code REQUEST_REFUSED.",
  request: {
    params: studyPath,
    body: { required: true, content: { "application/json": { schema: requestBody } } },
  },
  responses: {
    202: {
      description: "It is in the study's inbox, and stays there until it is carried out.",
      content: { "application/json": { schema: requestAnswer } },
    },
    ...PROBLEMS,
  },
});
const listRoute = createRoute({
  method: "get",
  path: "/studies/{study}/requests",
  summary: "What was asked of the study and is not carried out yet",
  request: { params: studyPath },
  responses: {
    200: {
      description: "All of it, in order.",
      content: { "application/json": { schema: z.object({ requests: z.array(pendingRequestSchema) }) } },
    },
    ...PROBLEMS,
  },
});

/** The most characters of a name that a caller gives itself, and of the owner's. */
const MOST_SAID = 80;
const MOST_OWNER = 100;

/**
 * Who asks, as the log names them: the token's owner, which the server knows. What a caller says of itself only follows, in
 * brackets, so that nobody can ask in another's name.
 */
export function callerOf(owner: string, said: string | undefined): string {
  const name = said?.replaceAll(/[^\p{L}\p{N} ._@:+-]+/gu, "-").slice(0, MOST_SAID);
  return `${owner.slice(0, MOST_OWNER)} over HTTP${name === undefined ? "" : ` (${name})`}`;
}

/** Adds the calls that ask something of the study. */
export function addRequestRoutes(app: Api, context: ApiContext): void {
  const { storage, owner } = context;

  app.openapi(addRoute, async (c) => {
    const { study } = c.req.valid("param");
    openStudy(context, study);
    const { by, action } = c.req.valid("json");
    const asked = { by: callerOf(owner, by), action };
    const number = await storage.addRequest(study, asked, Date.now());
    return c.json({ number }, 202);
  });
  app.openapi(listRoute, async (c) => {
    const { study } = c.req.valid("param");
    openStudy(context, study);
    const pending = await storage.listRequests(study);
    const requests = pending.map((each) => pendingRequestSchema.parse(requestJson(each)));
    return c.json({ requests }, 200);
  });
}
