/* The largest value of each window of an image, without padding. Layout: panel.h, with images as in image.c. */
#include "panel.h"

/*
 * output = the largest value of each window, per channel; chosen = which place of the window had it, line by line (the
 * first one on ties; a NaN is the largest).
 */
EXPORT(maxPool)
void max_pool(const float *image, float *output, int32_t *chosen, uint32_t images, uint32_t height, uint32_t width,
              uint32_t channels, uint32_t size, uint32_t stride) {
  const uint32_t out_height = (height - size) / stride + 1;
  const uint32_t out_width = (width - size) / stride + 1;
  for (uint32_t p = 0; p < panels_of(channels); p++) {
    for (uint32_t i = 0; i < images; i++) {
      const float *corner = image + (p * images + i) * height * width * PANEL;
      for (uint32_t y = 0; y < out_height; y++) {
        for (uint32_t x = 0; x < out_width; x++) {
          const float *from = corner + (y * width + x) * stride * PANEL;
          for (uint32_t half = 0; half < PANEL; half += 4) {
            f4 most = wasm_v128_load(from + half);
            v128_t at = wasm_i32x4_const_splat(0);
            for (uint32_t tap = 1; tap < size * size; tap++) {
              const f4 value = wasm_v128_load(from + ((tap / size) * width + tap % size) * PANEL + half);
              const v128_t is_more = wasm_v128_or(wasm_f32x4_gt(value, most), wasm_f32x4_ne(value, value));
              most = wasm_v128_bitselect(value, most, is_more);
              at = wasm_v128_bitselect(wasm_i32x4_splat((int32_t)tap), at, is_more);
            }
            wasm_v128_store(output + half, most);
            wasm_v128_store(chosen + half, at);
          }
          output += PANEL;
          chosen += PANEL;
        }
      }
    }
  }
}

/* The delta of the image: that of each output, added to the pixel that was chosen for it. */
EXPORT(maxPoolDelta)
void max_pool_delta(const float *delta, const int32_t *chosen, float *image_delta, uint32_t images, uint32_t height,
                    uint32_t width, uint32_t channels, uint32_t size, uint32_t stride) {
  const uint32_t out_height = (height - size) / stride + 1;
  const uint32_t out_width = (width - size) / stride + 1;
  for (uint32_t i = 0; i < panels_of(channels) * images * height * width * PANEL; i += 4) {
    wasm_v128_store(image_delta + i, wasm_f32x4_const_splat(0.0f));
  }
  for (uint32_t p = 0; p < panels_of(channels); p++) {
    for (uint32_t i = 0; i < images; i++) {
      float *corner = image_delta + (p * images + i) * height * width * PANEL;
      for (uint32_t y = 0; y < out_height; y++) {
        for (uint32_t x = 0; x < out_width; x++) {
          float *to = corner + (y * width + x) * stride * PANEL;
          for (uint32_t half = 0; half < PANEL; half += 4) {
            const f4 d = wasm_v128_load(delta + half);
            const v128_t at = wasm_v128_load(chosen + half);
            for (uint32_t tap = 0; tap < size * size; tap++) {
              float *sum = to + ((tap / size) * width + tap % size) * PANEL + half;
              const f4 share = wasm_v128_and(d, wasm_i32x4_eq(at, wasm_i32x4_splat((int32_t)tap)));
              wasm_v128_store(sum, wasm_f32x4_add(wasm_v128_load(sum), share));
            }
          }
          delta += PANEL;
          chosen += PANEL;
        }
      }
    }
  }
}
