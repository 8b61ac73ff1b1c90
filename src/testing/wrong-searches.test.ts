import { describe } from "vitest";
import type { Direction } from "../core/goal.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import { sampleParams } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { differentialEvolution, random, regularizedEvolution } from "../samplers/index.js";
import { testLaws } from "./laws.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
import { searchLaws } from "./sampler-contract/search-laws.js";
import type { SamplerSubject } from "./sampler-contract/simulated-sampler.js";
import { samplerLaws } from "./sampler-contract.js";
import { choiceOf, subjectOf } from "./wrong-sampler.js";

/** Draws again until the params please it. */
const only = (pleases: (params: Params) => boolean): SamplerChoice =>
  choiceOf(({ space }) => ({
    ask: (_trial, stream) => {
      let params = sampleParams(space, stream);
      for (let tries = 0; tries < 100 && !pleases(params); tries++) params = sampleParams(space, stream);
      return params;
    },
  }));

/** All candidates in their order, and nothing else. */
const given = (
  choose: (candidates: readonly Params[], trial: number) => Params | undefined,
): SamplerSubject =>
  subjectOf(choiceOf(({ candidates = [] }) => ({ ask: (trial) => choose(candidates, trial) })));

const keyOf = (params: Params): string => JSON.stringify(Object.entries(params));

/** Learns, with a goal of its own. */
const differentialEvolutionOf = (direction: Direction): SamplerChoice =>
  choiceOf((setup) =>
    differentialEvolution({ population: 4 }).create({ ...setup, goal: { ...setup.goal, direction } }),
  );

const wrongs: readonly Wrong<SamplerSubject>[] = [
  {
    what: "never visits half of a number's range",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ share }) => Number(share) < 0.5)),
  },
  {
    what: "never visits half of a logarithmic range",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ width = 16 }) => Number(width) < 128)),
  },
  {
    what: "never tries an option",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ optimizer }) => optimizer !== "rmsprop")),
  },
  {
    what: "never visits half of a conditional param's range",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ momentum = 1 }) => Number(momentum) > 0.5)),
  },
  {
    what: "never visits half of a range of whole numbers",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ layers = 1 }) => Number(layers) <= 4)),
  },
  {
    what: "never tries a value of an ordered param",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ batch }) => batch !== 128)),
  },
  {
    what: "never has a conditional param",
    law: "looks into every part of the space",
    subject: subjectOf(only(({ momentum }) => momentum === undefined)),
  },
  {
    what: "always proposes the same point",
    law: "hardly ever repeats itself where there is no end of it",
    subject: subjectOf(choiceOf(({ space }) => ({ ask: () => sampleParams(space, createRandom(1, 0, 0)) }))),
  },
  {
    what: "proposes its few favourites in turns",
    law: "hardly ever repeats itself where there is no end of it",
    subject: subjectOf(
      choiceOf(({ space }) => ({ ask: (trial) => sampleParams(space, createRandom(trial % 30, 0, 0)) })),
    ),
  },
  {
    what: "repeats itself although there is something else",
    law: "proposes nothing twice while there is anything else",
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
    what: "looks only at what is complete to see what is new",
    law: "proposes nothing twice while there is anything else",
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
    what: "says that there are more than there are",
    law: "goes on as long as there is anything, or says how many there are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        size: 100,
        ask: (trial, stream) => (trial < 10 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "ends before the space does",
    law: "goes on as long as there is anything, or says how many there are",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream) => (trial < 50 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "ignores candidates",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: subjectOf(choiceOf(({ space }) => ({ ask: (_trial, stream) => sampleParams(space, stream) }))),
  },
  {
    what: "proposes candidates again",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: subjectOf(
      choiceOf(({ candidates = [] }) => ({
        ask: (_trial, stream) => candidates[stream.integer(0, candidates.length - 1)],
      })),
    ),
  },
  {
    what: "leaves candidates out",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: subjectOf(choiceOf(({ candidates = [] }) => ({ ask: (trial) => candidates.slice(1)[trial] }))),
  },
  {
    what: "proposes candidates with a param more",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: given((candidates, trial) => candidates[trial] && { ...candidates[trial], more: 1 }),
  },
  {
    what: "begins again once all candidates were proposed",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: given((candidates, trial) => candidates[trial % candidates.length]),
  },
  {
    what: "takes candidates out of the list that it was given",
    law: "chooses among candidates, each once, until none is left; or refuses them",
    subject: given((candidates) => (Array.isArray(candidates) ? candidates.shift() : undefined)),
    saying: /TypeError/,
  },
  {
    what: "has nothing more in a space that has no end",
    law: "goes on where every training fails, diverges or comes to the same",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream) => (trial < 12 ? sampleParams(space, stream) : undefined),
      })),
    ),
  },
  {
    what: "cannot bear a training that diverged",
    law: "goes on where every training fails, diverges or comes to the same",
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
    what: "cannot bear a study in which all trainings failed",
    law: "goes on where every training fails, diverges or comes to the same",
    subject: subjectOf(
      choiceOf(({ space }) => ({
        ask: (trial, stream, study) => {
          const { complete, running } = study.byState;
          if (trial > 10 && complete.size === 0 && running.size < 10)
            throw new Error("there is nothing to go by");
          return sampleParams(space, stream);
        },
      })),
    ),
    saying: /nothing to go by/,
  },
  {
    what: "learns nothing although it says so",
    law: "comes nearer to what the goal asks for, whichever way that is",
    subject: subjectOf(random()),
  },
  {
    what: "takes every goal for one to minimize",
    law: "comes nearer to what the goal asks for, whichever way that is",
    subject: subjectOf(differentialEvolutionOf("minimize")),
  },
  {
    what: "takes every goal for its opposite",
    law: "comes nearer to what the goal asks for, whichever way that is",
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

describe("the contract of samplers refuses a search that", () => {
  testRefusals(searchLaws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(searchLaws, wrongs);
});

describe("the contract of samplers accepts one that is right in a few lines", () => {
  testLaws(subjectOf(right, { repeats: false, learns: false }), samplerLaws);
});
