export * from "./read-study.js";
