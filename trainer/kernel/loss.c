/* Softmax cross-entropy, its delta, and the number of correct answers. Layout: panel.h. */
#include "elementary.h"

INLINE float value_at(const float *matrix, uint32_t rows, uint32_t row, uint32_t column) {
  return matrix[((column / PANEL) * rows + row) * PANEL + column % PANEL];
}

INLINE float largest(f4 x) {
  x = wasm_f32x4_max(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  x = wasm_f32x4_max(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(x, 0);
}

INLINE float total(f4 x) {
  x = wasm_f32x4_add(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  x = wasm_f32x4_add(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(x, 0);
}

/*
 * The sum over `count` rows of log(sum exp(logits)) - logit of the label. If `delta` is not 0 (it may be `logits`),
 * writes (softmax - one-hot of the label) / count there, and zero in rows from `count` to `rows`.
 */
EXPORT(crossEntropy)
double cross_entropy(const float *logits, const uint8_t *labels, const uint32_t *indices, float *delta,
                     uint32_t count, uint32_t rows, uint32_t classes) {
  const uint32_t panels = panels_of(classes);
  const f4 lowest = wasm_f32x4_const_splat(-3.402823466e38f);
  const f4 zero = wasm_f32x4_const_splat(0.0f);
  const f4 mask0 = column_mask(panels - 1, 0, classes);
  const f4 mask1 = column_mask(panels - 1, 4, classes);
  double loss = 0.0;
  for (uint32_t row = 0; row < count; row++) {
    f4 top = lowest;
    for (uint32_t p = 0; p < panels; p++) {
      f4 z0 = wasm_v128_load(logits + (p * rows + row) * PANEL);
      f4 z1 = wasm_v128_load(logits + (p * rows + row) * PANEL + 4);
      if (p == panels - 1) {
        z0 = wasm_v128_bitselect(z0, lowest, mask0);
        z1 = wasm_v128_bitselect(z1, lowest, mask1);
      }
      top = wasm_f32x4_max(top, wasm_f32x4_max(z0, z1));
    }
    const float most = largest(top);
    const uint32_t label = labels[indices[row]];
    const float margin = value_at(logits, rows, row, label) - most;
    const f4 offset = wasm_f32x4_splat(most);
    f4 sums = zero;
    for (uint32_t p = 0; p < panels; p++) {
      const uint32_t at = (p * rows + row) * PANEL;
      f4 e0 = exp4(wasm_f32x4_sub(wasm_v128_load(logits + at), offset));
      f4 e1 = exp4(wasm_f32x4_sub(wasm_v128_load(logits + at + 4), offset));
      if (p == panels - 1) {
        e0 = wasm_v128_and(e0, mask0);
        e1 = wasm_v128_and(e1, mask1);
      }
      sums = wasm_f32x4_add(sums, wasm_f32x4_add(e0, e1));
      if (delta) {
        wasm_v128_store(delta + at, e0);
        wasm_v128_store(delta + at + 4, e1);
      }
    }
    const float sum = total(sums);
    loss += natural_log((double)sum) - (double)margin;
    if (delta) {
      const f4 share = wasm_f32x4_splat(1.0f / (sum * (float)count));
      for (uint32_t p = 0; p < panels; p++) {
        float *at = delta + (p * rows + row) * PANEL;
        wasm_v128_store(at, wasm_f32x4_mul(wasm_v128_load(at), share));
        wasm_v128_store(at + 4, wasm_f32x4_mul(wasm_v128_load(at + 4), share));
      }
      delta[((label / PANEL) * rows + row) * PANEL + label % PANEL] -= 1.0f / (float)count;
    }
  }
  if (delta) {
    for (uint32_t row = count; row < rows; row++) {
      for (uint32_t p = 0; p < panels; p++) {
        wasm_v128_store(delta + (p * rows + row) * PANEL, zero);
        wasm_v128_store(delta + (p * rows + row) * PANEL + 4, zero);
      }
    }
  }
  return loss;
}

/* How many of `count` rows have their largest logit at the label (the first on ties; NaN is never correct). */
EXPORT(countRight)
uint32_t count_right(const float *logits, const uint8_t *labels, const uint32_t *indices, uint32_t count,
                     uint32_t rows, uint32_t classes) {
  uint32_t right = 0;
  for (uint32_t row = 0; row < count; row++) {
    int32_t best = -1;
    float most = 0.0f;
    for (uint32_t c = 0; c < classes; c++) {
      const float z = value_at(logits, rows, row, c);
      if (z == z && (best < 0 || z > most)) {
        best = (int32_t)c;
        most = z;
      }
    }
    right += best == (int32_t)labels[indices[row]];
  }
  return right;
}
