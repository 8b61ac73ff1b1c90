/* Dense layers forward, and the delta that goes back through them. Layout: panel.h. */
#include "activation.h"
#include "multiply.h"

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
  multiply(output, rows, input, rows, weights, rows, panels_of(inputs), last + 1);
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
  multiply(input_delta, rows, delta, rows, transposed, rows, panels_of(outputs), panels);
  if (activation == LINEAR) return;
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
