/*
 * Images: a batch of them is a matrix with a row for each pixel (image after image, line after line) and a column for
 * each channel. Layout: panel.h.
 */
#include "panel.h"

/*
 * output[pixel of image] = samples[indices[image]] * scale for `count` images; the pixels of images up to `rows` become
 * zero. A sample has `pixels` x `channels` bytes; 8 readable bytes follow the last one.
 */
EXPORT(gatherImages)
void gather_images(const uint8_t *samples, const uint32_t *indices, float *output, uint32_t count, uint32_t rows,
                   uint32_t pixels, uint32_t channels, float scale) {
  const f4 by = wasm_f32x4_splat(scale);
  for (uint32_t p = 0; p < panels_of(channels); p++) {
    const f4 mask0 = column_mask(p, 0, channels);
    const f4 mask1 = column_mask(p, 4, channels);
    float *to = output + p * rows * pixels * PANEL;
    for (uint32_t image = 0; image < count; image++) {
      const uint8_t *from = samples + indices[image] * pixels * channels + p * PANEL;
      for (uint32_t pixel = 0; pixel < pixels; pixel++) {
        const v128_t wide = wasm_u16x8_load8x8(from);
        const f4 x0 = wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wide));
        const f4 x1 = wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(wide));
        wasm_v128_store(to, wasm_v128_and(wasm_f32x4_mul(x0, by), mask0));
        wasm_v128_store(to + 4, wasm_v128_and(wasm_f32x4_mul(x1, by), mask1));
        from += channels;
        to += PANEL;
      }
    }
    const float *end = output + (p + 1) * rows * pixels * PANEL;
    for (; to != end; to += 4) wasm_v128_store(to, wasm_f32x4_const_splat(0.0f));
  }
}

/* Where element (row, column) of a matrix of `rows` rows is. */
INLINE uint32_t place(uint32_t rows, uint32_t row, uint32_t column) {
  return ((column / PANEL) * rows + row) * PANEL + column % PANEL;
}

/*
 * Lays images out as time steps: row t * images + i of `steps` has line t of image i, its pixels one after the other,
 * each with all channels. An image of a single line becomes one row, as dense layers want it.
 */
EXPORT(imagesToSteps)
void images_to_steps(const float *images, float *steps, uint32_t rows, uint32_t height, uint32_t width,
                     uint32_t channels) {
  const uint32_t pixels = rows * height * width;
  clear_last_panel(steps, rows * height, width * channels);
  for (uint32_t t = 0; t < height; t++) {
    for (uint32_t x = 0; x < width; x++) {
      for (uint32_t c = 0; c < channels; c += PANEL) {
        const uint32_t most = channels - c < PANEL ? channels - c : PANEL;
        const float *from = images + place(pixels, t * width + x, c);
        for (uint32_t i = 0; i < most; i++) {
          float *to = steps + place(rows * height, t * rows, x * channels + c + i);
          for (uint32_t row = 0; row < rows; row++) to[row * PANEL] = from[row * height * width * PANEL + i];
        }
      }
    }
  }
}

/* The way back: the elements of `steps` to where imagesToSteps took them from. */
EXPORT(stepsToImages)
void steps_to_images(const float *steps, float *images, uint32_t rows, uint32_t height, uint32_t width,
                     uint32_t channels) {
  const uint32_t pixels = rows * height * width;
  clear_last_panel(images, pixels, channels);
  for (uint32_t t = 0; t < height; t++) {
    for (uint32_t x = 0; x < width; x++) {
      for (uint32_t c = 0; c < channels; c += PANEL) {
        const uint32_t most = channels - c < PANEL ? channels - c : PANEL;
        float *to = images + place(pixels, t * width + x, c);
        for (uint32_t i = 0; i < most; i++) {
          const float *from = steps + place(rows * height, t * rows, x * channels + c + i);
          for (uint32_t row = 0; row < rows; row++) to[row * height * width * PANEL + i] = from[row * PANEL];
        }
      }
    }
  }
}
