/*
 * Batch normalization (Ioffe and Szegedy 2015) of each column over the rows of a batch. Sums are in double precision, in
 * order of rows. Layout: panel.h; arrays with a number per column are rows of panels.
 */
#include "activation.h"

/* Sums of a panel's 8 columns. */
struct sums {
  v128_t of[4];
};

INLINE struct sums no_sums(void) {
  const v128_t zero = wasm_f64x2_const_splat(0.0);
  const struct sums s = {{zero, zero, zero, zero}};
  return s;
}

INLINE v128_t upper(f4 x) { return wasm_i32x4_shuffle(x, x, 2, 3, 0, 1); }

INLINE void add_to(struct sums *s, f4 x0, f4 x1) {
  s->of[0] = wasm_f64x2_add(s->of[0], wasm_f64x2_promote_low_f32x4(x0));
  s->of[1] = wasm_f64x2_add(s->of[1], wasm_f64x2_promote_low_f32x4(upper(x0)));
  s->of[2] = wasm_f64x2_add(s->of[2], wasm_f64x2_promote_low_f32x4(x1));
  s->of[3] = wasm_f64x2_add(s->of[3], wasm_f64x2_promote_low_f32x4(upper(x1)));
}

/* The sums times `by`, as 8 floats. */
INLINE void store_sums(float *to, const struct sums *s, double by) {
  for (uint32_t i = 0; i < 4; i++) {
    const v128_t scaled = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_mul(s->of[i], wasm_f64x2_splat(by)));
    wasm_v128_store64_lane(to + 2 * i, scaled, 0);
  }
}

/* output = activation((input - mean) * spread * scale + shift), and zero beyond the true columns. */
INLINE void apply(const float *input, const float *scale, const float *shift, const float *mean, const float *spread,
                  float *output, uint32_t rows, uint32_t columns, uint32_t panel, uint32_t activation) {
  for (uint32_t half = 0; half < PANEL; half += 4) {
    const uint32_t column = panel * PANEL + half;
    const f4 mask = column_mask(panel, half, columns);
    const f4 middle = wasm_v128_load(mean + column);
    const f4 by = wasm_f32x4_mul(wasm_v128_load(spread + column), wasm_v128_load(scale + column));
    const f4 plus = wasm_v128_load(shift + column);
    const float *from = input + panel * rows * PANEL + half;
    float *to = output + panel * rows * PANEL + half;
    for (uint32_t row = 0; row < rows; row++, from += PANEL, to += PANEL) {
      const f4 y = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(from), middle), by), plus);
      wasm_v128_store(to, wasm_v128_and(activate(y, activation), mask));
    }
  }
}

/* spread = 1 / sqrt(variance + epsilon), of a panel. */
INLINE void spread_of(const float *variance, float *spread, float epsilon) {
  for (uint32_t half = 0; half < PANEL; half += 4) {
    const f4 sum = wasm_f32x4_add(wasm_v128_load(variance + half), wasm_f32x4_splat(epsilon));
    wasm_v128_store(spread + half, wasm_f32x4_div(wasm_f32x4_const_splat(1.0f), wasm_f32x4_sqrt(sum)));
  }
}

/* running += (latest * correction - running) * momentum, of a panel. */
INLINE void follow(float *running, const float *latest, float correction, float momentum) {
  for (uint32_t half = 0; half < PANEL; half += 4) {
    const f4 r = wasm_v128_load(running + half);
    const f4 l = wasm_f32x4_mul(wasm_v128_load(latest + half), wasm_f32x4_splat(correction));
    wasm_v128_store(running + half,
                    wasm_f32x4_add(r, wasm_f32x4_mul(wasm_f32x4_sub(l, r), wasm_f32x4_splat(momentum))));
  }
}

/*
 * Normalizes by the mean and variance of the first `count` rows, which it leaves in `mean` and, as 1 / sqrt(variance +
 * epsilon), in `spread`. The running mean and variance follow by `momentum`; the latter the unbiased variance, and not
 * if there is only one row.
 */
