import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { Failure } from "../core/failure.js";
import type { Assignment, AttemptEnd, StopSignal, TrialChannel } from "../core/launcher.js";
import { isInside } from "../engine/snapshot-file.js";
import type { CoordinatorConnection, RequestBody } from "./coordinator-connection.js";
import type { Reply, ReplyOf } from "./messages.js";
import { unlessAborted } from "./unless-aborted.js";
import { answerFromWire, endToWire, failureToWire, innerPathOf, metricsToWire } from "./wire.js";

/** The most notes with different codes that are sent for one attempt. */
const MAX_NOTES = 30;

/** What {@link createRemoteChannel} needs. */
export interface RemoteChannelOptions {
  readonly connection: CoordinatorConnection;
  readonly assignment: Assignment;
  /** The study's folder on this host, absolute. */
  readonly folder: string;
  readonly interrupted: StopSignal;
  /** Fires when the attempt is ended at once: nobody waits for answers then. */
  readonly killed: StopSignal;
}

/** The worker's end of the conversation about one attempt. */
export interface RemoteChannel extends TrialChannel {
  /** Says how the attempt ended; resolves once that is durable. */
  end(end: AttemptEnd): Promise<void>;
}

/** A snapshot's path below the study's folder, even if either is reached by links. */
async function snapshotPath(folder: string, given: string): Promise<string> {
  if (isInside(folder, given)) return innerPathOf(folder, given);
  const outside = new CurvewiseError(
    "SNAPSHOT_INVALID",
    `the snapshot ${given} is outside the study's folder ${folder}`,
    { hint: "Save snapshots below CURVEWISE_DIR, close the file, then report it." },
  );
  try {
    const [root, file] = [await realpath(folder), await realpath(given)];
    if (isInside(root, file)) return innerPathOf(root, file);
  } catch {
    throw outside;
  }
  throw outside;
}

/**
 * The reply, if it is of the wanted type. @throws CurvewiseError the error with which the coordinator refused
 * the message
 */
function accepted<Type extends Reply["type"]>(reply: Reply, type: Type): ReplyOf<Type> {
  const isWanted = (given: Reply): given is ReplyOf<Type> => given.type === type;
  if (isWanted(reply)) return reply;
  if (reply.type === "error") {
    const { code, message, hint } = reply.error;
    throw new CurvewiseError(code, message, hint === undefined ? {} : { hint });
  }
  throw new CurvewiseError("ANSWER_UNEXPECTED", `the coordinator answered with ${reply.type}`, {
    kind: "failure",
  });
}

/** Creates the channel of an attempt. Messages are numbered, so that a repeated one is not recorded again. */
export function createRemoteChannel(options: RemoteChannelOptions): RemoteChannel {
  const { connection, assignment, folder, interrupted, killed } = options;
  const place = { trial: assignment.trial, attempt: assignment.attempt };
  const noted = new Set<string>();
  let sequence = 0;

  const send = (body: RequestBody): Promise<Reply> => {
    const reply = connection.request(body);
    // Whoever waits for the reply sees the error; there may be nobody.
    reply.catch(() => {});
    return reply;
  };
  const ask = async (body: RequestBody): Promise<Reply> => {
    const reply = await unlessAborted(send(body), killed, undefined);
    if (reply !== undefined) return reply;
    throw new CurvewiseError("ATTEMPT_OVER", "the attempt was ended", { kind: "failure" });
  };

  return {
    interrupted,
    report: async (step, metrics, canExploit = false) => {
      sequence += 1;
      const body = {
        type: "report" as const,
        ...place,
        sequence,
        step,
        metrics: metricsToWire(metrics),
        canExploit,
      };
      const reply = accepted(await ask(body), "action");
      return answerFromWire(reply.answer, folder);
    },
    snapshot: async (step, path) => {
      const inner = await snapshotPath(folder, resolve(assignment.folder, path));
      sequence += 1;
      const body = { type: "snapshot" as const, ...place, sequence, step, path: inner };
      accepted(await ask(body), "ok");
    },
    note: (note: Failure) => {
      if (noted.has(note.code) || noted.size >= MAX_NOTES) return;
      noted.add(note.code);
      sequence += 1;
      void send({ type: "note", ...place, sequence, note: failureToWire(note) });
    },
    end: async (end) => {
      sequence += 1;
      accepted(await send({ type: "end", ...place, sequence, end: endToWire(end) }), "ok");
    },
  };
}
