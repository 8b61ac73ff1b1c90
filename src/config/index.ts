export { knownSamplers, knownSchedulers } from "./algorithms.js";
export { parseDuration } from "./duration.js";
export { studyJsonSchema, studyJsonSchemaText } from "./json-schema.js";
export { loadStudy, parseStudy, type StudyPlan } from "./load-study.js";
export { nameHint, nearestName, suggestName } from "./nearest.js";
export type { Algorithm, Algorithms } from "./study-schema.js";
