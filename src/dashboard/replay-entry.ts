import { parentPort } from "node:worker_threads";
import { isCurvewiseError, messageOf } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { createViewedLog } from "../views/viewed-log.js";
import type { ReplayReply, ReplayRequest } from "./replay-thread.js";
import { whatIf } from "./what-if.js";

const port = parentPort;
if (port === null) throw new Error("this is what a worker thread begins with");

const events: StudyEvent[] = [];

function replay(scheduler: string): ReplayReply {
  const [first, ...others] = events;
  if (first === undefined) throw new Error("there are no events");
  const study = beginStudy(first);
  const log = createViewedLog(study.definition);
  log.add(first, 1);
  for (const [place, event] of others.entries()) {
    applyEvent(study, event);
    log.add(event, place + 2);
  }
  return { kind: "view", view: whatIf({ study, log, holder: undefined }, events, scheduler) };
}

function refusal(thrown: unknown): ReplayReply {
  if (!isCurvewiseError(thrown))
    return {
      kind: "refused",
      code: "REPLAY_FAILED",
      message: messageOf(thrown),
      hint: undefined,
      fault: "failure",
    };
  const { code, message, hint, kind } = thrown;
  return { kind: "refused", code, message, hint, fault: kind };
}

function answer(scheduler: string): ReplayReply {
  try {
    return replay(scheduler);
  } catch (thrown) {
    return refusal(thrown);
  }
}

port.on("message", (request: ReplayRequest) => {
  if (request.kind === "events") events.push(...request.events);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows
  else port.postMessage(answer(request.scheduler));
});
