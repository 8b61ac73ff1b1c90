import { describe } from "vitest";
import { beliefOf } from "../core/draw/belief.js";
import { sampleParams } from "../core/draw/sample-params.js";
import type { Direction } from "../core/goal.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { valueAt, valuesOf } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { differentialEvolution, random, regularizedEvolution } from "../samplers/index.js";
import { testLaws } from "./laws.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
import { priorLaws } from "./sampler-contract/prior-laws.js";
import { searchLaws } from "./sampler-contract/search-laws.js";
import type { SamplerSubject } from "./sampler-contract/simulated-sampler.js";
import { samplerLaws } from "./sampler-contract.js";
import { choiceOf, subjectOf } from "./wrong-sampler.js";

/** Redraws until the params are acceptable. */
const only = (pleases: (params: Params) => boolean): SamplerChoice =>
  choiceOf(({ space }) => ({
    ask: (_trial, stream) => {
      let params = sampleParams(space, stream);
      for (let tries = 0; tries < 100 && !pleases(params); tries++) params = sampleParams(space, stream);
      return params;
    },
  }));

/** All candidates in order, and nothing else. */
const given = (
  choose: (candidates: readonly Params[], trial: number) => Params | undefined,
): SamplerSubject =>
  subjectOf(choiceOf(({ candidates = [] }) => ({ ask: (trial) => choose(candidates, trial) })));

const keyOf = (params: Params): string => JSON.stringify(Object.entries(params));

/** Learns, but with its own goal. */
const differentialEvolutionOf = (direction: Direction): SamplerChoice =>
  choiceOf((setup) =>
    differentialEvolution({ population: 4 }).create({ ...setup, goal: { ...setup.goal, direction } }),
  );

const wrongs: readonly Wrong<SamplerSubject>[] = [
  {
    what: "never visits half of a number's range",
    law: "explores every part of the space",
    subject: subjectOf(only(({ share }) => Number(share) < 0.5)),
  },
  {
    what: "never visits half of a logarithmic range",
    law: "explores every part of the space",
    subject: subjectOf(only(({ width = 16 }) => Number(width) < 128)),
  },
  {
    what: "never tries an option",
    law: "explores every part of the space",
    subject: subjectOf(only(({ optimizer }) => optimizer !== "rmsprop")),
  },
  {
    what: "never visits half of a conditional param's range",
    law: "explores every part of the space",
    subject: subjectOf(only(({ momentum = 1 }) => Number(momentum) > 0.5)),
  },
  {
    what: "never visits half of a range of whole numbers",
    law: "explores every part of the space",
    subject: subjectOf(only(({ layers = 1 }) => Number(layers) <= 4)),
  },
  {
    what: "never tries a value of an ordered param",
    law: "explores every part of the space",
    subject: subjectOf(only(({ batch }) => batch !== 128)),
  },
  {
    what: "never has a conditional param",
    law: "explores every part of the space",
    subject: subjectOf(only(({ momentum }) => momentum === undefined)),
  },
  {
    what: "always proposes the same point",
    law: "hardly ever repeats itself in an endless space",
    subject: subjectOf(choiceOf(({ space }) => ({ ask: () => sampleParams(space, createRandom(1, 0, 0)) }))),
  },
  {
    what: "proposes a few favourites in turn",
    law: "hardly ever repeats itself in an endless space",
    subject: subjectOf(
      choiceOf(({ space }) => ({ ask: (trial) => sampleParams(space, createRandom(trial % 30, 0, 0)) })),
    ),
  },
  {
    what: "repeats itself although there is something else",
    law: "proposes nothing twice while there is anything new",
    subject: subjectOf(
      choiceOf(({ space }) => ({ ask: (_trial, stream) => sampleParams(space, stream) })),
      { repeats: false },
    ),
  },
  {
    what: "begins again when every combination was tried",
    law: "ends when every combination was tried, unless it may repeat them",
    subject: subjectOf(
      choiceOf((setup) => regularizedEvolution().create({ ...setup, repeats: true })),
      { repeats: false },
    ),
  },
  {
    what: "ends before every combination was tried",
    law: "ends when every combination was tried, unless it may repeat them",
    subject: subjectOf(
      choiceOf((setup) => {
        const sampler = regularizedEvolution().create(setup);
        return {
          ...sampler,
          ask: (trial, ...rest) => (trial < 11 ? sampler.ask(trial, ...rest) : undefined),
        };
      }),
      { repeats: false },
    ),
  },
  {
    what: "looks only at complete trials to see what is new",
    law: "proposes nothing twice while there is anything new",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (_trial, _stream, study) => {
          const known = new Set(
            [...study.byState.complete].map((number) => keyOf(study.trials[number]?.params ?? {})),
          );
          for (let next = 0; ; next++) {
            const params = sampleParams(space, createRandom(next, 0, 0));
            if (!known.has(keyOf(params)) || next > 1000) return params;
          }
        },
      })),
      { repeats: false },
    ),
  },
  {
    what: "claims that there are more trials than there are",
    law: "goes on as long as there is anything to propose, or says how many trials there are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        size: 100,
        ask: (trial, stream) => (trial < 10 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "ends before the space is exhausted",
    law: "goes on as long as there is anything to propose, or says how many trials there are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream) => (trial < 50 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "ignores candidates",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: subjectOf(choiceOf(({ space }) => ({ ask: (_trial, stream) => sampleParams(space, stream) }))),
  },
  {
    what: "proposes candidates again",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: subjectOf(
      choiceOf(({ candidates = [] }) => ({
        ask: (_trial, stream) => candidates[stream.integer(0, candidates.length - 1)],
      })),
    ),
  },
  {
    what: "leaves candidates out",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: subjectOf(choiceOf(({ candidates = [] }) => ({ ask: (trial) => candidates.slice(1)[trial] }))),
  },
  {
    what: "proposes candidates with an extra param",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: given((candidates, trial) => candidates[trial] && { ...candidates[trial], more: 1 }),
  },
  {
    what: "starts over once all candidates were proposed",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: given((candidates, trial) => candidates[trial % candidates.length]),
  },
  {
    what: "removes candidates from the list that it was given",
    law: "chooses from candidates, each once, until none are left, or refuses them",
    subject: given((candidates) => (Array.isArray(candidates) ? candidates.shift() : undefined)),
    saying: /TypeError/,
  },
  {
    what: "has nothing more to propose in an endless space",
    law: "goes on if every training fails, diverges or reports the same values",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream) => (trial < 12 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "cannot handle a training that diverged",
    law: "goes on if every training fails, diverges or reports the same values",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        observe: (event) => {
          if (event.type === "reported" && Object.values(event.metrics).some(Number.isNaN))
            throw new Error("a metric is not a number");
        },
        ask: (_trial, stream) => sampleParams(space, stream),
      })),
    ),
    saying: /a metric is not a number/,
  },
  {
    what: "cannot handle a study in which all trainings failed",
    law: "goes on if every training fails, diverges or reports the same values",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream, study) => {
          const { complete, running } = study.byState;
          if (trial > 10 && complete.size === 0 && running.size < 10)
            throw new Error("there is nothing to learn from");
          return sampleParams(space, stream);
        },
      })),
    ),
    saying: /nothing to learn from/,
  },
  {
    what: "learns nothing although it claims to",
    law: "gets closer to the goal, in either direction",
    subject: subjectOf(random()),
  },
  {
    what: "treats every goal as one to minimize",
    law: "gets closer to the goal, in either direction",
    subject: subjectOf(differentialEvolutionOf("minimize")),
  },
  {
    what: "treats every goal as its opposite",
    law: "gets closer to the goal, in either direction",
    subject: subjectOf(differentialEvolutionOf("maximize")),
  },
];

