/*
 * A gated recurrent unit (Cho et al. 2014, with the reset gate after the product, as PyTorch and cuDNN have it):
 *
 *   r = logistic(W_r x + b_r + U_r h + c_r)      z = logistic(W_z x + b_z + U_z h + c_z)
 *   n = tanh(W_n x + b_n + r (U_n h + c_n))      h' = (1 - z) n + z h
 *
 * Matrices over time have the rows of all steps, step after step. The columns of r, z and n follow each other, each
 * filled up to whole panels: what is beyond the true units stays zero by itself, since n and h are zero there.
 * Layout: panel.h.
 */
#include "activation.h"
#include "multiply.h"

/*
 * `gates`: on entry W x + b for all steps, on return r, z and n. `before`: becomes h before each step, which is
 * zero before the first. `candidate`: U_n h + c_n. `state`: room for rows x 3 units. `output`: the last h.
 */
EXPORT(gruForward)
void gru_forward(float *gates, const float *weights, const float *bias, float *before, float *candidate, float *state,
                 float *output, uint32_t rows, uint32_t steps, uint32_t units) {
  const uint32_t panels = panels_of(units);
  const uint32_t all = rows * steps;
  const f4 one = wasm_f32x4_const_splat(1.0f);
  for (uint32_t q = 0; q < panels; q++) {
    for (uint32_t i = 0; i < rows * PANEL; i += 4) {
      wasm_v128_store(before + q * all * PANEL + i, wasm_f32x4_const_splat(0.0f));
    }
  }
  for (uint32_t t = 0; t < steps; t++) {
    for (uint32_t q = 0; q < 3 * panels; q++) {
      for (uint32_t i = 0; i < rows * PANEL; i += 4) {
        wasm_v128_store(state + q * rows * PANEL + i, wasm_v128_load(bias + q * PANEL + i % PANEL));
      }
    }
    multiply(state, rows, before + t * rows * PANEL, all, weights, rows, panels, 3 * panels);
    for (uint32_t q = 0; q < panels; q++) {
      const float *r_state = state + q * rows * PANEL;
      const float *z_state = state + (panels + q) * rows * PANEL;
      const float *n_state = state + (2 * panels + q) * rows * PANEL;
      float *r_gate = gates + (q * all + t * rows) * PANEL;
      float *z_gate = gates + ((panels + q) * all + t * rows) * PANEL;
      float *n_gate = gates + ((2 * panels + q) * all + t * rows) * PANEL;
      float *kept = candidate + (q * all + t * rows) * PANEL;
      const float *last = before + (q * all + t * rows) * PANEL;
      float *next = t + 1 < steps ? before + (q * all + (t + 1) * rows) * PANEL : output + q * rows * PANEL;
      for (uint32_t i = 0; i < rows * PANEL; i += 4) {
        const f4 r = logistic4(wasm_f32x4_add(wasm_v128_load(r_gate + i), wasm_v128_load(r_state + i)));
        const f4 z = logistic4(wasm_f32x4_add(wasm_v128_load(z_gate + i), wasm_v128_load(z_state + i)));
        const f4 c = wasm_v128_load(n_state + i);
        const f4 n = tanh4(wasm_f32x4_add(wasm_v128_load(n_gate + i), wasm_f32x4_mul(r, c)));
        wasm_v128_store(r_gate + i, r);
        wasm_v128_store(z_gate + i, z);
        wasm_v128_store(n_gate + i, n);
        wasm_v128_store(kept + i, c);
        wasm_v128_store(next + i, wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_sub(one, z), n),
                                                 wasm_f32x4_mul(z, wasm_v128_load(last + i))));
      }
    }
  }
}

/*
 * Back through time, from the delta of the last h in `delta`, which is overwritten: `input_delta` and `state_delta`
 * become the deltas of W x + b and of U h + c, for all steps. `transposed`: U transposed.
 */
EXPORT(gruBackward)
void gru_backward(const float *gates, const float *transposed, const float *before, const float *candidate,
                  float *delta, float *input_delta, float *state_delta, uint32_t rows, uint32_t steps,
                  uint32_t units) {
  const uint32_t panels = panels_of(units);
  const uint32_t all = rows * steps;
  const f4 one = wasm_f32x4_const_splat(1.0f);
  for (uint32_t t = steps; t-- > 0;) {
    for (uint32_t q = 0; q < panels; q++) {
      const uint32_t r_at = (q * all + t * rows) * PANEL;
      const uint32_t z_at = ((panels + q) * all + t * rows) * PANEL;
      const uint32_t n_at = ((2 * panels + q) * all + t * rows) * PANEL;
      float *d = delta + q * rows * PANEL;
      for (uint32_t i = 0; i < rows * PANEL; i += 4) {
        const f4 dh = wasm_v128_load(d + i);
        const f4 r = wasm_v128_load(gates + r_at + i);
        const f4 z = wasm_v128_load(gates + z_at + i);
        const f4 n = wasm_v128_load(gates + n_at + i);
        const f4 h = wasm_v128_load(before + r_at + i);
        const f4 dn = deactivate(wasm_f32x4_mul(dh, wasm_f32x4_sub(one, z)), n, TANH);
        const f4 dz = deactivate(wasm_f32x4_mul(dh, wasm_f32x4_sub(h, n)), z, SIGMOID);
        const f4 dr = deactivate(wasm_f32x4_mul(dn, wasm_v128_load(candidate + r_at + i)), r, SIGMOID);
        wasm_v128_store(input_delta + r_at + i, dr);
        wasm_v128_store(input_delta + z_at + i, dz);
        wasm_v128_store(input_delta + n_at + i, dn);
        wasm_v128_store(state_delta + r_at + i, dr);
        wasm_v128_store(state_delta + z_at + i, dz);
        wasm_v128_store(state_delta + n_at + i, wasm_f32x4_mul(dn, r));
        wasm_v128_store(d + i, wasm_f32x4_mul(dh, z));
      }
    }
    if (t > 0) multiply(delta, rows, state_delta + t * rows * PANEL, all, transposed, rows, 3 * panels, panels);
  }
}
