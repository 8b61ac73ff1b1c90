/* The Matern 5/2 kernel with a length scale for each column, and sums of its derivatives. */
#include "lanes.h"

/*
 * The exponential of numbers from -708 to 0: 2^n times the Taylor series of the rest, which is at most ln 2 / 2 in size;
 * its remainder is below the rounding of the result.
 */
INLINE d2 exponential(d2 x) {
  static const double inverse_factorials[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                              1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                              1.0 / 120,        1.0 / 24,        1.0 / 6,        0.5,
                                              1.0,              1.0};
  const d2 n = wasm_f64x2_nearest(wasm_f64x2_mul(x, wasm_f64x2_const_splat(0x1.71547652b82fep0)));
  d2 rest = wasm_f64x2_sub(x, wasm_f64x2_mul(n, wasm_f64x2_const_splat(0x1.62e42feep-1)));
  rest = wasm_f64x2_sub(rest, wasm_f64x2_mul(n, wasm_f64x2_const_splat(0x1.a39ef35793c76p-33)));
  d2 sum = wasm_f64x2_splat(inverse_factorials[0]);
#pragma clang loop unroll(disable)
  for (uint32_t k = 1; k < 14; k++) sum = wasm_f64x2_add(wasm_f64x2_mul(sum, rest), wasm_f64x2_splat(inverse_factorials[k]));
  /* Adding 1.5 * 2^52 leaves n in the lowest bits, from where it is moved into the exponent. */
  const d2 bits = wasm_f64x2_add(n, wasm_f64x2_const_splat(0x1.8p52 + 1023.0));
  return wasm_f64x2_mul(sum, wasm_i64x2_shl(bits, 52));
}

/*
 * The covariances of a point with the first `count` points, and if `slopes` is not 0 their derivatives by the squared
 * distance. The squared distance is the sum over columns of weight * difference^2 in the first `numeric` columns, and of
 * the weight where values differ in all others. Coordinate k of the point is at point[k * step]. Writes an even number of
 * results.
 */
EXPORT(covariances)
void covariances(const double *columns, uint32_t stride, uint32_t count, uint32_t numeric, uint32_t all,
                 const double *weights, const double *point, uint32_t step, double *values, double *slopes) {
  for (uint32_t j = 0; j < count; j += 2) {
    d2 square = wasm_f64x2_const_splat(0.0);
    for (uint32_t k = 0; k < numeric; k++) {
      const d2 gap = wasm_f64x2_sub(load(columns + k * stride + j), wasm_v128_load64_splat(point + k * step));
      square = plus_product(square, wasm_v128_load64_splat(weights + k), wasm_f64x2_mul(gap, gap));
    }
    for (uint32_t k = numeric; k < all; k++) {
      const d2 differs = wasm_f64x2_ne(load(columns + k * stride + j), wasm_v128_load64_splat(point + k * step));
      square = wasm_f64x2_add(square, wasm_v128_and(differs, wasm_v128_load64_splat(weights + k)));
    }
    const d2 one = wasm_f64x2_const_splat(1.0);
    const d2 five_thirds = wasm_f64x2_const_splat(5.0 / 3.0);
    const d2 s = wasm_f64x2_min(wasm_f64x2_sqrt(wasm_f64x2_mul(wasm_f64x2_const_splat(5.0), square)),
                                wasm_f64x2_const_splat(700.0));
    const d2 fall = exponential(wasm_f64x2_neg(s));
    const d2 linear = wasm_f64x2_add(one, s);
    wasm_v128_store(values + j, wasm_f64x2_mul(plus_product(linear, five_thirds, square), fall));
    if (slopes)
      wasm_v128_store(slopes + j,
                      wasm_f64x2_mul(wasm_f64x2_const_splat(-5.0 / 6.0), wasm_f64x2_mul(linear, fall)));
  }
}

/*
 * What the gradient of the marginal likelihood is made of. With P[i][j] = (alpha[i] * alpha[j] - inverse[i][j]) *
 * slope[i][j], whose lower halves `inverse` and `slopes` hold: overwrites `slopes` with P, and writes the sums of its
 * rows to `sums`, for each numeric column u the products P u to `moments` (a column each), and for each other column the
 * sum of P over the pairs of points that differ in it to `mismatches`. Numbers beyond the last point are zero in
 * `columns` and `alpha`.
 */
EXPORT(derivativeSums)
void derivative_sums(const double *columns, uint32_t stride, uint32_t count, uint32_t numeric, uint32_t all,
                     const double *alpha, const double *inverse, double *slopes, double *sums, double *moments,
                     double *mismatches) {
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j <= i; j++) {
      const uint32_t at = i * stride + j;
      slopes[at] = slopes[j * stride + i] = (alpha[i] * alpha[j] - inverse[at]) * slopes[at];
    }
  }
  for (uint32_t k = numeric; k < all; k++) mismatches[k - numeric] = 0.0;
  for (uint32_t i = 0; i < count; i++) {
    const double *row = slopes + i * stride;
    double sum = 0.0;
    for (uint32_t j = 0; j < count; j++) sum += row[j];
    sums[i] = sum;
    for (uint32_t k = 0; k < numeric; k++) moments[k * stride + i] = dot(row, columns + k * stride, 0, count);
    for (uint32_t k = numeric; k < all; k++) {
      const double *column = columns + k * stride;
      double differing = 0.0;
      for (uint32_t j = 0; j < count; j++) differing += column[j] == column[i] ? 0.0 : row[j];
      mismatches[k - numeric] += differing;
    }
  }
}
