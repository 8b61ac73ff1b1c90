import type { Place } from "../../src/engine/worker-health.js";

/** Where a worker of this name runs: a process of its own. */
export const placeOf = (worker: string, host = "here"): Place => ({ worker, process: worker, host });
