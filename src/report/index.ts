export { type ReportInput, renderReport } from "./render-report.js";
export { createReportLog, type ReportLog, reportLog } from "./report-log.js";
export type { ReportedStudy } from "./study-section.js";
