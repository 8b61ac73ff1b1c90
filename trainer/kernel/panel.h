/*
 * The memory layout shared by every function of the kernel.
 *
 * A matrix of `rows` x `columns` 32-bit floats is kept in panels of 8 columns: panel p holds columns 8p to
 * 8p+7 of every row, row after row, so element (r, c) is at ((c / 8) * rows + r) * 8 + c % 8. All inner loops
 * then walk memory without gaps, whatever the width.
 *
 * What lies beyond the true width of the last panel is zero, in weights, biases, activations and deltas alike; each
 * function preserves that, and none needs a loop for the rest. Rows of a batch are filled up to a multiple of 4: the
 * activations of rows beyond the batch are never read for a result, their deltas are zero.
 */
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#define PANEL 8
#define TILE_ROWS 4
#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef v128_t f4;

INLINE uint32_t panels_of(uint32_t columns) { return (columns + PANEL - 1) / PANEL; }

/* All bits set in the lanes of a panel that hold one of `columns` true columns; `first` is 0 or 4. */
INLINE f4 column_mask(uint32_t panel, uint32_t first, uint32_t columns) {
  const v128_t column = wasm_i32x4_add(wasm_i32x4_splat((int32_t)(panel * PANEL + first)), wasm_i32x4_const(0, 1, 2, 3));
  return wasm_i32x4_lt(column, wasm_i32x4_splat((int32_t)columns));
}

/* Zeroes the last panel of a matrix whose columns do not fill it, for those who then write single columns. */
INLINE void clear_last_panel(float *matrix, uint32_t rows, uint32_t columns) {
  if (columns % PANEL == 0) return;
  float *last = matrix + (columns / PANEL) * rows * PANEL;
  for (uint32_t i = 0; i < rows * PANEL; i += 4) wasm_v128_store(last + i, wasm_f32x4_const_splat(0.0f));
}

/* Keeps a value in a local variable at this point, so that the compiler does not reorder the sums below. */
#define PIN(value) __asm__ volatile("" : "+r"(value))

/* sum + x * y: rounded twice or, in the build with relaxed SIMD, as the machine does it, once where it can. */
#ifdef __wasm_relaxed_simd__
INLINE f4 multiply_add(f4 x, f4 y, f4 sum) {
  return (f4)__builtin_wasm_relaxed_madd_f32x4((__f32x4)x, (__f32x4)y, (__f32x4)sum);
}
#else
INLINE f4 multiply_add(f4 x, f4 y, f4 sum) { return wasm_f32x4_add(sum, wasm_f32x4_mul(x, y)); }
#endif

/*
 * sums += a * b over `inner` > 0 steps, for a tile of 4 rows x 8 columns: step k multiplies the 4 numbers at
 * a + k * a_step with the 8 at b + k * 8. The eight sums, the two halves of b and four broadcasts are what the
 * 16 registers of x86-64 hold; the loop is deliberately not unrolled, since the engine moves all loads of a loop
 * body to its front, and two steps' worth then goes through the stack (1.3 times slower on Node 20). Each sum is
 * in order of k whatever the size of a batch or a block, so results do not depend on either.
 */
INLINE void multiply_tile(f4 sums[TILE_ROWS][2], const float *a, uint32_t a_step, const float *b, uint32_t inner) {
  const float *end = b + inner * PANEL;
#pragma clang loop unroll(disable)
  do {
    const f4 b0 = wasm_v128_load(b);
    const f4 b1 = wasm_v128_load(b + 4);
#pragma clang loop unroll(full)
    for (uint32_t r = 0; r < TILE_ROWS; r++) {
      const f4 x = wasm_v128_load32_splat(a + r);
      sums[r][0] = multiply_add(x, b0, sums[r][0]);
      PIN(sums[r][0]);
      sums[r][1] = multiply_add(x, b1, sums[r][1]);
      PIN(sums[r][1]);
    }
    a += a_step;
    b += PANEL;
  } while (b != end);
}
