/**
 * What somebody does with `curvewise/browser`, as one text with every number written out: run in Node and on a page, it
 * must come out the same.
 */

/** Numbers that JSON lacks, as words. */
const written = (value) =>
  JSON.stringify(value, (_key, part) =>
    typeof part === "number" && !Number.isFinite(part) ? String(part) : part,
  );

/** Recorded curves of a made-up task: some cross, some diverge. */
function recordedCurves({ createRandom, createSearchSpace, float, ordinal, sampleParams }) {
  const space = createSearchSpace({ lr: float(1e-4, 1, { log: true }), batch: ordinal([16, 32, 64]) });
  const curves = Array.from({ length: 60 }, (_, number) => {
    const random = createRandom(11, number, 0);
    const config = sampleParams(space, random);
    const distance = Math.abs(Math.log10(config.lr) + 2);
    const slowness = 1 + config.batch / 16;
    const diverges = distance > 1.9;
    const loss = Array.from({ length: 27 }, (_, index) =>
      diverges && index > 4
        ? null
        : 0.3 + 0.2 * distance + 2 * Math.exp(-(index + 1) / slowness) + 0.01 * random.normal(),
    );
    return { config, loss };
  });
  return { task: "made-up", metric: "loss", direction: "min", unit: "epoch", curves };
}

function sampledParams({
  choice,
  createRandom,
  createSearchSpace,
  fixed,
  float,
  int,
  ordinal,
  PURPOSE,
  sampleParams,
}) {
  const space = createSearchSpace({
    lr: float(1e-5, 1, { log: true }),
    width: int(8, 1024, { log: true }),
    dropout: float(0, 0.5, { step: 0.05 }),
    batch: ordinal([16, 32, 64]),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    epochs: fixed(30),
  });
  return Array.from({ length: 200 }, (_, trial) =>
    sampleParams(space, createRandom(7, trial, PURPOSE.params)),
  );
}

function replays(curvewise) {
  const { asha, curve, hyperband, lcm, median, parseRecordedCurves, random, replayTable, tableOfCurves } =
    curvewise;
  const table = tableOfCurves(parseRecordedCurves(recordedCurves(curvewise), "made-up.json"));
  const cases = [
    ["lcm", lcm(), random()],
    ["lcm, stopping", lcm({ mode: "stop" }), curve()],
    ["asha", asha(), random()],
    ["asha after curve", asha(), curve()],
    ["hyperband", hyperband(), random()],
    ["median", median(), random()],
  ];
  return cases.map(([name, scheduler, sampler]) => {
    const events = [];
    const played = replayTable({
      table,
      scheduler,
      sampler,
      seed: 5,
      workers: 3,
      steps: 600,
      onEvent: (event) => events.push(event),
    });
    const { study, curveOf, improvements, spent, seconds } = played;
    return { name, study, events, result: { curveOf, improvements, spent, seconds, events } };
  });
}

function drawn({ plots }, { study, events }) {
  const reports = events.filter(({ type }) => type === "reported");
  const [first, second] = study.trials[0]?.curve.metrics.keys() ?? [];
  const goals = [
    { metric: first, direction: "minimize" },
    { metric: second ?? first, direction: "maximize" },
  ];
  return Object.values(plots)
    .filter(({ takes }) => second !== undefined || !takes.includes("goals"))
    .map(({ name, takes, render }) => [
      name,
      render({ study, reports, ...(takes.includes("goals") ? { goals } : {}) }),
    ]);
}

/** A log is read back from its lines, replayed under another scheduler, and its own decisions are made again. */
function recordedStudy(curvewise, { study, events }) {
  const { asha, eventText, lcm, parseEvent, readTrainings, replayStudy, verifyStudy } = curvewise;
  const created = { type: "study-created", definition: study.definition, time: 0 };
  const log = [created, ...events].map((event) => parseEvent(eventText(event)));
  const recorded = readTrainings(log);
  return {
    verified: verifyStudy(log, lcm()),
    worlds: ["pessimistic", "optimistic"].map((world) =>
      replayStudy({ recorded, scheduler: asha(), seed: 1, budgets: [2, 5] }, world),
    ),
  };
}

function rates({ cosine, exponential, inverseSquareRoot, oneCycle, rateAt }) {
  const schedules = [
    cosine({ rate: 0.1, duration: 500 }),
    exponential({ rate: 0.1, factor: 0.95, every: 100 }),
    inverseSquareRoot({ rate: 0.1, timescale: 50 }),
    oneCycle({ rate: 0.1, duration: 500 }),
  ];
  return schedules.map((schedule) => Array.from({ length: 50 }, (_, index) => rateAt(schedule, 10 * index)));
}

/** @returns the parts of the result, each as a text */
export function scenario(curvewise) {
  const played = replays(curvewise);
  const { createRandom } = curvewise;
  const normal = createRandom(3, 0, 0);
  return {
    params: written(sampledParams(curvewise)),
    deviates: written(Array.from({ length: 1000 }, () => normal.normal())),
    ...Object.fromEntries(played.map(({ name, result }) => [name, written(result)])),
    plots: written(drawn(curvewise, played[0])),
    study: written(recordedStudy(curvewise, played[0])),
    rates: written(rates(curvewise)),
  };
}
