import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { TrainerError } from "./errors.js";
import { parseIdx } from "./idx.js";
import type { ImageSet } from "./image-set.js";

const unzip = promisify(gunzip);

/** The names under which MNIST and Fashion-MNIST are published; some mirrors write a dot before `idx`. */
const NAMES = {
  train: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
} as const;

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** The first file that exists of `name`.gz and `name`, also with a dot for the hyphen before `idx`. */
async function readEither(folder: string, name: string): Promise<{ name: string; bytes: Uint8Array }> {
  for (const candidate of [name, name.replace("-idx", ".idx")].flatMap((base) => [`${base}.gz`, base])) {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(folder, candidate));
    } catch (error) {
      if (isMissing(error)) continue;
      throw new TrainerError(
        "DATA_UNREADABLE",
        `${join(folder, candidate)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        "Check the permissions of the folder and the file.",
        { cause: error },
      );
    }
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name: candidate, bytes };
    try {
      return { name: candidate, bytes: await unzip(bytes) };
    } catch (error) {
      throw new TrainerError(
        "IDX_GZIP",
        `${candidate} cannot be unzipped: ${error instanceof Error ? error.message : String(error)}`,
        "The file is truncated or damaged: download it again.",
        { cause: error },
      );
    }
  }
  throw new TrainerError(
    "DATA_MISSING",
    `there is no ${name}.gz (nor ${name}) in ${folder}`,
    "Give a folder of IDX files with the names of MNIST's, such as data/fashion-mnist.",
  );
}

async function loadSet(folder: string, names: { images: string; labels: string }): Promise<ImageSet> {
  const [imageFile, labelFile] = await Promise.all([
    readEither(folder, names.images),
    readEither(folder, names.labels),
  ]);
  const images = parseIdx(imageFile.bytes, imageFile.name);
  const labels = parseIdx(labelFile.bytes, labelFile.name);
  const [count = 0, ...sizes] = images.shape;
  if (sizes.length === 0) {
    throw new TrainerError(
      "IDX_SHAPE",
      `${imageFile.name} has one dimension: it holds labels, not images`,
      "Check that the files of images and labels are not swapped.",
    );
  }
  if (labels.shape.length !== 1) {
    throw new TrainerError(
      "IDX_SHAPE",
      `${labelFile.name} has ${labels.shape.length} dimensions, but labels have one`,
      "Check that the files of images and labels are not swapped.",
    );
  }
  if (labels.shape[0] !== count) {
    throw new TrainerError(
      "IDX_COUNT",
      `${imageFile.name} holds ${count} images, but ${labelFile.name} ${labels.shape[0]} labels`,
      "Take both files from the same set.",
    );
  }
  const inputs = sizes.reduce((product, size) => product * size, 1);
  const [height, width] = sizes;
  const isImage = height !== undefined && width !== undefined && sizes.length === 2;
  return {
    count,
    inputs,
    ...(isImage ? { size: { height, width } } : {}),
    images: images.values,
    labels: labels.values,
  };
}

/**
 * Loads the training and the test set from a folder of IDX files with their usual names, gzipped or not.
 *
 * @throws TrainerError DATA_MISSING, DATA_UNREADABLE, IDX_GZIP, IDX_MAGIC, IDX_TYPE, IDX_TRUNCATED, IDX_LONG,
 *   IDX_SHAPE, IDX_COUNT
 */
export async function loadImageFolder(folder: string): Promise<{ train: ImageSet; test: ImageSet }> {
  const [train, test] = await Promise.all([loadSet(folder, NAMES.train), loadSet(folder, NAMES.test)]);
  if (train.inputs !== test.inputs) {
    throw new TrainerError(
      "IDX_SHAPE",
      `training images have ${train.inputs} bytes, test images ${test.inputs}`,
      "Take all four files from the same set.",
    );
  }
  return { train, test };
}
