import { z } from "zod";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { parseEvent } from "../core/event-text.js";
import type { StudyAction } from "../core/request.js";
import { studyAction } from "../core/request-schema.js";
import type { Storage, StudySummary } from "../core/storage.js";
import { askCoordinator, type CoordinatorAddress } from "../server/index.js";
import type { StudySource } from "./study-source.js";

/** What tells that a coordinator has ended, or is about to. */
const ENDED: ReadonlySet<string> = new Set([
  "COORDINATOR_AWAY",
  "STUDY_NOT_OPEN",
  "STUDY_FINISHED",
  "RENDEZVOUS_NOT_FOUND",
]);

/** Events in one answer. */
const PAGE = 5000;
/** Milliseconds to wait for an answer. */
const PATIENCE = 30_000;

const listSchema = z.object({
  studies: z.array(
    z.object({
      name: z.string(),
      createdAt: z.number(),
      events: z.number(),
      holder: z.object({ host: z.string(), pid: z.number() }).nullable(),
    }),
  ),
});
const eventsSchema = z.object({
  events: z.array(z.object({ sequence: z.number(), event: z.record(z.string(), z.unknown()) })),
  next: z.number().nullable(),
});
const requestsSchema = z.object({
  requests: z.array(z.object({ number: z.number(), time: z.number(), by: z.string(), action: studyAction })),
});
const problemSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

/** What Node says of certificates that nobody vouches for. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_|ALTNAME_INVALID|CERT_/;

function away(url: string, cause: unknown): CurvewiseError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return new CurvewiseError(
    "COORDINATOR_AWAY",
    `the coordinator at ${url} does not answer: ${messageOf(cause)}`,
    {
      hint: UNTRUSTED.test(code)
        ? "Its certificate is in the study's folder: give that with --rendezvous, or the certificate's file with --tls-ca."
        : "It may have ended; the page goes on once it is back.",
      kind: "failure",
      cause,
    },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function ask(address: CoordinatorAddress, path: string, body?: unknown): Promise<unknown> {
  const { status, text } = await askCoordinator(address, path, body, PATIENCE).catch((cause: unknown) => {
    throw away(address.url, cause);
  });
  const answer = jsonOf(text);
  if (status >= 200 && status < 300) return answer;
  const problem = problemSchema.safeParse(answer);
  const { code, message, hint } = problem.success
    ? problem.data.error
    : {
        code: "COORDINATOR_FAILED",
        message: `the coordinator answered with HTTP ${status}`,
        hint: null,
      };
  throw new CurvewiseError(code, message, hint === null ? {} : { hint });
}

/** A coordinator's study. */
export type RemoteSource = StudySource & Pick<Storage, "listRequests">;

/**
 * The study of a coordinator, read over its HTTP API (`curvewise run --listen`). Once the coordinator has ended, the
 * study is still listed as it was, held by nobody.
 *
 * @param locate finds the coordinator again for each call: it may be restarted elsewhere
 */
export function remoteSource(location: string, locate: () => Promise<CoordinatorAddress>): RemoteSource {
  let known: readonly StudySummary[] = [];
  let isAway = false;
  return {
    name: "coordinator",
    location,
    isAway: () => isAway,
    listStudies: async () => {
      try {
        const { studies } = listSchema.parse(await ask(await locate(), "/studies"));
        // A coordinator that is about to open or end its study has none to show.
        if (studies.length > 0) {
          known = studies.map(({ holder, ...study }) => ({
            ...study,
            holder: holder === null ? undefined : { ...holder, started: "" },
          }));
          isAway = false;
          return [...known];
        }
      } catch (error) {
        if (known.length === 0) throw error;
      }
      isAway = true;
      return known.map((study) => ({ ...study, holder: undefined }));
    },
    async *readEvents(study, { after = 0, trial } = {}) {
      const place = await locate();
      let from: number | null = after;
      while (from !== null) {
        const query = new URLSearchParams({ after: String(from), limit: String(PAGE) });
        if (trial !== undefined) query.set("trial", String(trial));
        const path = `/studies/${encodeURIComponent(study)}/events?${query.toString()}`;
        const { events, next } = eventsSchema.parse(await ask(place, path));
        for (const { sequence, event } of events)
          yield { sequence, event: parseEvent(JSON.stringify(event)) };
        from = next;
      }
    },
    listRequests: async (study) => {
      try {
        const path = `/studies/${encodeURIComponent(study)}/requests`;
        const { requests } = requestsSchema.parse(await ask(await locate(), path));
        return requests.map(({ number, time, by, action }) => ({ number, time, request: { by, action } }));
      } catch (error) {
        // Nobody knows what waits in its inbox, and what was seen of the study is shown all the same.
        if (isCurvewiseError(error) && ENDED.has(error.code)) return [];
        throw error;
      }
    },
  };
}

/** Asks something of a coordinator's study over its HTTP API. @throws CurvewiseError `COORDINATOR_AWAY`; what it answers */
export async function submitRemotely(
  place: CoordinatorAddress,
  study: string,
  by: string,
  actions: readonly StudyAction[],
): Promise<void> {
  for (const action of actions)
    await ask(place, `/studies/${encodeURIComponent(study)}/requests`, { by, action });
}