EXPORT(normalizeBatch)
void normalize_batch(const float *input, const float *scale, const float *shift, float *mean, float *spread,
                     float *running_mean, float *running_variance, float *output, uint32_t count, uint32_t rows,
                     uint32_t columns, float epsilon, float momentum, uint32_t activation) {
  for (uint32_t p = 0; p < panels_of(columns); p++) {
    const uint32_t column = p * PANEL;
    const float *from = input + p * rows * PANEL;
    struct sums total = no_sums();
    for (uint32_t row = 0; row < count; row++) {
      add_to(&total, wasm_v128_load(from + row * PANEL), wasm_v128_load(from + row * PANEL + 4));
    }
    store_sums(mean + column, &total, 1.0 / (double)count);
    const f4 mean0 = wasm_v128_load(mean + column);
    const f4 mean1 = wasm_v128_load(mean + column + 4);
    struct sums squares = no_sums();
    for (uint32_t row = 0; row < count; row++) {
      const f4 x0 = wasm_f32x4_sub(wasm_v128_load(from + row * PANEL), mean0);
      const f4 x1 = wasm_f32x4_sub(wasm_v128_load(from + row * PANEL + 4), mean1);
      add_to(&squares, wasm_f32x4_mul(x0, x0), wasm_f32x4_mul(x1, x1));
    }
    float variance[PANEL] __attribute__((aligned(16)));
    store_sums(variance, &squares, 1.0 / (double)count);
    follow(running_mean + column, mean + column, 1.0f, momentum);
    if (count > 1) {
      follow(running_variance + column, variance, (float)count / (float)(count - 1), momentum);
    }
    spread_of(variance, spread + column, epsilon);
    apply(input, scale, shift, mean, spread, output, rows, columns, p, activation);
  }
}

/* Normalizes by the running mean and variance; `spread` is room for a number per column. */
EXPORT(normalizeByRunning)
void normalize_by_running(const float *input, const float *scale, const float *shift, float *spread,
                          const float *running_mean, const float *running_variance, float *output, uint32_t rows,
                          uint32_t columns, float epsilon, uint32_t activation) {
  for (uint32_t p = 0; p < panels_of(columns); p++) {
    spread_of(running_variance + p * PANEL, spread + p * PANEL, epsilon);
    apply(input, scale, shift, running_mean, spread, output, rows, columns, p, activation);
  }
}

/*
 * The gradients of scale and shift, and the delta of the input: of normalizeBatch's first `count` rows; the other rows'
 * becomes zero.
 */
EXPORT(normalizeDelta)
void normalize_delta(const float *input, const float *delta, const float *scale, const float *mean,
                     const float *spread, float *scale_gradient, float *shift_gradient, float *input_delta,
                     uint32_t count, uint32_t rows, uint32_t columns) {
  for (uint32_t p = 0; p < panels_of(columns); p++) {
    const uint32_t column = p * PANEL;
    const f4 mean0 = wasm_v128_load(mean + column), mean1 = wasm_v128_load(mean + column + 4);
    const f4 spread0 = wasm_v128_load(spread + column), spread1 = wasm_v128_load(spread + column + 4);
    const float *from = input + p * rows * PANEL;
    const float *d = delta + p * rows * PANEL;
    struct sums shifts = no_sums(), scales = no_sums();
    for (uint32_t row = 0; row < count; row++) {
      const f4 d0 = wasm_v128_load(d + row * PANEL), d1 = wasm_v128_load(d + row * PANEL + 4);
      const f4 x0 = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(from + row * PANEL), mean0), spread0);
      const f4 x1 = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(from + row * PANEL + 4), mean1), spread1);
      add_to(&shifts, d0, d1);
      add_to(&scales, wasm_f32x4_mul(d0, x0), wasm_f32x4_mul(d1, x1));
    }
    store_sums(shift_gradient + column, &shifts, 1.0);
    store_sums(scale_gradient + column, &scales, 1.0);
    if (!input_delta) continue;
    const f4 share = wasm_f32x4_splat(1.0f / (float)count);
    for (uint32_t half = 0; half < PANEL; half += 4) {
      const f4 middle = half ? mean1 : mean0, by = half ? spread1 : spread0;
      const f4 shift = wasm_f32x4_mul(wasm_v128_load(shift_gradient + column + half), share);
      const f4 tilt = wasm_f32x4_mul(wasm_v128_load(scale_gradient + column + half), share);
      const f4 times = wasm_f32x4_mul(wasm_v128_load(scale + column + half), by);
      float *to = input_delta + p * rows * PANEL + half;
      for (uint32_t row = 0; row < count; row++) {
        const f4 x = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(from + row * PANEL + half), middle), by);
        const f4 rest = wasm_f32x4_sub(wasm_f32x4_sub(wasm_v128_load(d + row * PANEL + half), shift), wasm_f32x4_mul(x, tilt));
        wasm_v128_store(to + row * PANEL, wasm_f32x4_mul(rest, times));
      }
      for (uint32_t row = count; row < rows; row++) wasm_v128_store(to + row * PANEL, wasm_f32x4_const_splat(0.0f));
    }
  }
}
