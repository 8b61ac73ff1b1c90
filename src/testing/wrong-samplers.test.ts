import fc from "fast-check";
import { afterAll, beforeAll, describe } from "vitest";
import { sampleParams } from "../core/draw/sample-params.js";
import { fixed, type Params } from "../core/param.js";
import type { SamplerChoice, SamplerSetup } from "../core/sampler.js";
import { valueAt } from "../core/search-space.js";
import { createRandom, type Random } from "../math/random.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
import { changeLaws } from "./sampler-contract/change-laws.js";
import { logLaws } from "./sampler-contract/log-laws.js";
import type { SamplerSubject } from "./sampler-contract/simulated-sampler.js";
import { choiceOf, subjectOf } from "./wrong-sampler.js";

/** A sampler whose proposals are changed in one respect. */
const changed = (change: (params: Params, setup: SamplerSetup) => Params): SamplerChoice =>
  choiceOf((setup) => ({
    ask: (_trial, stream) => change(sampleParams(setup.space, stream), setup),
  }));

/** The number of calls across all samplers. */
let callsOfAll = 0;

/** The space of the first sampler with a seed. */
const firstSpaces = new Map<number, SamplerSetup["space"]>();

const wrongs: readonly Wrong<SamplerSubject>[] = [
  {
    what: "keeps to the space that it had first",
    law: "survives a changed space: stays inside the new one, and proposes the same after a restart",
    subject: subjectOf(
      choiceOf(({ space, seed }) => {
        const first = firstSpaces.get(seed) ?? space;
        firstSpaces.set(seed, first);
        return { ask: (_trial, stream) => sampleParams(first, stream) };
      }),
    ),
  },
  {
    what: "goes beyond a range",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (_trial, stream) =>
          Object.fromEntries(
            Object.entries(sampleParams(space, stream)).map(([name, value]) => [
              name,
              typeof value === "number" ? 1000 * value : value,
            ]),
          ),
      })),
    ),
  },
  {
    what: "breaks the constraints",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (_trial, stream) => sampleParams({ ...space, constraints: [] }, stream),
      })),
    ),
  },
  {
    what: "leaves a param out",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (_trial, stream) => Object.fromEntries(Object.entries(sampleParams(space, stream)).slice(1)),
      })),
    ),
  },
  {
    what: "gives a param whose condition does not hold",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(
      changed((params, { space }) => {
        const all = Object.entries(space.params).map(([name, param]) => [
          name,
          params[name] ?? valueAt(param, 0),
        ]);
        return Object.fromEntries(all);
      }),
    ),
  },
  {
    what: "gives params in an order of its own",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(changed((params) => Object.fromEntries(Object.entries(params).reverse()))),
  },
  {
    what: "goes beyond the steps of a number",
    law: "stays inside the space, its conditions and its constraints",
    subject: subjectOf(
      changed((params, { space }) =>
        Object.fromEntries(
          Object.entries(params).map(([name, value]) => {
            const param = space.params[name];
            const isStepped = param?.kind === "float" && param.step !== undefined && param.high > param.low;
            return [name, isStepped ? (param.low + param.high) / 2.1 : value];
          }),
        ),
      ),
    ),
  },
  {
    what: "draws irreproducible random numbers",
    law: "proposes the same when the same log is played again",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: () => sampleParams(space, createRandom(Math.floor(2 ** 31 * Math.random()), 0, 0)),
      })),
    ),
  },
  {
    what: "keeps its counts outside itself",
    law: "proposes the same when the same log is played again",
    subject: subjectOf(
      choiceOf(({ space }) => ({ ask: () => sampleParams(space, createRandom(callsOfAll++, 0, 0)) })),
    ),
  },
  {
    what: "remembers what a restarted one does not know",
    law: "proposes the same after a restart at any moment",
    subject: subjectOf(
      choiceOf(({ space }) => {
        let asked = 0;
        return { ask: () => sampleParams(space, createRandom(asked++, 0, 0)) };
      }),
    ),
  },
  {
    what: "keeps drawing from the first trial's stream",
    law: "proposes the same after a restart at any moment",
    subject: subjectOf(
      choiceOf(({ space }) => {
        let first: Random | undefined;
        return {
          ask: (_trial, stream) => {
            first ??= stream;
            return sampleParams(space, first);
          },
        };
      }),
    ),
  },
  {
    what: "learns by observing but not by being restored",
    law: "proposes the same after a restart at any moment",
    subject: subjectOf(
      choiceOf(({ space }) => {
        let reports = 0;
        return {
          observe: (event) => {
            if (event.type === "reported") reports += 1;
          },
          ask: (trial) => sampleParams(space, createRandom(reports, trial, 0)),
        };
      }),
    ),
  },
  {
    what: "goes on beyond its size",
    law: "proposes nothing more once it is done",
    subject: subjectOf(
      choiceOf(({ space }) => ({ size: 3, ask: (_trial, stream) => sampleParams(space, stream) })),
    ),
  },
  {
    what: "starts over once it has nothing more",
    law: "proposes nothing more once it is done",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream) => (trial === 3 ? undefined : sampleParams(space, stream)),
      })),
    ),
  },
  {
    what: "changes the study",
    law: "leaves the study and its space as they are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream, study) => {
          Reflect.set(study, "totalSteps", study.totalSteps + trial + 1);
          return sampleParams(space, stream);
        },
      })),
    ),
  },
  {
    what: "changes params that it proposed before",
    law: "leaves the study and its space as they are",
    // The params of trials are frozen.
    saying: /read only property/,
    subject: subjectOf(
      choiceOf(({ space }) => {
        let last: Params = {};
        return {
          ask: (_trial, stream) => {
            for (const name of Object.keys(last)) Object.assign(last, { [name]: 0 });
            last = sampleParams(space, stream);
            return last;
          },
        };
      }),
    ),
  },
  {
    what: "changes the space",
    law: "leaves the study and its space as they are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (_trial, stream) => {
          const params = sampleParams(space, stream);
          Reflect.set(space.params, "own", fixed("something"));
          return params;
        },
      })),
    ),
  },
  {
    what: "depends on what is in flight although it claims not to",
    law: "proposes the same whatever is in flight and whatever is reported",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, _stream, study) => sampleParams(space, createRandom(study.events, trial, 0)),
      })),
      { independent: true },
    ),
  },
  {
    what: "looks at complete trials although it claims that they may be forgotten",
    law: "proposes the same when complete trials are forgotten",
    subject: subjectOf(
      choiceOf(
        ({ space }) => ({
          ask: (trial, _stream, study) => {
            const complete = [...study.trials].filter(({ state }) => state === "complete").length;
            return sampleParams(space, createRandom(complete, trial, 0));
          },
        }),
        true,
      ),
    ),
  },
];

describe("the contract of samplers refuses one that", () => {
  beforeAll(() => fc.configureGlobal({ endOnFailure: true }));
  afterAll(() => fc.resetConfigureGlobal());

  const laws = [...logLaws, ...changeLaws];
  testRefusals(laws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(laws, wrongs);
});
