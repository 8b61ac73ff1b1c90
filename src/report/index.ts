export { type ReportInput, renderReport } from "./render-report.js";
export type { ReportedStudy } from "./study-section.js";
