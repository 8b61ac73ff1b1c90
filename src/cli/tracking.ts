import type { TrackerPlan } from "../config/trackers-section.js";
import type { Storage } from "../core/storage.js";
import type { Follower, OpenTracker, Told } from "../interop/index.js";
import { shownPlace } from "./database.js";
import { styledError, tell } from "./output.js";

/** How long the end of a run waits for its trackers, in milliseconds. */
const PATIENCE = 20_000;

/** What `curvewise export` is given to send the same to where a tracker is. */
const exportOptions = (plan: TrackerPlan): string => {
  if (plan.kind === "tensorboard") return `--format tensorboard --output ${plan.folder}`;
  const experiment = plan.experiment === undefined ? "" : ` --experiment ${plan.experiment}`;
  return `--format mlflow --output ${plan.uri}${experiment}`;
};

/** The tracker that a study file describes. */
export async function openTracker(plan: TrackerPlan): Promise<OpenTracker> {
  const { mlflowTracker, tensorboardTracker } = await import("../interop/index.js");
  switch (plan.kind) {
    case "mlflow":
      return mlflowTracker(plan.uri, plan.experiment);
    case "tensorboard":
      return tensorboardTracker(plan.folder);
  }
}

/** The trackers of a run. */
export interface RunTrackers {
  /** Something was recorded. */
  wake(): void;
  /** Sends what is left, and says what could not be sent. */
  /** @param cut ends the wait early */
  end(cut: AbortSignal): Promise<void>;
}

/** Has a study's trackers follow it. They never hold up the study: what they lack is said at the end. */
export async function followWith(
  plans: readonly TrackerPlan[],
  storage: Storage,
  study: string,
  log: (message: string) => void,
): Promise<RunTrackers> {
  if (plans.length === 0) return { wake: () => {}, end: async () => {} };
  const { followLog } = await import("../interop/index.js");
  const followers: { readonly plan: TrackerPlan; readonly follower: Follower }[] = [];
  for (const plan of plans) {
    const say = (told: Told): void => {
      if (told === "caught-up") log(`${plan.kind}: everything is there again`);
      else log(`${plan.kind}: ${told.trouble}; the study goes on, and this is tried again`);
    };
    followers.push({ plan, follower: followLog(await openTracker(plan), storage, study, say) });
  }
  return {
    wake: () => {
      for (const { follower } of followers) follower.wake();
    },
    end: async (cut) => {
      const lacks = followers.map(async ({ plan, follower }) => ({
        plan,
        why: await follower.end(PATIENCE, cut),
      }));
      for (const { plan, why } of await Promise.all(lacks)) {
        if (why === undefined) continue;
        tell(`${styledError("yellow", "warning")}: ${plan.kind} lacks a part of the study: ${why}`);
        const command = `curvewise export ${study} ${exportOptions(plan)} --storage ${shownPlace(storage)}`;
        tell(`hint: Everything is in the log; \`${command}\` sends what is missing.`);
      }
    },
  };
}
