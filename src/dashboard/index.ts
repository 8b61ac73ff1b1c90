export { type DashboardTokens, isLoopback } from "./access.js";
export { type Dashboard, type DashboardOptions, openDashboard } from "./dashboard-server.js";
export { createPassRequest, type PassRequest } from "./pass-request.js";
export { renderPlot } from "./plots-page.js";
export { type RemoteSource, remoteSource, submitRemotely } from "./remote-source.js";
export { renderReport } from "./render-report.js";
export type { StudySource } from "./study-source.js";
export type { FolderOf } from "./trial-files.js";
