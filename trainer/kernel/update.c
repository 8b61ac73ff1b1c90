/*
 * Gradients of weights and biases, and how the optimizers use them. The gradient of a tile is consumed while it is
 * still in registers, so the matrix of gradients is never written. Layout: panel.h. L2 applies to weights, not to
 * biases.
 */
#include "panel.h"

enum optimizer { SGD, ADAM };

struct rates {
  f4 l2;
  /* SGD */
  f4 rate, momentum;
  /* Adam */
  f4 beta1, beta2, rest1, rest2, step, correction, epsilon;
};

/* Classical momentum (Sutskever et al. 2013, eq. 1 and 2): v = momentum v - rate g; w = w + v. */
INLINE void apply_sgd(float *weights, float *velocity, f4 gradient, f4 l2, const struct rates *by) {
  const f4 w = wasm_v128_load(weights);
  const f4 g = wasm_f32x4_add(gradient, wasm_f32x4_mul(l2, w));
  const f4 v = wasm_f32x4_sub(wasm_f32x4_mul(by->momentum, wasm_v128_load(velocity)), wasm_f32x4_mul(by->rate, g));
  wasm_v128_store(velocity, v);
  wasm_v128_store(weights, wasm_f32x4_add(w, v));
}

/*
 * Adam (Kingma and Ba 2015, algorithm 1). The caller passes step = rate / (1 - beta1^t) and
 * correction = 1 / sqrt(1 - beta2^t).
 */
INLINE void apply_adam(float *weights, float *first, float *second, f4 gradient, f4 l2, const struct rates *by) {
  const f4 w = wasm_v128_load(weights);
  const f4 g = wasm_f32x4_add(gradient, wasm_f32x4_mul(l2, w));
  const f4 m = wasm_f32x4_add(wasm_f32x4_mul(by->beta1, wasm_v128_load(first)), wasm_f32x4_mul(by->rest1, g));
  const f4 v = wasm_f32x4_add(wasm_f32x4_mul(by->beta2, wasm_v128_load(second)),
                              wasm_f32x4_mul(by->rest2, wasm_f32x4_mul(g, g)));
  const f4 below = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_sqrt(v), by->correction), by->epsilon);
  wasm_v128_store(first, m);
  wasm_v128_store(second, v);
  wasm_v128_store(weights, wasm_f32x4_sub(w, wasm_f32x4_div(wasm_f32x4_mul(by->step, m), below)));
}

INLINE void apply(enum optimizer kind, float *weights, float *first, float *second, f4 gradient, f4 l2,
                  const struct rates *by) {
  if (kind == SGD) apply_sgd(weights, first, gradient, l2, by);
  if (kind == ADAM) apply_adam(weights, first, second, gradient, l2, by);
}

/* One tile of 4 inputs x 8 outputs at a time: the sum over the batch of input times delta. */
INLINE void each_weight(enum optimizer kind, const float *input, const float *delta, float *weights, float *first,
                        float *second, uint32_t rows, uint32_t inputs, uint32_t outputs, const struct rates *by) {
  const uint32_t input_panels = panels_of(inputs);
  for (uint32_t q = 0; q < panels_of(outputs); q++) {
    for (uint32_t i = 0; i < input_panels * PANEL; i += TILE_ROWS) {
      const float *x = input + (i / PANEL) * rows * PANEL + i % PANEL;
      const float *d = delta + q * rows * PANEL;
      const f4 zero = wasm_f32x4_const_splat(0.0f);
      f4 sums[TILE_ROWS][2] = {{zero, zero}, {zero, zero}, {zero, zero}, {zero, zero}};
      multiply_tile(sums, x, PANEL, d, rows);
      const uint32_t at = (q * input_panels * PANEL + i) * PANEL;
#pragma clang loop unroll(full)
      for (uint32_t k = 0; k < TILE_ROWS * 2; k++) {
        apply(kind, weights + (at + k * 4), first + (at + k * 4), second + (at + k * 4), sums[k / 2][k % 2], by->l2, by);
      }
    }
  }
}

