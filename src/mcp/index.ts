export type { Act, Asked } from "./act-port.js";
export { type McpOptions, serveMcp } from "./mcp-server.js";
export type { OpenDatabase } from "./studies.js";
