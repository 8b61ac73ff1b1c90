/* Dense layers forward, and the delta that goes back through them. Layout: panel.h. */
#include "elementary.h"

/* Codes shared with activation.ts. */
enum { LINEAR = 0, RELU = 1, TANH = 2, SIGMOID = 3 };

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

/* A block of the left matrix, packed: small enough to stay in the level 1 cache beside a panel of the right. */
#define BLOCK_FLOATS 4096
#define BLOCK_ROWS 64
static float packed[BLOCK_FLOATS] __attribute__((aligned(64)));

/* Packs `count` rows of `panels` panels as tiles: for every 4 rows, for each column, the 4 numbers side by side. */
INLINE void pack(const float *from, uint32_t rows, uint32_t count, uint32_t panels) {
  float *to = packed;
  for (uint32_t row = 0; row < count; row += TILE_ROWS) {
    for (uint32_t p = 0; p < panels; p++) {
      const float *at = from + (p * rows + row) * PANEL;
      transpose4(at, PANEL, to, TILE_ROWS);
      transpose4(at + 4, PANEL, to + 4 * TILE_ROWS, TILE_ROWS);
      to += PANEL * TILE_ROWS;
    }
  }
}

/* sums += a * b; a is rows x 8 inner_panels, b is 8 inner_panels x 8 panels. */
static void multiply(float *sums, const float *a, const float *b, uint32_t rows, uint32_t inner_panels,
                     uint32_t panels) {
  for (uint32_t first = 0; first < rows; first += BLOCK_ROWS) {
    const uint32_t count = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
    const uint32_t most = BLOCK_FLOATS / PANEL / count;
    for (uint32_t p = 0; p < inner_panels; p += most) {
      const uint32_t block = inner_panels - p < most ? inner_panels - p : most;
      pack(a + (p * rows + first) * PANEL, rows, count, block);
      for (uint32_t q = 0; q < panels; q++) {
        const float *panel = b + (q * inner_panels + p) * PANEL * PANEL;
        for (uint32_t row = 0; row < count; row += TILE_ROWS) {
          float *at = sums + (q * rows + first + row) * PANEL;
          f4 tile[TILE_ROWS][2];
          for (uint32_t r = 0; r < TILE_ROWS; r++) {
            tile[r][0] = wasm_v128_load(at + r * PANEL);
            tile[r][1] = wasm_v128_load(at + (r * PANEL + 4));
          }
          multiply_tile(tile, packed + row * block * PANEL, TILE_ROWS, panel, block * PANEL);
          for (uint32_t r = 0; r < TILE_ROWS; r++) {
            wasm_v128_store(at + r * PANEL, tile[r][0]);
            wasm_v128_store(at + (r * PANEL + 4), tile[r][1]);
          }
        }
      }
    }
  }
}

/* output = activation(input * weights + bias); input is rows x inputs, weights inputs x outputs. */
EXPORT(denseForward)
void dense_forward(const float *input, const float *weights, const float *bias, float *output, uint32_t rows,
                   uint32_t inputs, uint32_t outputs, uint32_t activation) {
  const uint32_t last = panels_of(outputs) - 1;
  for (uint32_t q = 0; q <= last; q++) {
    const f4 bias0 = wasm_v128_load(bias + q * PANEL);
    const f4 bias1 = wasm_v128_load(bias + q * PANEL + 4);
    for (uint32_t row = 0; row < rows; row++) {
      wasm_v128_store(output + (q * rows + row) * PANEL, bias0);
      wasm_v128_store(output + (q * rows + row) * PANEL + 4, bias1);
    }
  }
  multiply(output, input, weights, rows, panels_of(inputs), last + 1);
  for (uint32_t q = 0; q <= last; q++) {
    const f4 mask0 = column_mask(q, 0, outputs);
    const f4 mask1 = column_mask(q, 4, outputs);
    for (uint32_t row = 0; row < rows; row++) {
      float *at = output + (q * rows + row) * PANEL;
      wasm_v128_store(at, wasm_v128_and(activate(wasm_v128_load(at), activation), mask0));
      wasm_v128_store(at + 4, wasm_v128_and(activate(wasm_v128_load(at + 4), activation), mask1));
    }
  }
}

/*
 * The delta of a layer's input: inputDelta = (delta * transposed weights) o activation'(input), where `input`
 * holds the outputs of the layer before, which had `activation`.
 */
EXPORT(denseInputDelta)
void dense_input_delta(const float *delta, const float *transposed, const float *input, float *input_delta,
                       uint32_t rows, uint32_t inputs, uint32_t outputs, uint32_t activation) {
  const uint32_t panels = panels_of(inputs);
  const uint32_t values = panels * rows * PANEL;
  for (uint32_t i = 0; i < values; i += 4) wasm_v128_store(input_delta + i, wasm_f32x4_const_splat(0.0f));
  multiply(input_delta, delta, transposed, rows, panels_of(outputs), panels);
  for (uint32_t i = 0; i < values; i += 4) {
    wasm_v128_store(input_delta + i, deactivate(wasm_v128_load(input_delta + i), wasm_v128_load(input + i), activation));
  }
}

/* Weights of inputs x outputs, given as panels of outputs, into panels of inputs. */
EXPORT(transpose)
void transpose(const float *weights, float *transposed, uint32_t inputs, uint32_t outputs) {
  const uint32_t input_panels = panels_of(inputs);
  const uint32_t output_panels = panels_of(outputs);
  for (uint32_t q = 0; q < output_panels; q++) {
    for (uint32_t p = 0; p < input_panels; p++) {
      const float *from = weights + (q * input_panels + p) * PANEL * PANEL;
      float *to = transposed + (p * output_panels + q) * PANEL * PANEL;
      for (uint32_t i = 0; i < PANEL; i += 4) {
        for (uint32_t o = 0; o < PANEL; o += 4) transpose4(from + i * PANEL + o, PANEL, to + o * PANEL + i, PANEL);
      }
    }
  }
}
