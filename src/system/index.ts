export { processStart, statFields } from "./process-start.js";
