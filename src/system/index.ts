export { copyLiveFile } from "./copy-file.js";
export { hostTroubleOf } from "./host-trouble.js";
export { processStart, statFields } from "./process-start.js";
export { createRecordSplitter, type RecordSplitter, record } from "./record-file.js";
export { makeTemporaryFolder, missingTemporaryFolder, temporaryPlace } from "./temporary-folder.js";
