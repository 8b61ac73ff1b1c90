/* Cholesky factors, row by row, and what is solved with them. */
#include "lanes.h"

#define TILE 4

/*
 * Overwrites `rows` rows of right sides with the solutions of lower * x = right, for the first `count` rows of a lower
 * triangular matrix. All right sides are zero before the even place `from`, and so are their solutions. Each number is the
 * same however many rows are solved at once: the products of pairs in order, then the one that is left.
 */
static __attribute__((noinline)) void solve_rows(const double *lower, uint32_t stride, uint32_t from, uint32_t count, double *right,
                       uint32_t rows) {
  for (uint32_t first = 0; first < rows; first += TILE) {
    const uint32_t some = rows - first < TILE ? rows - first : TILE;
    double *x = right + first * stride;
    uint32_t j = from;
    if (some == TILE) {
      for (; j + 1 < count; j += 2) {
        const double *a = lower + j * stride;
        const double *b = a + stride;
        const d2 zero = wasm_f64x2_const_splat(0.0);
        d2 s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        for (uint32_t k = from; k < j; k += 2) {
          const d2 l = load(a + k), m = load(b + k);
          const d2 x0 = load(x + k), x1 = load(x + stride + k), x2 = load(x + 2 * stride + k),
                   x3 = load(x + 3 * stride + k);
          s0 = plus_product(s0, l, x0);
          s1 = plus_product(s1, l, x1);
          s2 = plus_product(s2, l, x2);
          s3 = plus_product(s3, l, x3);
          t0 = plus_product(t0, m, x0);
          t1 = plus_product(t1, m, x1);
          t2 = plus_product(t2, m, x2);
          t3 = plus_product(t3, m, x3);
        }
        const d2 sums[TILE] = {s0, s1, s2, s3}, more[TILE] = {t0, t1, t2, t3};
        for (uint32_t r = 0; r < TILE; r++) {
          double *row = x + r * stride;
          row[j] = (row[j] - total(sums[r])) / a[j];
          row[j + 1] = (row[j + 1] - (total(more[r]) + b[j] * row[j])) / b[j + 1];
        }
      }
    }
    for (; j < count; j++) {
      const double *a = lower + j * stride;
      for (uint32_t r = 0; r < some; r++) {
        double *row = x + r * stride;
        row[j] = (row[j] - dot(a, row, from, j)) / a[j];
      }
    }
  }
}

/* Solves lower * x = right for `rows` right sides, in place. */
EXPORT(solve)
void solve(const double *lower, uint32_t stride, uint32_t count, double *right, uint32_t rows) {
  solve_rows(lower, stride, 0, count, right, rows);
}

/*
 * Overwrites the rows from `from` to `to` of a symmetric matrix, of which the lower half is read, with those of its
 * Cholesky factor; the rows before are factored already. Returns 0, or 1 if the matrix is not positive definite.
 */
EXPORT(factor)
uint32_t factor(double *matrix, uint32_t stride, uint32_t from, uint32_t to) {
  for (uint32_t first = from; first < to; first += TILE) {
    const uint32_t last = first + TILE < to ? first + TILE : to;
    solve_rows(matrix, stride, 0, first, matrix + first * stride, last - first);
    for (uint32_t i = first; i < last; i++) {
      double *row = matrix + i * stride;
      for (uint32_t j = first; j < i; j++) {
        const double *a = matrix + j * stride;
        row[j] = (row[j] - dot(a, row, 0, j)) / a[j];
      }
      const double square = row[i] - dot(row, row, 0, i);
      if (!(square > 0.0)) return 1;
      row[i] = __builtin_sqrt(square);
    }
  }
  return 0;
}

/* Overwrites `right` with the solution of transpose(lower) * x = right. */
EXPORT(solveTransposed)
void solve_transposed(const double *lower, uint32_t stride, uint32_t count, double *right) {
  for (uint32_t i = count; i-- > 0;) {
    const double *row = lower + i * stride;
    const double x = right[i] / row[i];
    right[i] = x;
    for (uint32_t k = 0; k < i; k++) right[k] -= x * row[k];
  }
}

/*
 * The inverse of lower * transpose(lower), its lower half. `scratch` becomes the transpose of the inverse of `lower`, which
 * is zero up to its stride.
 */
EXPORT(invert)
void invert(const double *lower, uint32_t stride, uint32_t count, double *scratch, double *inverse) {
  for (uint32_t i = 0; i < count * stride; i++) scratch[i] = 0.0;
  for (uint32_t i = 0; i < count; i++) scratch[i * stride + i] = 1.0;
  for (uint32_t first = 0; first < count; first += TILE) {
    const uint32_t rows = count - first < TILE ? count - first : TILE;
    solve_rows(lower, stride, first, count, scratch + first * stride, rows);
  }
  for (uint32_t first = 0; first < count; first += 2) {
    const uint32_t rows = count - first < 2 ? 1 : 2;
    const double *a = scratch + first * stride;
    const double *b = rows == 2 ? a + stride : a;
    for (uint32_t j = 0; j < first + rows; j += 2) {
      const double *c = scratch + j * stride;
      const double *d = j + 1 < count ? c + stride : c;
      const d2 zero = wasm_f64x2_const_splat(0.0);
      d2 ac = zero, ad = zero, bc = zero, bd = zero;
      for (uint32_t k = first; k < count; k += 2) {
        const d2 ak = load(a + k), bk = load(b + k), ck = load(c + k), dk = load(d + k);
        ac = plus_product(ac, ak, ck);
        ad = plus_product(ad, ak, dk);
        bc = plus_product(bc, bk, ck);
        bd = plus_product(bd, bk, dk);
      }
      double *to = inverse + first * stride + j;
      to[0] = total(ac);
      to[1] = total(ad);
      if (rows == 2) {
        to[stride] = total(bc);
        to[stride + 1] = total(bd);
      }
    }
  }
}

/*
 * For each of `rows` solved rows v: the sum of its first `observed` numbers times `weights` to `means`, and the sum of the
 * squares of its first `count` numbers to `squares`.
 */
EXPORT(moments)
void moments(const double *solved, uint32_t stride, uint32_t rows, const double *weights, uint32_t observed,
             uint32_t count, double *means, double *squares) {
  for (uint32_t r = 0; r < rows; r++) {
    const double *row = solved + r * stride;
    means[r] = dot(row, weights, 0, observed);
    squares[r] = dot(row, row, 0, count);
  }
}