/** Draws until something new comes, and chooses among candidates where there are any: as little as can be right. */
const right = choiceOf(({ space, candidates, repeats = false }) => {
  const known = new Set<string>();
  const follow = (params: Params): unknown => known.add(keyOf(params));
  return {
    restore: (study) => study.trials.forEach(({ params }) => follow(params)),
    observe: (event) => {
      if (event.type === "trial-asked") follow(event.params);
    },
    ask: (_trial, stream) => {
      if (candidates !== undefined) return candidates.find((params) => !known.has(keyOf(params)));
      for (let tries = 0; tries < 1000; tries++) {
        const params = sampleParams(space, stream);
        if (!known.has(keyOf(params))) return params;
      }
      return repeats ? sampleParams(space, stream) : undefined;
    },
  };
});

/** Never doubts a prior. */
const believing = choiceOf(({ space }) => ({
  ask: (_trial, stream) =>
    valuesOf(space, (param) => {
      const belief = beliefOf(param);
      return valueAt(param, belief === undefined ? stream.uniform() : belief.at(stream.uniform()));
    }),
}));

const misled: readonly Wrong<SamplerSubject>[] = [
  {
    what: "never leaves what priors expect",
    law: "also looks where priors expect nothing",
    subject: subjectOf(believing),
  },
  {
    what: "learns nothing beyond the priors",
    law: "finds good params although priors are wrong",
    subject: subjectOf(believing),
  },
];

describe("the contract of samplers refuses a believer that", () => {
  testRefusals(priorLaws, misled, async (subject, check) => check(subject));
  testLawsRefuse(priorLaws, misled);
});

describe("the contract of samplers refuses a search that", () => {
  testRefusals(searchLaws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(searchLaws, wrongs);
});

describe("the contract of samplers accepts a correct one of a few lines", () => {
  testLaws(subjectOf(right, { repeats: false, learns: false }), samplerLaws);
});
