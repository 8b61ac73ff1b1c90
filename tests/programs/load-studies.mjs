// Reads a study.yaml in each of the folders that are its arguments, as `curvewise run` does first, and makes its sampler
// and its scheduler. Prints a line of JSON for each: the error, or null.
import { join } from "node:path";
import { loadStudy } from "../../dist/config/index.js";

for (const folder of process.argv.slice(2)) {
  try {
    const { definition, space, sampler, scheduler } = await loadStudy(join(folder, "study.yaml"));
    const { goal, maxSteps, seed } = definition;
    sampler.create({ space, goal, maxSteps, seed });
    scheduler.create({ space, goal, maxSteps, seed });
    console.log("null");
  } catch ({ code, message, hint, kind }) {
    console.log(JSON.stringify({ code, message, hint, kind }));
  }
}
