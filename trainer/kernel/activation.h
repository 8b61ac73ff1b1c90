/* The functions of units, and their derivatives. */
#pragma once

#include "elementary.h"

/* Codes shared with network.ts. */
enum { LINEAR = 0, RELU = 1, TANH = 2, SIGMOID = 3 };

INLINE f4 activate(f4 x, uint32_t activation) {
  switch (activation) {
    case RELU: {
      /* Not max(0, x): a NaN must stay one. */
      const f4 zero = wasm_f32x4_const_splat(0.0f);
      return wasm_v128_andnot(x, wasm_f32x4_lt(x, zero));
    }
    case TANH:
      return tanh4(x);
    case SIGMOID:
      return logistic4(x);
    default:
      return x;
  }
}

/* The derivative of an activation, from its own output `y`, times `delta`. */
INLINE f4 deactivate(f4 delta, f4 y, uint32_t activation) {
  const f4 one = wasm_f32x4_const_splat(1.0f);
  switch (activation) {
    case RELU:
      return wasm_v128_and(delta, wasm_f32x4_gt(y, wasm_f32x4_const_splat(0.0f)));
    case TANH:
      return wasm_f32x4_mul(delta, wasm_f32x4_sub(one, wasm_f32x4_mul(y, y)));
    case SIGMOID:
      return wasm_f32x4_mul(delta, wasm_f32x4_mul(y, wasm_f32x4_sub(one, y)));
    default:
      return delta;
  }
}
