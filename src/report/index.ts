export { type PlotPageInput, renderPlot } from "./render-plot.js";
export { type ReportInput, renderReport } from "./render-report.js";
export { createReportLog, type ReportLog, reportLog } from "./report-log.js";
export { plottedStudy, type ReportedStudy } from "./study-section.js";
export { metricsOf } from "./study-summary.js";
