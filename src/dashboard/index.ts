export { type DashboardTokens, isLoopback } from "./access.js";
export { type Dashboard, type DashboardOptions, openDashboard } from "./dashboard-server.js";
export { createPassRequest, type PassRequest } from "./pass-request.js";
export { type RemotePlace, type RemoteSource, remoteSource, submitRemotely } from "./remote-source.js";
export { renderPage } from "./render-page.js";
export type { StudySource } from "./study-source.js";
export type { FolderOf } from "./trial-files.js";
