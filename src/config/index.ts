export { nameHint, nearestName, suggestName } from "../core/nearest.js";
export { knownSamplers, knownSchedulers } from "./algorithms.js";
export { parseDuration } from "./duration.js";
export { studyJsonSchema, studyJsonSchemaText } from "./json-schema.js";
export { loadStudy, parseStudy, type StudyPlan } from "./load-study.js";
export type { Algorithm, Algorithms } from "./study-schema.js";
