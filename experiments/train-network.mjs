// The trainer for convolutional and recurrent networks whose shape is tuned: options for sizes become its layers.
//   node experiments/train-network.mjs --network conv --filters 4 --units 32 --lr 0.1 ...   (all other options: trainer)
import { main } from "../trainer/dist/program/main.js";

/** Layers by the name of a network, from the options that shape it. */
const NETWORKS = {
  conv: ({ filters, units, dropout }) => [
    { kind: "conv2d", filters, size: 3, stride: 2, padding: 1 },
    { kind: "maxpool" },
    { kind: "dropout", rate: dropout },
    units,
  ],
  "conv-deep": ({ filters, units, dropout }) => [
    { kind: "conv2d", filters, size: 3, stride: 2, padding: 1 },
    { kind: "batchNorm" },
    { kind: "conv2d", filters: 2 * filters, size: 3, padding: 1 },
    { kind: "batchNorm" },
    { kind: "maxpool" },
    { kind: "dropout", rate: dropout },
    units,
  ],
  gru: ({ units, dropout }) => [
    { kind: "gru", units },
    { kind: "dropout", rate: dropout },
  ],
};

const shape = {};
const others = [];
let network;
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(network|filters|units|dropout)=(.*)$/.exec(argument) ?? [];
  if (name === undefined) others.push(argument);
  else if (name === "network") network = value;
  else shape[name] = Number(value);
}
if (!Object.hasOwn(NETWORKS, network)) {
  console.error(`--network is ${JSON.stringify(network)}: give one of ${Object.keys(NETWORKS).join(", ")}`);
  process.exitCode = 2;
} else {
  const layers = JSON.stringify(NETWORKS[network](shape));
  process.exitCode = await main([`--layers=${layers}`, "--simd=plain", ...others], process.env);
}
