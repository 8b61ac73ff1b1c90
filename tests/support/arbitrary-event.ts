import fc from "fast-check";
import type { Explanation, Neighbour } from "../../src/core/decision.js";
import type { EventBody, Reopened, StudyEvent } from "../../src/core/events.js";
import type { Exploit } from "../../src/core/exploit.js";
import type { Snapshot } from "../../src/core/snapshot.js";
import type { TrialState } from "../../src/core/trial.js";
import { failure, metrics, params } from "./arbitrary-attempt.js";
import {
  algorithm,
  algorithmModule,
  budget,
  json,
  program,
  space,
  studyDefinition,
} from "./arbitrary-definition.js";
import { anyNumber, arbitraryOf, byName, finite, positive, text, word } from "./arbitrary-fields.js";

const trial = fc.nat();
const place = { trial, attempt: positive };
const numbers = byName(anyNumber);

const explanation = arbitraryOf<Explanation>(
  { rule: text, reason: text, values: numbers },
  {
    steps: fc.array(positive, { maxLength: 4 }),
    neighbours: fc.array(
      arbitraryOf<Neighbour>(
        { trial, distance: anyNumber },
        { study: text, performance: anyNumber, forecast: anyNumber },
      ),
      { maxLength: 3 },
    ),
  },
);
const snapshot = arbitraryOf<Snapshot>({ step: positive, path: text, digest: text }, {});
const exploit = arbitraryOf<Exploit>(
  { parent: trial, snapshot, value: finite, params },
  { waits: fc.boolean() },
);
const state = fc.constantFrom<TrialState>("waiting", "running", "paused", "complete", "stopped", "failed");

type BodyOf<Type extends EventBody["type"]> = Extract<EventBody, { readonly type: Type }>;
type Transferred = BodyOf<"curves-transferred">["trials"][number];

/** What a worker says about itself. */
export const workerPlace = {
  worker: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,20}$/),
  host: word,
  pid: fc.nat(),
  slots: fc.integer({ min: 1, max: 100_000 }),
  gpus: fc.array(text, { maxLength: 4 }),
  labels: fc.dictionary(word, text, { maxKeys: 5, noNullPrototype: true }),
};

const modules = arbitraryOf<NonNullable<BodyOf<"study-changed">["modules"]>>(
  {},
  { sampler: algorithmModule, scheduler: algorithmModule },
);

const reopened = arbitraryOf<Reopened>(
  {
    trials: fc.array(trial, { maxLength: 4 }),
    state: fc.constantFrom<Reopened["state"]>("waiting", "paused"),
  },
  {},
);

