#!/usr/bin/env node
// Creates data/fashion-mnist from the full set: the first 1,200 training and 200 test images of each of the
// ten classes, in the order of the original files. Run `npm run build` first.
//
//   node scripts/make-fashion-mnist.mjs [folder of the full set] [folder to write]
//
// The full set is read from Debian's package dataset-fashion-mnist unless another folder is given. The same
// input gives the same bytes: no clock, no randomness, and GNU gzip without time or name in its headers
// (unlike GNU gzip's, zlib's output depends on its version and the processor).
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeIdx, loadImageFolder } from "../trainer/dist/index.js";

const source = process.argv[2] ?? "/usr/share/datasets/fashion-mnist";
const target = process.argv[3] ?? fileURLToPath(new URL("../data/fashion-mnist", import.meta.url));
const CLASSES = 10;
const SIDE = 28;

/** The first `perClass` samples of each class, in their original order. */
function firstOfEach(set, perClass) {
  const taken = Array.from({ length: CLASSES }, () => 0);
  const chosen = [];
  set.labels.forEach((label, i) => {
    if (taken[label] >= perClass) return;
    taken[label] += 1;
    chosen.push(i);
  });
  if (chosen.length !== perClass * CLASSES) throw new Error(`only ${chosen.length} images in ${source}`);
  const images = new Uint8Array(chosen.length * set.inputs);
  chosen.forEach((index, i) => {
    images.set(set.images.subarray(index * set.inputs, (index + 1) * set.inputs), i * set.inputs);
  });
  return { images, labels: Uint8Array.from(chosen, (index) => set.labels[index]) };
}

async function write(name, shape, values) {
  const gzip = spawnSync("gzip", ["-9", "-n"], { input: encodeIdx({ shape, values }), maxBuffer: 2 ** 28 });
  if (gzip.error !== undefined) throw gzip.error;
  if (gzip.status !== 0) throw new Error(`gzip: ${gzip.stderr.toString()}`);
  const zipped = gzip.stdout;
  await writeFile(join(target, `${name}.gz`), zipped);
  console.log(`${name}.gz  ${shape.join(" x ")}  ${zipped.length} bytes`);
}

const whole = await loadImageFolder(source);
const train = firstOfEach(whole.train, 1200);
const test = firstOfEach(whole.test, 200);
await mkdir(target, { recursive: true });
await write("train-images-idx3-ubyte", [train.labels.length, SIDE, SIDE], train.images);
await write("train-labels-idx1-ubyte", [train.labels.length], train.labels);
await write("t10k-images-idx3-ubyte", [test.labels.length, SIDE, SIDE], test.images);
await write("t10k-labels-idx1-ubyte", [test.labels.length], test.labels);
