import { isAsImported } from "../core/imported-attempt.js";
import { REQUEST_RULE } from "../core/request.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";

/** What is said of a trial that ended elsewhere: what its tool decided, nobody knows. */
function importedConclusion({ state, sampler }: Trial): string | undefined {
  switch (state) {
    case "complete":
      return `It was trained to the end under ${sampler}, from which it was imported.`;
    case "stopped":
      return `It was stopped under ${sampler}, from which it was imported.`;
    case "failed":
      return `It failed under ${sampler}, from which it was imported.`;
    default:
      return undefined;
  }
}

/** How a trial stands and why, in one sentence. @param decisions how many there were about it */
export function conclusion(study: Study, trial: Trial, decisions: number): string {
  if (isAsImported(study.definition, trial)) {
    const text = importedConclusion(trial);
    if (text !== undefined) return text;
  }
  switch (trial.state) {
    case "waiting": {
      const { exploiting } = trial;
      if (study.held.has(trial.number))
        return `It is paused until it is resumed: curvewise resume ${study.definition.name} ${trial.number}`;
      if (exploiting === undefined) return "It is waiting for a worker.";
      return `It is waiting for a worker, to go on with trial ${exploiting.parent}'s model of step ${exploiting.snapshot.step}.`;
    }
    case "running":
      return `It is running on ${trial.worker ?? "a worker"}.`;
    case "complete":
      if (decisions > 0) return "It was trained to the end.";
      return study.definition.scheduler.name === "none"
        ? "It was trained to the end; no scheduler was used."
        : `It was trained to the end; the scheduler ${study.definition.scheduler.name} never intervened.`;
    case "paused":
    case "stopped":
      return trial.decision === undefined
        ? `It is ${trial.state}.`
        : `It was ${trial.state} at step ${trial.decision.step}${trial.decision.rule === REQUEST_RULE ? `: ${trial.decision.reason}` : ""}.`;
    case "failed":
      return "It failed with no retries left; `curvewise run --retry-failed` tries it again.";
  }
}
