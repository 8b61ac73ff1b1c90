export { hostTroubleOf } from "./host-trouble.js";
export { processStart, statFields } from "./process-start.js";
