import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerChoice, SamplerSetup } from "../core/sampler.js";
import { sampleParams } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { grid, random } from "../samplers/index.js";
import { brokenLaws, lawNamed } from "./laws.js";
import type { SamplerExpectations } from "./sampler-contract/simulated-sampler.js";
import { samplerLaws, samplerSubject } from "./sampler-contract.js";

/** A sampler of a few lines. */
const choiceOf = (create: (setup: SamplerSetup) => Sampler, forgets = false): SamplerChoice => ({
  name: "wrong",
  options: {},
  forgets,
  create,
});

/** Draws again until the params please it. */
const only = (pleases: (params: Params) => boolean): SamplerChoice =>
  choiceOf(({ space }) => ({
    ask: (_trial, stream) => {
      let params = sampleParams(space, stream);
      for (let tries = 0; tries < 100 && !pleases(params); tries++) params = sampleParams(space, stream);
      return params;
    },
  }));

interface Wrong {
  readonly what: string;
  readonly law: string;
  readonly sampler: SamplerChoice;
  readonly expectations?: Partial<SamplerExpectations>;
}

const wrongs: readonly Wrong[] = [
  {
    what: "always proposes the same point",
    law: "hardly ever repeats itself where there is no end of it",
    sampler: choiceOf(({ space }) => ({ ask: () => sampleParams(space, createRandom(1, 0, 0)) })),
  },
  {
    what: "never visits half of a number's range",
    law: "looks into every part of the space",
    sampler: only(({ share }) => Number(share) < 0.5),
  },
  {
    what: "never visits half of a logarithmic range",
    law: "looks into every part of the space",
    sampler: only(({ width = 16 }) => Number(width) < 128),
  },
  {
    what: "never tries an option",
    law: "looks into every part of the space",
    sampler: only(({ optimizer }) => optimizer !== "rmsprop"),
  },
  {
    what: "never visits half of a conditional param's range",
    law: "looks into every part of the space",
    sampler: only(({ momentum = 1 }) => Number(momentum) > 0.5),
  },
  {
    what: "ignores candidates",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    sampler: choiceOf(({ space }) => ({ ask: (_trial, stream) => sampleParams(space, stream) })),
  },
  {
    what: "proposes candidates again",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    sampler: choiceOf(({ candidates = [] }) => ({
      ask: (_trial, stream) => candidates[stream.integer(0, candidates.length - 1)],
    })),
  },
  {
    what: "leaves candidates out",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    sampler: choiceOf(({ candidates = [] }) => ({ ask: (trial) => candidates.slice(1)[trial] })),
  },
  {
    what: "goes beyond a range",
    law: "stays inside the space, its conditions and its constraints",
    sampler: choiceOf(({ space }) => ({
      ask: (_trial, stream) =>
        Object.fromEntries(
          Object.entries(sampleParams(space, stream)).map(([name, value]) => [
            name,
            typeof value === "number" ? 1000 * value : value,
          ]),
        ),
    })),
  },
  {
    what: "breaks the constraints",
    law: "stays inside the space, its conditions and its constraints",
    sampler: choiceOf(({ space }) => ({
      ask: (_trial, stream) => sampleParams({ ...space, constraints: [] }, stream),
    })),
  },
  {
    what: "leaves a param out",
    law: "stays inside the space, its conditions and its constraints",
    sampler: choiceOf(({ space }) => ({
      ask: (_trial, stream) => Object.fromEntries(Object.entries(sampleParams(space, stream)).slice(1)),
    })),
  },
  {
    what: "draws by chance that nobody can repeat",
    law: "proposes the same when the same log is played again",
    sampler: choiceOf(({ space }) => ({
      ask: () => sampleParams(space, createRandom(Math.floor(2 ** 31 * Math.random()), 0, 0)),
    })),
  },
  {
    what: "remembers what a restarted one does not know",
    law: "proposes the same after a restart at any moment",
    sampler: choiceOf(({ space }) => {
      let asked = 0;
      return { ask: () => sampleParams(space, createRandom(asked++, 0, 0)) };
    }),
  },
  {
    what: "changes the study",
    law: "leaves the study as it is",
    sampler: choiceOf(({ space }) => ({
      ask: (trial, stream, study) => {
        Reflect.set(study, "totalSteps", study.totalSteps + trial + 1);
        return sampleParams(space, stream);
      },
    })),
  },
  {
    what: "looks at complete trials although it says that they may be forgotten",
    law: "proposes the same when complete trials are forgotten",
    sampler: choiceOf(
      ({ space }) => ({
        ask: (trial, _stream, study) => {
          const complete = [...study.trials].filter(({ state }) => state === "complete").length;
          return sampleParams(space, createRandom(complete, trial, 0));
        },
      }),
      true,
    ),
  },
  {
    what: "has nothing more in a space that has no end",
    law: "goes on where every training fails, diverges or comes to the same",
    sampler: choiceOf(({ space }) => ({
      ask: (trial, stream) => (trial < 12 ? sampleParams(space, stream) : undefined),
    })),
  },
  {
    what: "cannot bear a training that diverged",
    law: "goes on where every training fails, diverges or comes to the same",
    sampler: choiceOf(({ space }) => ({
      observe: (event) => {
        if (event.type === "reported" && Object.values(event.metrics).some(Number.isNaN))
          throw new Error("a metric is not a number");
      },
      ask: (_trial, stream) => sampleParams(space, stream),
    })),
  },
  {
    what: "goes on beyond its size",
    law: "has no more once it has none",
    sampler: choiceOf(({ space }) => ({ size: 3, ask: (_trial, stream) => sampleParams(space, stream) })),
  },
  {
    what: "begins again once it has nothing more",
    law: "has no more once it has none",
    sampler: choiceOf(({ space }) => ({
      ask: (trial, stream) => (trial === 3 ? undefined : sampleParams(space, stream)),
    })),
  },
  {
    what: "repeats itself although there is something else",
    law: "proposes nothing twice while there is anything else",
    sampler: random(),
  },
  {
    what: "depends on what is in flight although it says that it does not",
    law: "proposes the same whatever is in flight and whatever is reported",
    sampler: choiceOf(({ space }) => ({
      ask: (trial, _stream, study) => sampleParams(space, createRandom(study.events, trial, 0)),
    })),
    expectations: { independent: true },
  },
];

describe("the contract of samplers refuses one that", () => {
  beforeAll(() => fc.configureGlobal({ endOnFailure: true }));
  afterAll(() => fc.resetConfigureGlobal());

  it.each(wrongs)("$what", ({ law, sampler, expectations = {} }) => {
    const subject = samplerSubject(() => sampler, { independent: false, ...expectations });
    const { binds, check } = lawNamed(samplerLaws, law);
    expect(binds?.(subject)).not.toBe(false);
    expect(() => check(subject)).toThrow(/./);
  });

  it("does not refuse right ones by these laws", () => {
    const names = new Set(wrongs.map(({ law }) => law));
    const laws = samplerLaws.filter(({ name }) => names.has(name));
    for (const sampler of [random(), grid({ levels: 3, order: "shuffled" })] as const) {
      const repeats = sampler.name !== "grid";
      const subject = samplerSubject(() => sampler, { independent: true, repeats });
      expect(brokenLaws(subject, laws)).toEqual([]);
    }
  });
});
