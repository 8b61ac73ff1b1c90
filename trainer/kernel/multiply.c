/* The product of two matrices. Layout: panel.h. */
#include "multiply.h"

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

void multiply(float *sums, uint32_t sums_rows, const float *a, uint32_t a_rows, const float *b, uint32_t rows,
              uint32_t inner_panels, uint32_t panels) {
  for (uint32_t first = 0; first < rows; first += BLOCK_ROWS) {
    const uint32_t count = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
    const uint32_t most = BLOCK_FLOATS / PANEL / count;
    for (uint32_t p = 0; p < inner_panels; p += most) {
      const uint32_t block = inner_panels - p < most ? inner_panels - p : most;
      pack(a + (p * a_rows + first) * PANEL, a_rows, count, block);
      for (uint32_t q = 0; q < panels; q++) {
        const float *panel = b + (q * inner_panels + p) * PANEL * PANEL;
        for (uint32_t row = 0; row < count; row += TILE_ROWS) {
          float *at = sums + (q * sums_rows + first + row) * PANEL;
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
