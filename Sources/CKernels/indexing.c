#include "kernels.h"

#define GATHER(NAME, T)                                                                               \
  int NAME(T *out, const T *x, const int64_t *b, const il_loop *l, ptrdiff_t step, ptrdiff_t size) {  \
    int outside = 0;                                                                                  \
    for (ptrdiff_t i = 0; i < l->size0; i++)                                                          \
      for (ptrdiff_t j = 0; j < l->size1; j++) {                                                      \
        T *restrict o = out + i * l->out0 + j * l->out1;                                              \
        const T *p = x + i * l->a0 + j * l->a1;                                                       \
        const int64_t *q = b + i * l->b0 + j * l->b1;                                                 \
        const ptrdiff_t so = l->out2, sa = l->a2, sb = l->b2;                                         \
        for (ptrdiff_t k = 0; k < l->size2; k++) {                                                    \
          const int64_t at = q[k * sb];                                                               \
          if (at < 0 || at >= size) outside = 1;                                                      \
          else o[k * so] = p[k * sa + at * step];                                                     \
        }                                                                                             \
      }                                                                                               \
    return outside;                                                                                   \
  }
GATHER(il_gather_4, uint32_t)
GATHER(il_gather_8, uint64_t)

#define SUM(X, Y, R) (*(R) = (X) + (Y), 0)
#define EXACT_SUM(X, Y, R) __builtin_add_overflow(X, Y, R)

// Bit 0 of the result: an index lies outside. Bit 1: an int64 sum overflowed.
#define SCATTER(NAME, T, ADD)                                                                         \
  int NAME(T *x, const T *a, const int64_t *c, const il_loop *l, ptrdiff_t step, ptrdiff_t size) {    \
    int problems = 0;                                                                                 \
    for (ptrdiff_t i = 0; i < l->size0; i++)                                                          \
      for (ptrdiff_t j = 0; j < l->size1; j++) {                                                      \
        const T *p = a + i * l->a0 + j * l->a1;                                                       \
        T *to = x + i * l->b0 + j * l->b1;                                                            \
        const int64_t *q = c + i * l->c0 + j * l->c1;                                                 \
        const ptrdiff_t sa = l->a2, sb = l->b2, sc = l->c2;                                           \
        for (ptrdiff_t k = 0; k < l->size2; k++) {                                                    \
          const int64_t at = q[k * sc];                                                               \
          if (at < 0 || at >= size) { problems |= 1; continue; }                                      \
          T *place = to + k * sb + at * step;                                                         \
          if (ADD(*place, p[k * sa], place)) problems |= 2;                                           \
        }                                                                                             \
      }                                                                                               \
    return problems;                                                                                  \
  }
SCATTER(il_scatter_add_f32, float, SUM)
SCATTER(il_scatter_add_f64, double, SUM)
SCATTER(il_scatter_add_i64, int64_t, EXACT_SUM)
