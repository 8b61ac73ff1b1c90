export { changesOf } from "./definition-changes.js";
export { isHolderGone, thisProcess } from "./process-identity.js";
export { readStudy } from "./read-study.js";
export { type RunStudyOptions, runStudy } from "./run-study.js";
export { openSession, type Session, type SessionOptions, type SessionResult } from "./session.js";
export { readShadows, type ShadowEnd, type ShadowReport } from "./shadow-report.js";
export { createShadowStudy, type ShadowAnswer, type ShadowCourse, type ShadowStudy } from "./shadow-study.js";
