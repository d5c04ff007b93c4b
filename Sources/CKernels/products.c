#include "kernels.h"


// Four rows of the result by TILE columns at a time, kept in registers; then what is left, row by row.
#define ROWS(T, COUNT, TILE)                                                                             \
  for (; j + TILE <= n; j += TILE) {                                                                 \
    T acc[COUNT][TILE];                                                                              \
    for (int u = 0; u < (COUNT); u++) for (int v = 0; v < TILE; v++) acc[u][v] = 0;                  \
    for (ptrdiff_t x = 0; x < k; x++) {                                                              \
      const T *restrict q = b + x * br + j;                                                          \
      for (int u = 0; u < (COUNT); u++) {                                                            \
        const T s = a[(i + u) * ar + x * ac];                                                        \
        for (int v = 0; v < TILE; v++) acc[u][v] += s * q[v];                                        \
      }                                                                                              \
    }                                                                                                \
    for (int u = 0; u < (COUNT); u++)                                                                \
      for (int v = 0; v < TILE; v++) out[(i + u) * ldo + j + v] = acc[u][v];                         \
  }

// The inner axis lies without gaps on both sides: 16 partial sums run along it, for COUNT rows at a time.
#define DOTS(T, COUNT)                                                                               \
  for (; i + (COUNT) <= m; i += (COUNT))                                                             \
    for (ptrdiff_t j = 0; j < n; j++) {                                                              \
      const T *restrict p = a + i * ar;                                                              \
      const T *restrict q = b + j * bc;                                                              \
      T lane[COUNT][16] = {{0}};                                                                     \
      ptrdiff_t x = 0;                                                                               \
      for (; x + 16 <= k; x += 16)                                                                   \
        for (int u = 0; u < (COUNT); u++)                                                            \
          for (int v = 0; v < 16; v++) lane[u][v] += p[u * ar + x + v] * q[x + v];                   \
      for (int v = 0; x < k; x++, v++)                                                               \
        for (int u = 0; u < (COUNT); u++) lane[u][v] += p[u * ar + x] * q[x];                        \
      for (int half = 8; half > 0; half /= 2)                                                        \
        for (int u = 0; u < (COUNT); u++)                                                            \
          for (int v = 0; v < half; v++) lane[u][v] += lane[u][v + half];                            \
      for (int u = 0; u < (COUNT); u++) out[(i + u) * ldo + j] = lane[u][0];                         \
    }

// One column, and the rows of the left matrix beside each other: TILE rows at a time.
#define COLUMN(T, TILE)                                                                              \
  for (; i + TILE <= m; i += TILE) {                                                                 \
    T acc[TILE] = {0};                                                                               \
    for (ptrdiff_t x = 0; x < k; x++)                                                                \
      for (int v = 0; v < TILE; v++) acc[v] += a[i + v + x * ac] * b[x * br];                        \
    for (int v = 0; v < TILE; v++) out[(i + v) * ldo] = acc[v];                                      \
  }

#define PRODUCT(NAME, T)                                                                             \
  IL_CLONES void NAME(T *out, const T *a, const T *b, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n,         \
                      ptrdiff_t ldo, ptrdiff_t ar, ptrdiff_t ac, ptrdiff_t br, ptrdiff_t bc) {       \
    ptrdiff_t i = 0;                                                                                 \
    if (bc != 1 && ac == 1 && br == 1) {                                                             \
      DOTS(T, 4) DOTS(T, 1)                                                                          \
      return;                                                                                        \
    }                                                                                                \
    if (n == 1 && ar == 1) { COLUMN(T, 16) COLUMN(T, 8) COLUMN(T, 4) }                               \
    for (; i + 4 <= m; i += 4) {                                                                     \
      ptrdiff_t j = 0;                                                                               \
      if (bc == 1) { ROWS(T, 4, 16) ROWS(T, 4, 8) ROWS(T, 4, 4) }                                                                    \
      for (; j < n; j++)                                                                             \
        for (int u = 0; u < 4; u++) {                                                                \
          T sum = 0;                                                                                 \
          for (ptrdiff_t x = 0; x < k; x++) sum += a[(i + u) * ar + x * ac] * b[x * br + j * bc];    \
          out[(i + u) * ldo + j] = sum;                                                              \
        }                                                                                            \
    }                                                                                                \
    for (; i < m; i++) {                                                                             \
      ptrdiff_t j = 0;                                                                               \
      if (bc == 1) { ROWS(T, 1, 16) ROWS(T, 1, 8) ROWS(T, 1, 4) }                                                                    \
      for (; j < n; j++) {                                                                           \
        T sum = 0;                                                                                   \
        for (ptrdiff_t x = 0; x < k; x++) sum += a[i * ar + x * ac] * b[x * br + j * bc];            \
        out[i * ldo + j] = sum;                                                                      \
      }                                                                                              \
    }                                                                                                \
  }
PRODUCT(il_product_f32, float)
PRODUCT(il_product_f64, double)

#define ADD_ROW(NAME, T)                                                                             \
  IL_CLONES void NAME(T *out, const T *bias, ptrdiff_t m, ptrdiff_t n, ptrdiff_t ldo) {              \
    for (ptrdiff_t i = 0; i < m; i++) {                                                              \
      T *restrict o = out + i * ldo;                                                                 \
      const T *restrict b = bias;                                                                    \
      for (ptrdiff_t j = 0; j < n; j++) o[j] += b[j];                                                \
    }                                                                                                \
  }
ADD_ROW(il_add_row_f32, float)
ADD_ROW(il_add_row_f64, double)

int il_product_i64(int64_t *out, const int64_t *a, const int64_t *b, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n,
                   ptrdiff_t ldo, ptrdiff_t ar, ptrdiff_t ac, ptrdiff_t br, ptrdiff_t bc) {
  int problems = 0;
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j++) {
      int64_t sum = 0;
      for (ptrdiff_t x = 0; x < k; x++) {
        int64_t product;
        problems |= __builtin_mul_overflow(a[i * ar + x * ac], b[x * br + j * bc], &product);
        problems |= __builtin_add_overflow(sum, product, &sum);
      }
      out[i * ldo + j] = sum;
    }
  return problems ? IL_OVERFLOW : 0;
}
