/*
 * What the functions of this kernel share. Numbers are doubles, two at a time. A matrix is stored row after row, `stride`
 * numbers apart, and every loop walks along rows. Columns of points are stored one after the other, `stride` numbers
 * apart as well. A stride is a multiple of 4, so that every row begins on an even place.
 */
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef v128_t d2;

INLINE d2 load(const double *from) { return wasm_v128_load(from); }
INLINE d2 plus_product(d2 sum, d2 a, d2 b) { return wasm_f64x2_add(sum, wasm_f64x2_mul(a, b)); }
INLINE double total(d2 sum) { return wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1); }
INLINE uint32_t even(uint32_t count) { return count & ~1u; }

/* The sum of products of two rows from an even place on: pairs in order, then the one that is left. */
static __attribute__((noinline)) double dot(const double *a, const double *b, uint32_t from, uint32_t to) {
  d2 sum = wasm_f64x2_const_splat(0.0);
  for (uint32_t k = from; k < even(to); k += 2) sum = plus_product(sum, load(a + k), load(b + k));
  const double pairs = total(sum);
  return to & 1 ? pairs + a[to - 1] * b[to - 1] : pairs;
}
