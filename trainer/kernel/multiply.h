/* The product of two matrices. Layout: panel.h. */
#pragma once

#include "panel.h"

/* Transposes 4 x 4 numbers; a row of `from` is `from_step` floats after the previous one. */
INLINE void transpose4(const float *from, uint32_t from_step, float *to, uint32_t to_step) {
  const f4 r0 = wasm_v128_load(from);
  const f4 r1 = wasm_v128_load(from + from_step);
  const f4 r2 = wasm_v128_load(from + 2 * from_step);
  const f4 r3 = wasm_v128_load(from + 3 * from_step);
  const f4 a = wasm_i32x4_shuffle(r0, r1, 0, 4, 1, 5);
  const f4 b = wasm_i32x4_shuffle(r0, r1, 2, 6, 3, 7);
  const f4 c = wasm_i32x4_shuffle(r2, r3, 0, 4, 1, 5);
  const f4 d = wasm_i32x4_shuffle(r2, r3, 2, 6, 3, 7);
  wasm_v128_store(to, wasm_i32x4_shuffle(a, c, 0, 1, 4, 5));
  wasm_v128_store(to + to_step, wasm_i32x4_shuffle(a, c, 2, 3, 6, 7));
  wasm_v128_store(to + 2 * to_step, wasm_i32x4_shuffle(b, d, 0, 1, 4, 5));
  wasm_v128_store(to + 3 * to_step, wasm_i32x4_shuffle(b, d, 2, 3, 6, 7));
}

/*
 * sums += a * b; a is rows x 8 inner_panels, b is 8 inner_panels x 8 panels. The panels of `sums` and of `a` may be
 * longer than `rows`: they have `sums_rows` and `a_rows` rows, of which the first ones from the address on are used.
 */
void multiply(float *sums, uint32_t sums_rows, const float *a, uint32_t a_rows, const float *b, uint32_t rows,
              uint32_t inner_panels, uint32_t panels);
