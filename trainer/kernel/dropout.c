/* Dropout, and the derivative of an activation by itself. Layout: panel.h. */
#include "activation.h"

/* Murmur3's finalizer, as in random.ts. */
INLINE v128_t mix(v128_t x) {
  v128_t z = wasm_i32x4_mul(wasm_v128_xor(x, wasm_u32x4_shr(x, 16)), wasm_i32x4_const_splat((int32_t)0x85ebca6b));
  z = wasm_i32x4_mul(wasm_v128_xor(z, wasm_u32x4_shr(z, 13)), wasm_i32x4_const_splat((int32_t)0xc2b2ae35));
  return wasm_v128_xor(z, wasm_u32x4_shr(z, 16));
}

/*
 * output = input * scale where mix(mix(row * columns + column + first) + second) >= threshold, otherwise 0: the same
 * elements for the same two keys, however the matrix is laid out.
 */
EXPORT(dropout)
void dropout(const float *input, float *output, uint32_t rows, uint32_t columns, uint32_t first, uint32_t second,
             uint32_t threshold, float scale) {
  const f4 by = wasm_f32x4_splat(scale);
  const v128_t plus = wasm_i32x4_splat((int32_t)second);
  const v128_t least = wasm_i32x4_splat((int32_t)threshold);
  for (uint32_t p = 0; p < panels_of(columns); p++) {
    for (uint32_t row = 0; row < rows; row++) {
      const uint32_t at = (p * rows + row) * PANEL;
      for (uint32_t half = 0; half < PANEL; half += 4) {
        const uint32_t element = row * columns + p * PANEL + half + first;
        const v128_t index = wasm_i32x4_add(wasm_i32x4_splat((int32_t)element), wasm_i32x4_const(0, 1, 2, 3));
        const v128_t is_kept = wasm_u32x4_ge(mix(wasm_i32x4_add(mix(index), plus)), least);
        const f4 value = wasm_f32x4_mul(wasm_v128_load(input + at + half), by);
        wasm_v128_store(output + at + half, wasm_v128_and(value, is_kept));
      }
    }
  }
}

/* delta = delta o activation'(output), for `count` numbers (a multiple of 4). */
EXPORT(deactivate)
void deactivate_all(float *delta, const float *output, uint32_t count, uint32_t activation) {
  if (activation == LINEAR) return;
  for (uint32_t i = 0; i < count; i += 4) {
    wasm_v128_store(delta + i, deactivate(wasm_v128_load(delta + i), wasm_v128_load(output + i), activation));
  }
}
