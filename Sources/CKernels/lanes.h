// Loops over whole vectors, for one element type and one width of vector. Included once for each pair of them, by
// sources that define
//   ELEMENT   float or double
//   BYTES     the size of a vector: 64, 32 or 16
//   WITH      the attributes of a function that may use such vectors
//   NAMED(x)  the name of the function x here

#define LANES ((ptrdiff_t)(BYTES / sizeof(ELEMENT)))
// With 32 registers a tile of the product is 6 rows by 4 vectors, with 16 it is 6 by 2.
#define WIDEST (BYTES == 64 ? 4 : 2)

typedef ELEMENT NAMED(vector) __attribute__((vector_size(BYTES), aligned(sizeof(ELEMENT)), may_alias));
#define VECTOR NAMED(vector)

// out[r, j] = Σ_{s, k} a[s·as + r·ar + k·ac] · b[s, k, j], plus out[r, j] where `add`, for R rows and N vectors of
// columns, of which the last has `last` elements.
IL_INLINE void NAMED(tile)(const int R, const int N, ELEMENT *out, const ELEMENT *a, const ELEMENT *b,
                           const il_panel *p, ptrdiff_t last) {
  VECTOR acc[6][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < N; v++) acc[r][v] = (VECTOR){0};
  const ptrdiff_t ar = p->ar, ac = p->ac, ldb = p->ldb, k = p->k;
  for (ptrdiff_t s = 0; s < p->segments; s++) {
    const ELEMENT *restrict q = a + s * p->as;
    for (ptrdiff_t x = 0; x < k; x++) {
      VECTOR row[4];
#pragma clang loop unroll(full)
      for (int v = 0; v < N; v++) row[v] = *(const VECTOR *)(b + v * LANES);
#pragma clang loop unroll(full)
      for (int r = 0; r < R; r++) {
        const ELEMENT value = q[r * ar];
#pragma clang loop unroll(full)
        for (int v = 0; v < N; v++) acc[r][v] += value * row[v];
      }
      q += ac;
      b += ldb;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) {
    ELEMENT *to = out + r * p->ldo;
#pragma clang loop unroll(full)
    for (int v = 0; v < N; v++) {
      if (v == N - 1 && last < LANES) {
        for (ptrdiff_t i = 0; i < last; i++)
          to[v * LANES + i] = acc[r][v][i] + (p->add ? to[v * LANES + i] : 0);
      } else {
        VECTOR *at = (VECTOR *)(to + v * LANES);
        *at = p->add ? *at + acc[r][v] : acc[r][v];
      }
    }
  }
}

// All rows of N vectors of columns: as few tiles as possible, of nearly equal heights.
IL_INLINE void NAMED(column)(const int N, ELEMENT *out, const ELEMENT *a, const ELEMENT *b, const il_panel *p,
                             ptrdiff_t last) {
  ptrdiff_t tiles = (p->m + 5) / 6, rest = p->m;
  while (rest > 0) {
    const ptrdiff_t r = (rest + tiles - 1) / tiles;
    switch (r) {
      case 6: NAMED(tile)(6, N, out, a, b, p, last); break;
      case 5: NAMED(tile)(5, N, out, a, b, p, last); break;
      case 4: NAMED(tile)(4, N, out, a, b, p, last); break;
      case 3: NAMED(tile)(3, N, out, a, b, p, last); break;
      case 2: NAMED(tile)(2, N, out, a, b, p, last); break;
      default: NAMED(tile)(1, N, out, a, b, p, last); break;
    }
    out += r * p->ldo;
    a += r * p->ar;
    rest -= r;
    tiles--;
  }
}

WITH static void NAMED(product)(ELEMENT *out, const ELEMENT *a, const ELEMENT *b, const il_panel *p) {
  ptrdiff_t j = 0;
  if (WIDEST == 4)
    for (; j + 4 * LANES <= p->n; j += 4 * LANES) NAMED(column)(4, out + j, a, b + j, p, LANES);
  for (; j + 2 * LANES <= p->n; j += 2 * LANES) NAMED(column)(2, out + j, a, b + j, p, LANES);
  for (; j < p->n; j += LANES)
    NAMED(column)(1, out + j, a, b + j, p, p->n - j < LANES ? p->n - j : LANES);
}

#include "winograd.h"

#undef VECTOR
#undef LANES
#undef WIDEST
#undef ELEMENT
#undef BYTES
#undef WITH
#undef NAMED
