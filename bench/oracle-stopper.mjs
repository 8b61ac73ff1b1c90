// A reference that no real rule can be: it stops every training after its first step unless that training will be the
// best so far. It reads the table, so it is not one of the product's schedulers.

/** The lowest cost that each configuration of a table ever reaches. */
function bestCosts({ goal, candidates, curves }) {
  const sign = goal.direction === "minimize" ? 1 : -1;
  return new Map(
    candidates.map((params, index) => [
      params,
      Math.min(...curves[index].reports.map((report) => sign * report[goal.metric])),
    ]),
  );
}

/** The scheduler for one table: trains what improves on the best report so far, and everything else for one step. */
export function oracleStopper(table) {
  const { metric, direction } = table.goal;
  const sign = direction === "minimize" ? 1 : -1;
  const explanation = { rule: "oracle", reason: "It will not become the best.", values: {} };
  return {
    name: "oracle",
    options: {},
    create: () => {
      const costs = bestCosts(table);
      let incumbent = Number.POSITIVE_INFINITY;
      return {
        restore: () => {},
        observe: (event) => {
          if (event.type === "reported") incumbent = Math.min(incumbent, sign * event.metrics[metric]);
        },
        decide: (trial, step) =>
          step === 1 && costs.get(trial.params) >= incumbent
            ? { action: "stop", explanation }
            : { action: "continue" },
      };
    },
  };
}
