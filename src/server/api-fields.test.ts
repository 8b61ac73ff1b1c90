import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { assignmentIn } from "../../tests/support/arbitrary-attempt.js";
import { studyDefinition } from "../../tests/support/arbitrary-definition.js";
import { studyEvent, workerPlace } from "../../tests/support/arbitrary-event.js";
import { parseEvent } from "../core/event-text.js";
import type { StudyEvent } from "../core/events.js";
import type { Assignment } from "../core/launcher.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent } from "../core/study-fold.js";
import { studyRecord } from "../core/study-record.js";
import { recordingChannel } from "../testing/recording-channel.js";
import { createApi } from "./api-app.js";
import { addStudyRoutes } from "./api-studies.js";
import { addTrialRoutes } from "./api-trials.js";
import type { ServedSession } from "./remote-worker.js";
import { createWorkerHub } from "./worker-hub.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "api-fields-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The API of a study whose attempts are given out by hand. */
function apiOf(
  definition: StudyDefinition,
  { events = [], assignment }: { readonly events?: readonly StudyEvent[]; readonly assignment?: Assignment },
) {
  const study = studyRecord(definition, 0);
  const session: ServedSession = {
    study,
    coordinator: {
      ask: async () => assignment && { assignment, channel: recordingChannel({ folder }) },
      end: async () => {},
      settled: async () => {},
    },
    interrupted: new AbortController().signal,
    killed: new AbortController().signal,
    reportLate: async () => {},
    record: async (event) => applyEvent(study, { ...event, time: 7 }),
    ending: () => "finished",
    breakDown: (error) => {
      throw error;
    },
  };
  const hub = createWorkerHub({ session, folder, lease: 30, atLeast: 0 });
  const context = {
    study: definition.name,
    folder,
    storage: {
      readEvents: async function* () {
        for (const [index, event] of events.entries()) yield { sequence: index + 1, event };
      },
      addRequest: async () => 1,
      listRequests: async () => [],
    },
    owner: "ana@login1",
    hub: () => hub,
    lease: 30,
    isAllowed: () => true,
    onRefused: () => {},
    version: "0",
  };
  const api = createApi(context);
  addStudyRoutes(api, context);
  addTrialRoutes(api, context);
  const call = async (path: string, body?: object): Promise<unknown> => {
    const headers = { "Content-Type": "application/json" };
    const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await api.request(`/studies/${definition.name}${path}`, init);
    const answer: unknown = await response.json();
    expect(response.status, JSON.stringify(answer)).toBe(200);
    return answer;
  };
  return { hub, study, call };
}

describe("the HTTP API", () => {
  it("gives a trial to an outside program with all that an attempt has", async () => {
    await fc.assert(
      fc.asyncProperty(studyDefinition, assignmentIn(folder), async (definition, assignment) => {
        const { call, hub } = apiOf(definition, { assignment });
        try {
          const answer = await call("/trials:ask", { worker: "outside" });
          // Outside programs do not wait to go on, so that none of their attempts does.
          const { study: _known, parked: _never, ...told } = assignment;
          const { maxSteps = null, resume = null, timeout = null, ...others } = told;
          const given = { snapshotEvery: null, ...others, maxSteps, resume, timeout };
          expect(answer).toEqual({ assignment: given });
        } finally {
          hub.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("shows events of every kind with all their fields", async () => {
    await fc.assert(
      fc.asyncProperty(studyDefinition, fc.array(studyEvent), async (definition, events) => {
        const { call, hub } = apiOf(definition, { events });
        try {
          const page = z.object({ events: z.array(z.object({ event: z.unknown() })) });
          const shown = page.parse(await call("/events")).events;
          expect(shown.map(({ event }) => parseEvent(JSON.stringify(event)))).toEqual(events);
        } finally {
          hub.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("shows a study's definition, and all of its workers", async () => {
    await fc.assert(
      fc.asyncProperty(studyDefinition, fc.array(fc.record(workerPlace)), async (definition, joining) => {
        const { call, hub, study } = apiOf(definition, {});
        try {
          const { name, goal, sampler, scheduler, seed, budget, maxSteps = null } = definition;
          const shown = { name, goal, sampler, scheduler, seed, budget, maxSteps };
          expect(await call("")).toMatchObject(shown);
          for (const worker of joining) await hub.join(worker);
          const present = [...study.workers.values()].map((worker) => ({
            ...worker,
            state: "present",
            goneAt: null,
            message: null,
            trials: [],
          }));
          expect(new Set(present.map((worker) => worker.name))).toEqual(
            new Set(joining.map((each) => each.worker)),
          );
          expect(await call("/workers")).toEqual({ workers: present });
          for (const { name: worker } of present) {
            applyEvent(study, { type: "worker-lost", worker, reason: "silent", message: "m", time: 9 });
          }
          const gone = present.map((worker) => ({ ...worker, state: "silent", goneAt: 9, message: "m" }));
          expect(await call("/workers")).toEqual({ workers: gone });
        } finally {
          hub.close();
        }
      }),
      { numRuns: 30 },
    );
  });
});