const bodies: { readonly [Type in EventBody["type"]]: fc.Arbitrary<BodyOf<Type>> } = {
  "study-created": arbitraryOf<BodyOf<"study-created">>(
    { type: fc.constant("study-created"), definition: studyDefinition },
    {},
  ),
  "study-opened": arbitraryOf<BodyOf<"study-opened">>(
    { type: fc.constant("study-opened"), host: text, pid: fc.nat() },
    {},
  ),
  "study-changed": arbitraryOf<BodyOf<"study-changed">>(
    { type: fc.constant("study-changed") },
    {
      budget,
      modules,
      program,
      retries: fc.nat(),
      timeout: fc.option(finite, { nil: null }),
      space,
      constraints: fc.array(text, { maxLength: 3 }),
      maxSteps: positive,
      sampler: algorithm,
      scheduler: algorithm,
      filled: params,
      reopened,
      by: text,
    },
  ),
  "curves-transferred": arbitraryOf<BodyOf<"curves-transferred">>(
    {
      type: fc.constant("curves-transferred"),
      study: text,
      steps: fc.array(fc.array(positive, { maxLength: 3 }), { maxLength: 2 }),
      trials: fc.array(
        arbitraryOf<Transferred>(
          {
            trial,
            params,
            state,
            steps: fc.nat(),
            points: fc.nat(),
            metrics: byName(
              fc.array(fc.option(fc.oneof(finite, fc.constantFrom("NaN", "Infinity", "-Infinity"))), {
                maxLength: 3,
              }),
            ),
          },
          {},
        ),
        { maxLength: 2 },
      ),
    },
    {},
  ),
  "trial-asked": arbitraryOf<BodyOf<"trial-asked">>(
    { type: fc.constant("trial-asked"), trial, params, seed: fc.nat(), sampler: text },
    { attributes: byName(json), by: text },
  ),
  "attempt-started": arbitraryOf<BodyOf<"attempt-started">>(
    { type: fc.constant("attempt-started"), ...place, worker: text, fromStep: fc.nat() },
    { parked: fc.constant(true as const) },
  ),
  reported: arbitraryOf<BodyOf<"reported">>(
    { type: fc.constant("reported"), ...place, step: positive, metrics },
    {},
  ),
  "reported-late": arbitraryOf<BodyOf<"reported-late">>(
    { type: fc.constant("reported-late"), ...place, step: positive, metrics },
    {},
  ),
  decided: arbitraryOf<BodyOf<"decided">>(
    {
      type: fc.constant("decided"),
      ...place,
      step: positive,
      action: fc.constantFrom("continue", "pause", "stop", "exploit"),
      explanation,
    },
    { exploit },
  ),
  "snapshot-saved": arbitraryOf<BodyOf<"snapshot-saved">>(
    {
      type: fc.constant("snapshot-saved"),
      ...place,
      step: positive,
      path: text,
      digest: text,
      bytes: fc.nat(),
    },
    {},
  ),
  paused: arbitraryOf<BodyOf<"paused">>(
    { type: fc.constant("paused"), ...place },
    { parked: fc.constant(true as const) },
  ),
  resumed: arbitraryOf<BodyOf<"resumed">>(
    { type: fc.constant("resumed"), trial },
    { explanation, exploit, closed: fc.constant(true as const) },
  ),
  exploited: arbitraryOf<BodyOf<"exploited">>(
    {
      type: fc.constant("exploited"),
      trial,
      parent: trial,
      step: positive,
      value: finite,
      path: text,
      digest: text,
      params,
    },
    {},
  ),
  "exploit-failed": arbitraryOf<BodyOf<"exploit-failed">>(
    { type: fc.constant("exploit-failed"), trial, parent: trial, path: text, reason: text },
    { sourceIntact: fc.constant(true as const) },
  ),
  finished: arbitraryOf<BodyOf<"finished">>(
    { type: fc.constant("finished"), ...place, state: fc.constantFrom("complete", "stopped") },
    { unspared: fc.constant(true as const) },
  ),
  failed: arbitraryOf<BodyOf<"failed">>(
    {
      type: fc.constant("failed"),
      ...place,
      error: failure,
      output: fc.array(text, { maxLength: 3 }),
      retry: fc.boolean(),
    },
    {},
  ),
  replicated: arbitraryOf<BodyOf<"replicated">>(
    { type: fc.constant("replicated"), ...place, seed: fc.nat(2 ** 31 - 1) },
    {},
  ),
  released: arbitraryOf<BodyOf<"released">>(
    {
      type: fc.constant("released"),
      ...place,
      reason: fc.constantFrom("interrupted", "lost", "budget", "host", "request"),
    },
    { error: failure },
  ),
  retried: arbitraryOf<BodyOf<"retried">>({ type: fc.constant("retried"), trial }, {}),
  "worker-joined": arbitraryOf<BodyOf<"worker-joined">>(
    { type: fc.constant("worker-joined"), ...workerPlace },
    {},
  ),
  "worker-lost": arbitraryOf<BodyOf<"worker-lost">>(
    {
      type: fc.constant("worker-lost"),
      worker: text,
      reason: fc.constantFrom("left", "silent"),
      message: text,
    },
    {},
  ),
  note: arbitraryOf<BodyOf<"note">>(
    { type: fc.constant("note"), code: text, message: text },
    { trial, hint: text, by: text },
  ),
  requested: arbitraryOf<BodyOf<"requested">>(
    {
      type: fc.constant("requested"),
      by: text,
      action: fc.constantFrom("pause", "resume", "stop"),
    },
    { trial },
  ),
  "workers-set": arbitraryOf<BodyOf<"workers-set">>(
    { type: fc.constant("workers-set"), by: text, workers: positive },
    {},
  ),
  tagged: arbitraryOf<BodyOf<"tagged">>(
    {
      type: fc.constant("tagged"),
      by: text,
      added: fc.array(text, { maxLength: 3 }),
      removed: fc.array(text, { maxLength: 3 }),
    },
    { trial },
  ),
};

/** Any event of a log, with any of its fields. */
export const studyEvent: fc.Arbitrary<StudyEvent> = fc
  .tuple(fc.oneof(...Object.values(bodies)), fc.nat())
  .map(([body, time]) => ({ ...body, time }));