INLINE void each_bias(enum optimizer kind, const float *delta, float *bias, float *first, float *second,
                      uint32_t rows, uint32_t outputs, const struct rates *by) {
  const f4 zero = wasm_f32x4_const_splat(0.0f);
  for (uint32_t q = 0; q < panels_of(outputs); q++) {
    f4 sum0 = zero, sum1 = zero;
    for (uint32_t row = 0; row < rows; row++) {
      sum0 = wasm_f32x4_add(sum0, wasm_v128_load(delta + (q * rows + row) * PANEL));
      sum1 = wasm_f32x4_add(sum1, wasm_v128_load(delta + (q * rows + row) * PANEL + 4));
    }
    const uint32_t at = q * PANEL;
    apply(kind, bias + at, first + at, second + at, sum0, zero, by);
    apply(kind, bias + at + 4, first + at + 4, second + at + 4, sum1, zero, by);
  }
}

EXPORT(sgdStep)
void sgd_step(const float *input, const float *delta, float *weights, float *bias, float *velocity,
              float *bias_velocity, uint32_t rows, uint32_t inputs, uint32_t outputs, float rate, float momentum,
              float l2) {
  const struct rates by = {
      .l2 = wasm_f32x4_splat(l2), .rate = wasm_f32x4_splat(rate), .momentum = wasm_f32x4_splat(momentum)};
  each_weight(SGD, input, delta, weights, velocity, velocity, rows, inputs, outputs, &by);
  each_bias(SGD, delta, bias, bias_velocity, bias_velocity, rows, outputs, &by);
}

EXPORT(adamStep)
void adam_step(const float *input, const float *delta, float *weights, float *bias, float *first, float *bias_first,
               float *second, float *bias_second, uint32_t rows, uint32_t inputs, uint32_t outputs, float step,
               float correction, float beta1, float beta2, float rest1, float rest2, float epsilon, float l2) {
  const struct rates by = {.l2 = wasm_f32x4_splat(l2),
                           .beta1 = wasm_f32x4_splat(beta1),
                           .beta2 = wasm_f32x4_splat(beta2),
                           .rest1 = wasm_f32x4_splat(rest1),
                           .rest2 = wasm_f32x4_splat(rest2),
                           .step = wasm_f32x4_splat(step),
                           .correction = wasm_f32x4_splat(correction),
                           .epsilon = wasm_f32x4_splat(epsilon)};
  each_weight(ADAM, input, delta, weights, first, second, rows, inputs, outputs, &by);
  each_bias(ADAM, delta, bias, bias_first, bias_second, rows, outputs, &by);
}

/* `count` numbers (a multiple of 4) by their gradient, without L2. */
EXPORT(sgdNumbers)
void sgd_numbers(const float *gradient, float *numbers, float *velocity, uint32_t count, float rate, float momentum) {
  const struct rates by = {.rate = wasm_f32x4_splat(rate), .momentum = wasm_f32x4_splat(momentum)};
  for (uint32_t i = 0; i < count; i += 4) {
    apply(SGD, numbers + i, velocity + i, velocity + i, wasm_v128_load(gradient + i), wasm_f32x4_const_splat(0.0f), &by);
  }
}

EXPORT(adamNumbers)
void adam_numbers(const float *gradient, float *numbers, float *first, float *second, uint32_t count, float step,
                  float correction, float beta1, float beta2, float rest1, float rest2, float epsilon) {
  const struct rates by = {.beta1 = wasm_f32x4_splat(beta1),
                           .beta2 = wasm_f32x4_splat(beta2),
                           .rest1 = wasm_f32x4_splat(rest1),
                           .rest2 = wasm_f32x4_splat(rest2),
                           .step = wasm_f32x4_splat(step),
                           .correction = wasm_f32x4_splat(correction),
                           .epsilon = wasm_f32x4_splat(epsilon)};
  for (uint32_t i = 0; i < count; i += 4) {
    apply(ADAM, numbers + i, first + i, second + i, wasm_v128_load(gradient + i), wasm_f32x4_const_splat(0.0f), &by);
  }
}
