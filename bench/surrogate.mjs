// How well params tell what a training comes to: the variance of final ranks that is explained on configurations left
// out, by the nearest configuration and by the forest that answers in `bench:curves -- --live`.
//   npm run bench:surrogate                 all tasks, five folds
//   node bench/surrogate.mjs --folder FOLDER --tasks opda
import { parseArgs } from "node:util";
import { createCurveSurrogate } from "../dist/analysis/curve-surrogate.js";
import { createCandidatePool } from "../dist/core/candidates/candidate-pool.js";
import { costOf } from "../dist/core/goal.js";
import { DEFAULT_FOLDER, findTasks, groupsOf, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const FOLDS = 5;
/** Configurations asked for in each fold. */
const ASKED = 60;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: DEFAULT_FOLDER },
    tasks: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
/** 1 - squared errors / squared distances from the mean. */
function explained(pairs) {
  const middle = mean(pairs.map(([, actual]) => actual));
  const errors = pairs.map(([predicted, actual]) => (predicted - actual) ** 2);
  return 1 - mean(errors) / mean(pairs.map(([, actual]) => (actual - middle) ** 2));
}

function assess(table) {
  const { goal, candidates, curves, space } = table;
  const endOf = ({ reports }) => costOf(reports.at(-1)[goal.metric], goal);
  const ends = curves.map(endOf);
  const sorted = ends.toSorted((a, b) => a - b);
  const rankOf = (end) => sorted.findIndex((each) => each >= end) / sorted.length;
  const pairs = { nearest: [], forest: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    const kept = [...candidates.keys()].filter((index) => index % FOLDS !== fold);
    const part = {
      ...table,
      candidates: kept.map((index) => candidates[index]),
      curves: kept.map((index) => curves[index]),
    };
    const answer = createCurveSurrogate(part);
    const pool = createCandidatePool(space, part.candidates, 0);
    const left = [...candidates.keys()].filter((index) => index % FOLDS === fold).slice(0, ASKED);
    for (const index of left) {
      const params = candidates[index];
      const nearest = part.curves[part.candidates.indexOf(pool.nearest(params, () => false))];
      pairs.nearest.push([rankOf(endOf(nearest)), rankOf(ends[index])]);
      pairs.forest.push([rankOf(endOf(answer(params).curve)), rankOf(ends[index])]);
    }
  }
  return { nearest: explained(pairs.nearest), forest: explained(pairs.forest) };
}

const tasks = findTasks(values.folder, values.tasks);
const found = tasks.map((task) => ({ task: task.name, kind: task.kind, ...assess(loadTable(task)) }));
console.log("share of the variance of final ranks that is explained, on configurations left out\n");
console.log("tasks              nearest  forest");
const groups = groupsOf(tasks).map(({ name, tasks: indexes }) => ({
  name: String(name),
  count: indexes.length,
  nearest: mean(indexes.map((index) => found[index].nearest)),
  forest: mean(indexes.map((index) => found[index].forest)),
}));
for (const { name, count, nearest, forest } of groups) {
  const label = `${name} (${count})`;
  console.log(`${label.padEnd(18)} ${nearest.toFixed(2).padStart(7)} ${forest.toFixed(2).padStart(7)}`);
}
keep("surrogate", { folds: FOLDS, asked: ASKED, groups, tasks: found });
