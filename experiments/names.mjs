// The experiments.

/** What each is about, in the order of the poster. */
export const EXPERIMENTS = {
  grid: "a grid over three params, spread over workers by MPI, and its picture in space",
  lcm: "Learning Curve Matching against random search and other rules, on recorded curves",
  "dynamic-rate": "a decaying learning rate against a constant one, and against the schedule that PBT found",
  pbt: "population based training against random search, fixed rates and LCM with the same number of steps",
  magmadnn: "LCM and PBT on networks of MagmaDNN, where that is installed",
  scale: "Learning Curve Matching with up to 10,000 simulated workers, and what a decision costs",
};
