import type { StudyEvent } from "../../core/events.js";

/**
 * Follows a log, and says of each event which trial it stops by itself: one that somebody asked to stop while it did not
 * run, so that no attempt at it ends.
 */
export function createStoppedAtOnce(): (event: StudyEvent) => number | undefined {
  const running = new Set<number>();
  return (event) => {
    switch (event.type) {
      case "attempt-started":
        running.add(event.trial);
        return undefined;
      case "paused":
      case "finished":
      case "replicated":
      case "failed":
      case "released":
        running.delete(event.trial);
        return undefined;
      case "requested":
        return event.action === "stop" && event.trial !== undefined && !running.has(event.trial)
          ? event.trial
          : undefined;
      default:
        return undefined;
    }
  };
}
