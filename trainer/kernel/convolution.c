/*
 * Convolutions as products of matrices: each output pixel is a row with what its window sees, the window's places line
 * by line, each with all channels; a window of `size` x `size` moves by `stride`, over images with `padding` zeros
 * around them. Layout: panel.h, with images as in image.c.
 */
#include "panel.h"

struct window {
  uint32_t height, width, channels, size, stride, padding, out_height, out_width;
};

INLINE struct window window_of(uint32_t height, uint32_t width, uint32_t channels, uint32_t size, uint32_t stride,
                               uint32_t padding) {
  const struct window w = {height,
                           width,
                           channels,
                           size,
                           stride,
                           padding,
                           (height + 2 * padding - size) / stride + 1,
                           (width + 2 * padding - size) / stride + 1};
  return w;
}

/* The first output place along an axis at which tap `k` of the window is inside of an image of `length`. */
INLINE uint32_t first_inside(const struct window *w, uint32_t k) {
  return k >= w->padding ? 0 : (w->padding - k + w->stride - 1) / w->stride;
}

/* The first output place from which on tap `k` is beyond the image, at most `outputs`. */
INLINE uint32_t first_beyond(const struct window *w, uint32_t k, uint32_t length, uint32_t outputs) {
  if (length + w->padding <= k) return 0;
  const uint32_t beyond = (length + w->padding - k + w->stride - 1) / w->stride;
  return beyond < outputs ? beyond : outputs;
}

/* One panel of columns for a tap at (ky, kx), from whole panels of channels. */
INLINE void copy_panel(const float *image, float *to, uint32_t images, const struct window *w, uint32_t ky, uint32_t kx) {
  const f4 zero = wasm_f32x4_const_splat(0.0f);
  const uint32_t top = first_inside(w, ky), bottom = first_beyond(w, ky, w->height, w->out_height);
  const uint32_t left = first_inside(w, kx), right = first_beyond(w, kx, w->width, w->out_width);
  for (uint32_t i = 0; i < images; i++) {
    for (uint32_t y = 0; y < w->out_height; y++) {
      const uint32_t is_inside = y >= top && y < bottom;
      const uint32_t from = is_inside ? left : w->out_width;
      const uint32_t until = is_inside ? right : w->out_width;
      uint32_t x = 0;
      for (; x < from && x < w->out_width; x++, to += PANEL) {
        wasm_v128_store(to, zero);
        wasm_v128_store(to + 4, zero);
      }
      if (x < until) {
        const uint32_t line = i * w->height + y * w->stride + ky - w->padding;
        const float *at = image + (line * w->width + x * w->stride + kx - w->padding) * PANEL;
        for (; x < until; x++, to += PANEL, at += w->stride * PANEL) {
          wasm_v128_store(to, wasm_v128_load(at));
          wasm_v128_store(to + 4, wasm_v128_load(at + 4));
        }
      }
      for (; x < w->out_width; x++, to += PANEL) {
        wasm_v128_store(to, zero);
        wasm_v128_store(to + 4, zero);
      }
    }
  }
}

/* One column, for a tap at (ky, kx) and one channel. */
INLINE void copy_column(const float *image, float *to, uint32_t images, const struct window *w, uint32_t ky,
                        uint32_t kx) {
  const uint32_t top = first_inside(w, ky), bottom = first_beyond(w, ky, w->height, w->out_height);
  const uint32_t left = first_inside(w, kx), right = first_beyond(w, kx, w->width, w->out_width);
  for (uint32_t i = 0; i < images; i++) {
    for (uint32_t y = 0; y < w->out_height; y++) {
      const uint32_t is_inside = y >= top && y < bottom && left < right;
      for (uint32_t x = 0; x < w->out_width; x++, to += PANEL) *to = 0.0f;
      if (!is_inside) continue;
      const uint32_t line = i * w->height + y * w->stride + ky - w->padding;
      const float *at = image + (line * w->width + left * w->stride + kx - w->padding) * PANEL;
      float *out = to - (w->out_width - left) * PANEL;
      for (uint32_t x = left; x < right; x++, out += PANEL, at += w->stride * PANEL) *out = *at;
    }
  }
}

/* What the windows see: columns[row of an output pixel][tap * channels + channel]; zero outside of the images. */
EXPORT(windowColumns)
void window_columns(const float *image, float *columns, uint32_t images, uint32_t height, uint32_t width,
                    uint32_t channels, uint32_t size, uint32_t stride, uint32_t padding) {
  const struct window w = window_of(height, width, channels, size, stride, padding);
  const uint32_t pixels = images * height * width;
  const uint32_t rows = images * w.out_height * w.out_width;
  clear_last_panel(columns, rows, size * size * channels);
  for (uint32_t tap = 0; tap < size * size; tap++) {
    if (channels % PANEL == 0) {
      for (uint32_t p = 0; p < channels / PANEL; p++) {
        float *to = columns + (tap * (channels / PANEL) + p) * rows * PANEL;
        copy_panel(image + p * pixels * PANEL, to, images, &w, tap / size, tap % size);
      }
    } else {
      for (uint32_t c = 0; c < channels; c++) {
        const uint32_t column = tap * channels + c;
        float *to = columns + (column / PANEL) * rows * PANEL + column % PANEL;
        copy_column(image + (c / PANEL) * pixels * PANEL + c % PANEL, to, images, &w, tap / size, tap % size);
      }
    }
  }
}

/* The way back of deltas: each element of `columns` is added to the pixel and channel that it was taken from. */
EXPORT(addWindowColumns)
void add_window_columns(const float *columns, float *image, uint32_t images, uint32_t height, uint32_t width,
                        uint32_t channels, uint32_t size, uint32_t stride, uint32_t padding) {
  const struct window w = window_of(height, width, channels, size, stride, padding);
  const uint32_t pixels = images * height * width;
  const uint32_t rows = images * w.out_height * w.out_width;
  for (uint32_t i = 0; i < panels_of(channels) * pixels * PANEL; i += 4) {
    wasm_v128_store(image + i, wasm_f32x4_const_splat(0.0f));
  }
  const uint32_t is_whole = channels % PANEL == 0;
  for (uint32_t tap = 0; tap < size * size; tap++) {
    const uint32_t ky = tap / size, kx = tap % size;
    const uint32_t top = first_inside(&w, ky), bottom = first_beyond(&w, ky, height, w.out_height);
    const uint32_t left = first_inside(&w, kx), right = first_beyond(&w, kx, width, w.out_width);
    if (top >= bottom || left >= right) continue;
    for (uint32_t c = 0; c < channels; c += is_whole ? PANEL : 1) {
      const uint32_t column = tap * channels + c;
      const float *from = columns + (column / PANEL) * rows * PANEL + column % PANEL;
      float *to = image + (c / PANEL) * pixels * PANEL + c % PANEL;
      for (uint32_t i = 0; i < images; i++) {
        for (uint32_t y = top; y < bottom; y++) {
          const float *at = from + ((i * w.out_height + y) * w.out_width + left) * PANEL;
          const uint32_t line = i * height + y * stride + ky - padding;
          float *sum = to + (line * width + left * stride + kx - padding) * PANEL;
          for (uint32_t x = left; x < right; x++, at += PANEL, sum += stride * PANEL) {
            if (is_whole) {
              wasm_v128_store(sum, wasm_f32x4_add(wasm_v128_load(sum), wasm_v128_load(at)));
              wasm_v128_store(sum + 4, wasm_f32x4_add(wasm_v128_load(sum + 4), wasm_v128_load(at + 4)));
            } else {
              *sum += *at;
            }
          }
        }
      }
    }
  }
}
