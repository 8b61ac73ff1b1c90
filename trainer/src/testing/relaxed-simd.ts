import { setFlagsFromString } from "node:v8";

// Node 20 has relaxed SIMD only behind this flag; newer ones have it, and do not know the flag.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
