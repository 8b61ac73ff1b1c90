import { trialNumberOf } from "../core/event-trial.js";
import type { PendingRequest } from "../core/request.js";
import type { Lease, LoggedEvent, Storage, StudyImage } from "../core/storage.js";
import {
  type Hold,
  imageAhead,
  leaseLost,
  storageClosed,
  studyExists,
  studyNotFound,
} from "./storage-errors.js";
import { refuseWhileOwned } from "./study-leases.js";

const LOCATION = "memory";

interface StudyRow {
  readonly createdAt: number;
  readonly log: LoggedEvent[];
  inbox: readonly PendingRequest[];
  image: StudyImage | undefined;
  hold: (Hold & { readonly fence: number }) | undefined;
}

/**
 * Keeps studies in this process's memory: for tests, for short searches inside a program, and as the example of a
 * storage. Nothing outlives the process.
 *
 * To write another one, copy this file: every method is a single step that either happens completely or throws, and
 * `storageContract` from `curvewise/testing` checks the rest.
 *
 * @example const storage = memoryStorage();
 */
export function memoryStorage(): Storage {
  const studies = new Map<string, StudyRow>();
  let fences = 0;
  let requests = 0;
  let closed = false;

  function open(): Map<string, StudyRow> {
    if (closed) throw storageClosed(LOCATION);
    return studies;
  }

  function existing(study: string): StudyRow {
    const row = open().get(study);
    if (row === undefined) throw studyNotFound(study, LOCATION, [...studies.keys()]);
    return row;
  }

  function held({ study, fence }: Lease): StudyRow {
    const row = open().get(study);
    if (row?.hold?.fence !== fence) throw leaseLost(study, row?.hold);
    return row;
  }

  return {
    name: "memory",
    location: LOCATION,
    wantsImages: false,

    async createStudy(definition, now) {
      if (open().has(definition.name)) throw studyExists(definition.name, LOCATION);
      const first: LoggedEvent = { sequence: 1, event: { type: "study-created", definition, time: now } };
      studies.set(definition.name, {
        createdAt: now,
        log: [first],
        inbox: [],
        image: undefined,
        hold: undefined,
      });
    },

    async listStudies(now) {
      return [...open()].map(([name, { createdAt, log, hold }]) => ({
        name,
        createdAt,
        events: log.length,
        holder: hold !== undefined && hold.until > now ? hold.holder : undefined,
      }));
    },

    async deleteStudy(study, { now, isGone }) {
      refuseWhileOwned(study, existing(study).hold, { now, isGone });
      studies.delete(study);
    },

    async acquire(study, request) {
      const { holder, now, duration } = request;
      const row = existing(study);
      refuseWhileOwned(study, row.hold, request);
      fences += 1;
      row.hold = { holder, since: now, until: now + duration, fence: fences };
      return { study, fence: fences, holder };
    },

    async renew(lease, now, duration) {
      const row = held(lease);
      if (row.hold !== undefined) row.hold = { ...row.hold, until: now + duration };
    },

    async release({ study, fence }) {
      const row = open().get(study);
      if (row?.hold?.fence === fence) row.hold = undefined;
    },

    async append(lease, events, answered = 0) {
      const row = held(lease);
      for (const event of events) row.log.push({ sequence: row.log.length + 1, event });
      row.inbox = row.inbox.filter(({ number }) => number > answered);
    },

    async addRequest(study, request, now) {
      const row = existing(study);
      requests += 1;
      row.inbox = [...row.inbox, { number: requests, time: now, request }];
      return requests;
    },

    async listRequests(study) {
      return existing(study).inbox;
    },

    async *readEvents(study, { after = 0, trial } = {}) {
      const { log } = existing(study);
      const end = log.length;
      for (let index = after; index < end; index++) {
        if (open().get(study)?.log !== log) throw studyNotFound(study, LOCATION, [...studies.keys()]);
        const logged = log[index];
        if (logged !== undefined && (trial === undefined || trialNumberOf(logged.event) === trial))
          yield logged;
      }
    },

    async readImage(study) {
      return open().get(study)?.image;
    },

    async writeImage(lease, image) {
      const row = held(lease);
      if (image.events > row.log.length) throw imageAhead(lease.study, image.events, row.log.length);
      row.image = image;
    },

    async close() {
      closed = true;
      studies.clear();
    },
  };
}
