import { checkInteger, checkPositive, checkShare, reject } from "./checks.js";
import {
  type Activation,
  type BatchNorm,
  type Conv2d,
  type Dense,
  type Dropout,
  type Gru,
  type ImageInput,
  LAYER_ACTIVATIONS,
  type LayerActivation,
  type LayerOption,
  type MaxPool,
} from "./layer-options.js";

/** What a layer gives for one sample: an image, or, with 1 x 1 pixels, as many channels as there are units. */
export interface Shape {
  readonly isImage: boolean;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

type Whole<Option> = Required<Option>;

/** A layer's options with nothing left to default. */
export type PlannedLayer =
  | Whole<Dense>
  | Whole<Conv2d>
  | Whole<MaxPool>
  | Whole<Dropout>
  | Whole<BatchNorm>
  | Whole<Gru>
  /** Lays an image out as one row; comes by itself before a dense layer. */
  | { readonly kind: "flatten" };

/** A layer between what it is given and what it gives. */
export interface LayerPlan {
  readonly layer: PlannedLayer;
  readonly input: Shape;
  readonly output: Shape;
  /** The activation that the first weights are drawn for: the layer's, or that of the `batchNorm` behind it. */
  readonly drawnFor: LayerActivation;
}

/** A network's layers, checked. */
export interface NetworkPlan {
  /** Numbers of a sample. */
  readonly inputs: number;
  readonly input: Shape;
  readonly layers: readonly LayerPlan[];
  readonly classes: number;
  /** The same for the same network, as in snapshots: numbers for dense layers with the network's activation. */
  readonly identity: readonly (number | object)[];
}

const MOST_WIDTH = 65536;
const MOST_CLASSES = 256;

const pixels = ({ height, width }: Shape): number => height * width;

function flat(units: number): Shape {
  return { isImage: false, height: 1, width: 1, channels: units };
}

/** How messages name an entry. */
function nameOf(option: LayerOption, index: number): string {
  return typeof option === "number" ? `layer ${index}` : `layer ${index} (${option.kind})`;
}

/** The options of each kind of layer. */
const OPTIONS: Readonly<Record<Exclude<LayerOption, number>["kind"], readonly string[]>> = {
  image: ["height", "width", "channels"],
  dense: ["units", "activation"],
  conv2d: ["filters", "size", "stride", "padding", "activation"],
  maxpool: ["size", "stride"],
  dropout: ["rate"],
  batchNorm: ["momentum", "epsilon", "activation"],
  gru: ["units"],
};

/** Whether a value, such as one read from JSON, is an entry of `layers` as far as its kind goes. */
export function isLayerOption(value: unknown): value is LayerOption {
  if (typeof value === "number") return true;
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return (
    typeof value.kind === "string" &&
    value.kind in OPTIONS &&
    Object.entries(value).every(
      ([key, each]) => typeof each === (key === "kind" || key === "activation" ? "string" : "number"),
    )
  );
}

function checkKeys(option: LayerOption, name: string): void {
  if (typeof option === "number") return;
  const unknown = Object.keys(option).find((key) => key !== "kind" && !OPTIONS[option.kind].includes(key));
  if (unknown === undefined) return;
  reject(
    `${name} has an option ${JSON.stringify(unknown)}`,
    `Options of ${option.kind} are ${OPTIONS[option.kind].join(", ")}.`,
  );
}

function checkActivation(name: string, activation: LayerActivation): void {
  if (LAYER_ACTIVATIONS.includes(activation)) return;
  reject(
    `the activation of ${name} is ${JSON.stringify(activation)}`,
    `Give one of ${LAYER_ACTIVATIONS.join(", ")}.`,
  );
}

function readInput(option: LayerOption): {
  readonly input: Shape;
  readonly identity: number | Whole<ImageInput>;
} {
  if (typeof option === "number") {
    checkInteger("the width of layer 0", option, 1, MOST_WIDTH);
    return { input: flat(option), identity: option };
  }
  if (option.kind !== "image") {
    return reject(
      `layers begins with ${option.kind}`,
      'Begin with the number of inputs, or with { kind: "image", height, width }.',
    );
  }
  const { height, width, channels = 1 } = option;
  checkInteger("the height of images", height, 1, MOST_WIDTH);
  checkInteger("the width of images", width, 1, MOST_WIDTH);
  checkInteger("the number of channels", channels, 1, MOST_WIDTH);
  checkInteger("the size of an image, with all channels,", height * width * channels, 1, MOST_WIDTH);
  return {
    input: { isImage: true, height, width, channels },
    identity: { kind: "image", height, width, channels },
  };
}

function needImage(name: string, input: Shape): void {
  if (input.isImage) return;
  reject(
    `${name} is given numbers, not an image`,
    'Begin layers with { kind: "image", height, width }, and place dense layers after those that need an image.',
  );
}

/** Height and width after a window has moved over an image. */
function windowed(
  name: string,
  input: Shape,
  size: number,
  stride: number,
  padding: number,
): [number, number] {
  const after = (length: number): number => Math.floor((length + 2 * padding - size) / stride) + 1;
  if (size > input.height + 2 * padding || size > input.width + 2 * padding) {
    reject(
      `the window of ${name} is ${size} x ${size}, its image ${input.height} x ${input.width}`,
      padding === 0 ? "Give a smaller size." : "Give a smaller size, or more padding.",
    );
  }
  return [after(input.height), after(input.width)];
}

interface Planned {
  readonly layer: PlannedLayer;
  readonly output: Shape;
}

/** Completes one entry's options. `own` is the activation that it has unless it says otherwise. */
function planLayer(option: LayerOption, name: string, input: Shape, own: LayerActivation): Planned {
  if (typeof option === "number") return planLayer({ kind: "dense", units: option }, name, input, own);
  switch (option.kind) {
    case "dense": {
      const { units, activation = own } = option;
      checkInteger(`the width of ${name}`, units, 1, MOST_WIDTH);
      checkActivation(name, activation);
      return { layer: { kind: "dense", units, activation }, output: flat(units) };
    }
    case "conv2d": {
      const { filters, size = 3, stride = 1, padding = 0, activation = own } = option;
      needImage(name, input);
      checkInteger(`the number of filters of ${name}`, filters, 1, MOST_WIDTH);
      checkInteger(`the size of ${name}`, size, 1, 255);
      checkInteger(`the stride of ${name}`, stride, 1, 255);
      checkInteger(`the padding of ${name}`, padding, 0, size - 1);
      checkActivation(name, activation);
      const [height, width] = windowed(name, input, size, stride, padding);
      return {
        layer: { kind: "conv2d", filters, size, stride, padding, activation },
        output: { isImage: true, height, width, channels: filters },
      };
    }
    case "maxpool": {
      const { size = 2, stride = size } = option;
      needImage(name, input);
      checkInteger(`the size of ${name}`, size, 1, 255);
      checkInteger(`the stride of ${name}`, stride, 1, 255);
      const [height, width] = windowed(name, input, size, stride, 0);
      return { layer: { kind: "maxpool", size, stride }, output: { ...input, height, width } };
    }
    case "dropout":
      checkShare(`the rate of ${name}`, option.rate);
      return { layer: { kind: "dropout", rate: option.rate }, output: input };
    case "batchNorm": {
      const { momentum = 0.1, epsilon = 1e-5, activation = own } = option;
      if (!(momentum > 0 && momentum <= 1)) {
        reject(`the momentum of ${name} is ${momentum}`, "Give a number above 0 and at most 1, such as 0.1.");
      }
      checkPositive(`the epsilon of ${name}`, epsilon, "1e-5");
      checkActivation(name, activation);
      return { layer: { kind: "batchNorm", momentum, epsilon, activation }, output: input };
    }
    case "gru":
      needImage(name, input);
      checkInteger(`the width of ${name}`, option.units, 1, MOST_WIDTH);
      return { layer: { kind: "gru", units: option.units }, output: flat(option.units) };
    case "image":
      return reject(`${name} is not the first entry`, "Give the inputs once, as the first entry of layers.");
  }
}

const isDense = (option: LayerOption | undefined): boolean =>
  typeof option === "number" || option?.kind === "dense";

const isBatchNorm = (option: LayerOption | undefined): boolean =>
  typeof option === "object" && option.kind === "batchNorm";

/**
 * Checks the entries of `layers`, completes them, and follows a sample's shape through them.
 *
 * @throws TrainerError OPTIONS_INVALID
 */
export function planNetwork(options: readonly LayerOption[], activation: Activation): NetworkPlan {
  const [first, ...rest] = options;
  if (first === undefined || rest.length === 0) {
    return reject(
      `layers has ${options.length} entries`,
      "Give the inputs, the hidden layers, and the number of classes.",
    );
  }
  options.forEach((option, i) => {
    if (!isLayerOption(option)) {
      reject(
        `layer ${i} is ${JSON.stringify(option)}`,
        `Give a number of units, or an object whose kind is one of ${Object.keys(OPTIONS).join(", ")}.`,
      );
    }
    checkKeys(option, nameOf(option, i));
  });
  const given = readInput(first);
  const inputs = pixels(given.input) * given.input.channels;
  const isFlat = isDense(rest[0]);
  const input = isFlat ? flat(inputs) : given.input;
  const identity: (number | object)[] = [isFlat ? inputs : given.identity];
  const layers: LayerPlan[] = [];
  let shape = input;
  rest.forEach((option, i) => {
    const isLast = i === rest.length - 1;
    const isNormalized = isBatchNorm(rest[i + 1]);
    const usual = isLast || isNormalized ? "linear" : activation;
    const name = nameOf(option, i + 1);
    if (isDense(option) && shape.isImage) {
      const output = flat(pixels(shape) * shape.channels);
      layers.push({ layer: { kind: "flatten" }, input: shape, output, drawnFor: "linear" });
      shape = output;
    }
    const { layer, output } = planLayer(option, name, shape, usual);
    if (isLast && (layer.kind !== "dense" || layer.activation !== "linear")) {
      reject(
        `layers ends with ${layer.kind === "dense" ? `an activation, ${layer.activation}` : layer.kind}`,
        "End with the number of classes: softmax and cross-entropy follow it.",
      );
    }
    const isUsual = layer.kind === "dense" && layer.activation === usual;
    identity.push(isUsual ? layer.units : layer);
    const behind = rest[i + 1];
    const follows =
      typeof behind === "object" && behind.kind === "batchNorm"
        ? (behind.activation ?? activation)
        : undefined;
    const ownActivation = "activation" in layer ? layer.activation : "linear";
    const drawnFor = ownActivation === "linear" ? (follows ?? "linear") : ownActivation;
    layers.push({ layer, input: shape, output, drawnFor });
    shape = output;
  });
  checkInteger("the number of classes", shape.channels, 1, MOST_CLASSES);
  return { inputs, input, layers, classes: shape.channels, identity };
}
