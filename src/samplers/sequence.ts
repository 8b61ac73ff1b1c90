import { firstWithDefaults } from "../core/candidates/defaults-first.js";
import { keyOf } from "../core/candidates/params-key.js";
import { stagesOf } from "../core/lineage.js";
import type { Params } from "../core/param.js";
import type { Sampler } from "../core/sampler.js";
import type { SearchSpace } from "../core/search-space.js";
import type { Trial } from "../core/trial.js";

/** Different params in an order, some of which may be left out. */
export interface OrderedParams {
  readonly count: number;
  /** Undefined where a constraint refuses what stands there. */
  at(place: number): Params | undefined;
  /** The place of params, or -1. */
  placeOf(params: Params): number;
}

/** The same params in the same order, but for one of them that comes first. */
export function withFirst(ordered: OrderedParams, first: number): OrderedParams {
  return {
    count: ordered.count,
    at: (place) => ordered.at(place === 0 ? first : place <= first ? place - 1 : place),
    placeOf: (params) => {
      const place = ordered.placeOf(params);
      if (place === first) return 0;
      return place >= 0 && place < first ? place + 1 : place;
    },
  };
}

/**
 * With what has the defaults of the space at the beginning (see `defaultsFirst`): a sequence goes on after its last
 * trial, so that nothing may be taken from its middle.
 */
export function withDefaultsFirst(space: SearchSpace, ordered: OrderedParams): OrderedParams {
  const places = Array.from({ length: ordered.count }, (_, place) => place);
  const first = firstWithDefaults(space, places, (place) => ordered.at(place));
  return first === undefined ? ordered : withFirst(ordered, first);
}

/**
 * Proposes params in an order, each once, but for those that somebody else had proposed by then (enqueued trials). What a
 * trial gets depends on the trials before it alone, not on what became of them, so complete trials of this sampler may
 * be forgotten.
 *
 * @param sampler the name under which the sampler's trials are recorded
 * @param onEmpty called if the sequence is empty from the start
 */
export function followSequence(
  sampler: string,
  ordered: OrderedParams,
  onEmpty: () => void = () => {},
): Required<Pick<Sampler, "restore" | "observe" | "ask">> {
  let nextPlace = 0;
  let isEmpty = true;
  const takenByOthers = new Set<string>();
  /** What was proposed last; it may not be recorded yet. */
  let latest: { readonly trial: number; readonly place: number; readonly params: Params | undefined } = {
    trial: -1,
    place: -1,
    params: undefined,
  };

  const advance = (trial: number): void => {
    for (; nextPlace < ordered.count; nextPlace++) {
      const params = ordered.at(nextPlace);
      if (params === undefined) continue;
      isEmpty = false;
      if (takenByOthers.size > 0 && takenByOthers.has(keyOf(params))) continue;
      latest = { trial, place: nextPlace, params };
      nextPlace += 1;
      return;
    }
    latest = { trial, place: nextPlace, params: undefined };
    if (isEmpty) onEmpty();
  };
  const note = (trial: number, isOwn: boolean, params: Params): void => {
    if (isOwn) {
      const place = ordered.placeOf(params);
      if (place < 0) return;
      isEmpty = false;
      nextPlace = place + 1;
    } else {
      // What was proposed for this number was not taken.
      if (latest.trial === trial) nextPlace = latest.place;
      takenByOthers.add(keyOf(params));
    }
  };

  return {
    restore: ({ trials, renewedAt }) => {
      /** Of trials from before a change of the study, the sequence was another one. */
      const isOwn = (trial: Trial): boolean => trial.sampler === sampler && trial.number >= renewedAt;
      const last = Array.from(trials).findLast((trial) => trial !== undefined && isOwn(trial))?.number ?? -1;
      for (let number = 0; number < trials.length; number++) {
        const trial = trials[number];
        if (trial === undefined && number > last && number >= renewedAt) advance(number);
        else if (trial !== undefined && (number === last || !isOwn(trial))) {
          // A scheduler may have changed its params since.
          const params = stagesOf(trial)[0]?.params ?? trial.params;
          note(number, isOwn(trial), params);
        }
      }
    },
    observe: (event) => {
      if (event.type === "trial-asked") note(event.trial, event.sampler === sampler, event.params);
    },
    ask: (trial) => {
      if (latest.trial !== trial) advance(trial);
      return latest.params;
    },
  };
}
