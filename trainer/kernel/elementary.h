/*
 * exp, tanh, the logistic function and log, the same bits on every machine (the engine's own Math functions may differ
 * between versions). Polynomials and argument reduction: Cephes (Moshier), expf and tanhf; about 1 ulp. NaN stays NaN.
 */
#pragma once

#include "panel.h"

INLINE f4 exp4(f4 x) {
  x = wasm_f32x4_min(wasm_f32x4_max(x, wasm_f32x4_const_splat(-87.3f)), wasm_f32x4_const_splat(88.3f));
  const f4 n = wasm_f32x4_nearest(wasm_f32x4_mul(x, wasm_f32x4_const_splat(1.44269504088896341f)));
  f4 r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, wasm_f32x4_const_splat(0.693359375f)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_f32x4_const_splat(-2.12194440e-4f)));
  f4 y = wasm_f32x4_const_splat(1.9875691500e-4f);
  y = wasm_f32x4_add(wasm_f32x4_mul(y, r), wasm_f32x4_const_splat(1.3981999507e-3f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, r), wasm_f32x4_const_splat(8.3334519073e-3f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, r), wasm_f32x4_const_splat(4.1665795894e-2f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, r), wasm_f32x4_const_splat(1.6666665459e-1f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, r), wasm_f32x4_const_splat(5.0000001201e-1f));
  y = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(y, r), r), r);
  y = wasm_f32x4_add(y, wasm_f32x4_const_splat(1.0f));
  const v128_t exponent = wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_const_splat(127));
  return wasm_f32x4_mul(y, wasm_i32x4_shl(exponent, 23));
}

INLINE f4 logistic4(f4 x) {
  const f4 one = wasm_f32x4_const_splat(1.0f);
  return wasm_f32x4_div(one, wasm_f32x4_add(one, exp4(wasm_f32x4_neg(x))));
}

INLINE f4 tanh4(f4 x) {
  const f4 one = wasm_f32x4_const_splat(1.0f);
  const f4 size = wasm_f32x4_abs(x);
  const f4 e = exp4(wasm_f32x4_add(size, size));
  f4 large = wasm_f32x4_sub(one, wasm_f32x4_div(wasm_f32x4_const_splat(2.0f), wasm_f32x4_add(e, one)));
  large = wasm_v128_or(large, wasm_v128_and(x, wasm_i32x4_const_splat((int32_t)0x80000000)));
  const f4 z = wasm_f32x4_mul(x, x);
  f4 y = wasm_f32x4_const_splat(-5.70498872745e-3f);
  y = wasm_f32x4_add(wasm_f32x4_mul(y, z), wasm_f32x4_const_splat(2.06390887954e-2f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, z), wasm_f32x4_const_splat(-5.37397155531e-2f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, z), wasm_f32x4_const_splat(1.33314422036e-1f));
  y = wasm_f32x4_add(wasm_f32x4_mul(y, z), wasm_f32x4_const_splat(-3.33332819422e-1f));
  const f4 small = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(y, z), x), x);
  return wasm_v128_bitselect(large, small, wasm_f32x4_ge(size, wasm_f32x4_const_splat(0.625f)));
}

/* For finite x >= 1, and NaN: x = 2^e * m with m near 1, log m by the series of the inverse hyperbolic tangent. */
INLINE double natural_log(double x) {
  if (x != x) return x;
  union {
    double value;
    uint64_t bits;
  } split = {x};
  int32_t e = (int32_t)(split.bits >> 52) - 1023;
  split.bits = (split.bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
  if (split.value > 1.4142135623730951) {
    split.value *= 0.5;
    e += 1;
  }
  const double s = (split.value - 1.0) / (split.value + 1.0);
  const double z = s * s;
  double series = 0.0;
  for (int32_t k = 21; k >= 1; k -= 2) series = series * z + 1.0 / (double)k;
  return (double)e * 0.6931471805599453 + 2.0 * s * series;
}
