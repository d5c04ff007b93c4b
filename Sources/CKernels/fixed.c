#include "kernels.h"

#include <string.h>

// Fixed-point sums: what every float is made of is added as integers, so that no order of the terms is special.

#define FIXED(S, T, INT, INFINITE)                                                                  \
  IL_CLONES int il_largest_##S(const T *a, ptrdiff_t n, T *largest) {                               \
    const INT infinite = (INT)INFINITE;                                                             \
    INT most = 0;                                                                                   \
    int special = 0;                                                                                \
    for (ptrdiff_t i = 0; i < n; i++) {                                                             \
      INT bits;                                                                                     \
      memcpy(&bits, a + i, sizeof bits);                                                            \
      bits &= ~((INT)1 << (8 * sizeof bits - 1));                                                   \
      const int bad = bits >= infinite;                                                             \
      const INT own = bad ? 0 : bits;                                                               \
      most = own > most ? own : most;                                                               \
      special |= bad;                                                                               \
    }                                                                                               \
    memcpy(largest, &most, sizeof most);                                                            \
    return special;                                                                                 \
  }                                                                                                 \
                                                                                                    \
  IL_CLONES void il_specials_##S(int64_t *out, const T *a, ptrdiff_t n) {                           \
    for (ptrdiff_t i = 0; i < n; i++)                                                               \
      out[i] |= a[i] != a[i] ? 1 : a[i] - a[i] == 0 ? 0 : a[i] > 0 ? 2 : 4;                         \
  }

FIXED(f32, float, uint32_t, 0x7f800000u)
FIXED(f64, double, uint64_t, 0x7ff0000000000000u)

IL_CLONES void il_fixed_add_f32(int64_t *restrict out, const float *restrict a, ptrdiff_t n, double scale) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const double x = a[i] - a[i] == 0 ? a[i] * scale : 0;
    out[i] += (int64_t)x;
  }
}

IL_CLONES void il_fixed_add_f64(int64_t *restrict out, const double *restrict a, ptrdiff_t n, double scale,
                                double fine) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const double x = a[i] - a[i] == 0 ? a[i] * scale : 0;
    const int64_t whole = (int64_t)x;
    out[i] += whole;
    out[n + i] += (int64_t)((x - (double)whole) * fine);
  }
}

IL_CLONES void il_fixed_get_f32(float *restrict out, const int64_t *restrict a, ptrdiff_t n, double unit) {
  for (ptrdiff_t i = 0; i < n; i++) out[i] = (float)((double)a[i] * unit);
}

IL_CLONES void il_fixed_get_f64(double *restrict out, const int64_t *restrict a, ptrdiff_t n, double unit,
                                double fine) {
  for (ptrdiff_t i = 0; i < n; i++) out[i] = ((double)a[i] + (double)a[n + i] * fine) * unit;
}
