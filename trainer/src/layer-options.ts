/** The function of a layer's units. */
export type Activation = "relu" | "tanh" | "sigmoid";

/** The activations of hidden layers. */
export const ACTIVATIONS: readonly Activation[] = ["relu", "tanh", "sigmoid"];

/** The function of a layer's units, which may also be left out. */
export type LayerActivation = Activation | "linear";

/** All {@link LayerActivation}s. */
export const LAYER_ACTIVATIONS: readonly LayerActivation[] = [...ACTIVATIONS, "linear"];

/** As the first entry of `layers`: inputs that are images. Their bytes go line by line, each pixel with all channels. */
export interface ImageInput {
  readonly kind: "image";
  readonly height: number;
  readonly width: number;
  /** Default 1. */
  readonly channels?: number;
}

/** A dense layer. The number of its units may stand in its place. An image before it is laid out as one row. */
export interface Dense {
  readonly kind: "dense";
  readonly units: number;
  /** Default: the network's; `linear` if `batchNorm` follows, and in the last layer. */
  readonly activation?: LayerActivation;
}

/** A convolution over an image: each filter is `size` x `size` pixels in all channels. */
export interface Conv2d {
  readonly kind: "conv2d";
  /** Channels of the result. */
  readonly filters: number;
  /** Edge of the window, in pixels. Default 3. */
  readonly size?: number;
  /** Pixels from one window to the next, in both directions. Default 1. */
  readonly stride?: number;
  /** Zeros on each side of the image. Default 0; `(size - 1) / 2` keeps height and width. */
  readonly padding?: number;
  /** Default: the network's; `linear` if `batchNorm` follows. */
  readonly activation?: LayerActivation;
}

/** The largest value of each `size` x `size` window of an image, per channel; without padding. */
export interface MaxPool {
  readonly kind: "maxpool";
  /** Edge of the window, in pixels. Default 2. */
  readonly size?: number;
  /** Pixels from one window to the next. Default: `size`. */
  readonly stride?: number;
}

/**
 * In training, sets each value to 0 with probability `rate` and divides the others by `1 - rate` (Srivastava et al.
 * 2014); in evaluation, passes them on. What is dropped depends only on the seed, the layer and the iteration.
 */
export interface Dropout {
  readonly kind: "dropout";
  readonly rate: number;
}

/**
 * Batch normalization (Ioffe and Szegedy 2015), per channel of an image or per unit, with a trained scale and shift. In
 * training by the mean and variance of the batch, in evaluation by running ones, which follow the batches':
 * `running += momentum * (batch - running)`. L2 leaves the scale alone.
 */
export interface BatchNorm {
  readonly kind: "batchNorm";
  /** Default 0.1. */
  readonly momentum?: number;
  /** Is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Applied to the result. Default: the network's. */
  readonly activation?: LayerActivation;
}

/**
 * A gated recurrent unit (Cho et al. 2014, in PyTorch's form). Time steps are the lines of an image from the top down,
 * each with all its pixels and channels; the result is the state after the last line.
 */
export interface Gru {
  readonly kind: "gru";
  readonly units: number;
}

/** A layer of a network; a number is a dense layer of as many units. */
export type Layer = number | Dense | Conv2d | MaxPool | Dropout | BatchNorm | Gru;

/** An entry of `layers`: the inputs first, then layers. */
export type LayerOption = Layer | ImageInput;
