/* A network's input: samples gathered by index. Layout: panel.h. */
#include "panel.h"

/*
 * output[row] = samples[indices[row]] * scale + shift for `count` rows; rows up to `rows` become zero. Samples
 * are bytes, `inputs` each, one after the other, with 8 readable bytes after the last one.
 */
EXPORT(gatherBytes)
void gather_bytes(const uint8_t *samples, const uint32_t *indices, float *output, uint32_t count, uint32_t rows,
                  uint32_t inputs, float scale, float shift) {
  const f4 by = wasm_f32x4_splat(scale);
  const f4 plus = wasm_f32x4_splat(shift);
  const uint32_t panels = panels_of(inputs);
  for (uint32_t p = 0; p < panels; p++) {
    const f4 mask0 = column_mask(p, 0, inputs);
    const f4 mask1 = column_mask(p, 4, inputs);
    float *to = output + p * rows * PANEL;
    for (uint32_t row = 0; row < count; row++) {
      const v128_t wide = wasm_u16x8_load8x8(samples + indices[row] * inputs + p * PANEL);
      const f4 x0 = wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wide));
      const f4 x1 = wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(wide));
      wasm_v128_store(to + row * PANEL, wasm_v128_and(wasm_f32x4_add(wasm_f32x4_mul(x0, by), plus), mask0));
      wasm_v128_store(to + (row * PANEL + 4), wasm_v128_and(wasm_f32x4_add(wasm_f32x4_mul(x1, by), plus), mask1));
    }
    for (uint32_t i = count * PANEL; i < rows * PANEL; i += 4) wasm_v128_store(to + i, wasm_f32x4_const_splat(0.0f));
  }
}
