export { main, runCommand } from "./main.js";
export { createProgram } from "./program.js";
