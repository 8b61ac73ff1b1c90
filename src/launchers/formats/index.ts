import type { PrintedFormat } from "../../core/metric-reading.js";
import { lightgbm, xgboost } from "./boosting.js";
import { caffe } from "./caffe.js";
import { fastai } from "./fastai.js";
import type { Format } from "./format.js";
import { huggingface } from "./huggingface.js";
import { keras } from "./keras.js";
import { lightning } from "./lightning.js";
import { nanogpt } from "./nanogpt.js";
import { pytorchExamples } from "./pytorch-examples.js";
import { sklearn } from "./sklearn.js";
import { tqdm } from "./tqdm.js";

/** The ready-made formats of output, by name. The only list: to add one, a file here and a line there. */
export const PRINTED: { readonly [Name in PrintedFormat]: Format } = {
  keras,
  lightning,
  huggingface,
  xgboost,
  lightgbm,
  fastai,
  caffe,
  "pytorch-examples": pytorchExamples,
  nanogpt,
  sklearn,
  tqdm,
};
