export { askCoordinator } from "./ask-coordinator.js";
export { type CoordinatorAddress, type CoordinatorPlace, coordinatorLocator } from "./coordinator-address.js";
export type { TlsKeys } from "./http-listener.js";
export { runWorker, type WorkerOptions, type WorkerResult } from "./run-worker.js";
export { openStudyServer, type StudyServer, type StudyServerOptions } from "./study-server.js";
export { givenToken } from "./token.js";
