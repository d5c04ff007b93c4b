#define _GNU_SOURCE
#include "kernels.h"

#include <math.h>
#include <sched.h>

void il_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

int il_processor_count(int pid) {
  cpu_set_t set;
  return sched_getaffinity(pid, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

#define FILL(NAME, T) \
  IL_CLONES void NAME(T *out, T value, ptrdiff_t n) { for (ptrdiff_t i = 0; i < n; i++) out[i] = value; }
FILL(il_fill_f32, float)
FILL(il_fill_f64, double)
FILL(il_fill_i64, int64_t)

// A comparison with NaN is false, so that NaN on either side is what comes out.
#define LARGER(X, Y) ((X) > (Y) || (X) != (X) ? (X) : (Y))
#define SMALLER(X, Y) ((X) < (Y) || (X) != (X) ? (X) : (Y))

#define BINARY(NAME, T, POW)                                                              \
  IL_CLONES void NAME(int op, T *out, const T *a, const T *b, const il_loop *l) {         \
    switch (op) {                                                                         \
      case IL_ADD: IL_LOOP2(T, T, X + Y) break;                                           \
      case IL_SUBTRACT: IL_LOOP2(T, T, X - Y) break;                                      \
      case IL_MULTIPLY: IL_LOOP2(T, T, X * Y) break;                                      \
      case IL_DIVIDE: IL_LOOP2(T, T, X / Y) break;                                        \
      case IL_POWER: IL_LOOP2(T, T, POW(X, Y)) break;                                     \
      case IL_MAXIMUM: IL_LOOP2(T, T, LARGER(X, Y)) break;                                \
      case IL_MINIMUM: IL_LOOP2(T, T, SMALLER(X, Y)) break;                               \
    }                                                                                     \
  }
BINARY(il_binary_f32, float, powf)
BINARY(il_binary_f64, double, pow)

#define COMPARE(NAME, T)                                                                  \
  IL_CLONES void NAME(int op, int64_t *out, const T *a, const T *b, const il_loop *l) {   \
    switch (op) {                                                                         \
      case IL_EQUAL: IL_LOOP2(int64_t, T, X == Y) break;                                  \
      case IL_NOT_EQUAL: IL_LOOP2(int64_t, T, X != Y) break;                              \
      case IL_LESS: IL_LOOP2(int64_t, T, X < Y) break;                                    \
      case IL_LESS_EQUAL: IL_LOOP2(int64_t, T, X <= Y) break;                             \
      case IL_GREATER: IL_LOOP2(int64_t, T, X > Y) break;                                 \
      case IL_GREATER_EQUAL: IL_LOOP2(int64_t, T, X >= Y) break;                          \
    }                                                                                     \
  }
COMPARE(il_compare_f32, float)
COMPARE(il_compare_f64, double)
COMPARE(il_compare_i64, int64_t)

IL_INLINE int64_t added(int64_t x, int64_t y, int *problems) {
  int64_t r;
  *problems |= __builtin_add_overflow(x, y, &r) ? IL_OVERFLOW : 0;
  return r;
}

IL_INLINE int64_t subtracted(int64_t x, int64_t y, int *problems) {
  int64_t r;
  *problems |= __builtin_sub_overflow(x, y, &r) ? IL_OVERFLOW : 0;
  return r;
}

IL_INLINE int64_t multiplied(int64_t x, int64_t y, int *problems) {
  int64_t r;
  *problems |= __builtin_mul_overflow(x, y, &r) ? IL_OVERFLOW : 0;
  return r;
}

IL_INLINE int64_t divided(int64_t x, int64_t y, int *problems) {
  if (y == 0) {
    *problems |= IL_ZERO_DIVISION;
    return 0;
  }
  if (x == INT64_MIN && y == -1) {
    *problems |= IL_OVERFLOW;
    return 0;
  }
  return x / y;
}

// x to the power y by repeated squaring; a negative power is 1 divided by the power, truncated.
static int64_t powered(int64_t x, int64_t y, int *problems) {
  if (y < 0) {
    if (x == 0) {
      *problems |= IL_ZERO_DIVISION;
      return 0;
    }
    return x == 1 ? 1 : x == -1 ? ((y & 1) ? -1 : 1) : 0;
  }
  int64_t result = 1;
  while (y > 0) {
    if (y & 1) result = multiplied(result, x, problems);
    y >>= 1;
    if (y > 0) x = multiplied(x, x, problems);
  }
  return result;
}

int il_binary_i64(int op, int64_t *out, const int64_t *a, const int64_t *b, const il_loop *l) {
  int problems = 0;
  switch (op) {
    case IL_ADD: IL_LOOP2(int64_t, int64_t, added(X, Y, &problems)) break;
    case IL_SUBTRACT: IL_LOOP2(int64_t, int64_t, subtracted(X, Y, &problems)) break;
    case IL_MULTIPLY: IL_LOOP2(int64_t, int64_t, multiplied(X, Y, &problems)) break;
    case IL_DIVIDE: IL_LOOP2(int64_t, int64_t, divided(X, Y, &problems)) break;
    case IL_POWER: IL_LOOP2(int64_t, int64_t, powered(X, Y, &problems)) break;
    case IL_MAXIMUM: IL_LOOP2(int64_t, int64_t, X > Y ? X : Y) break;
    case IL_MINIMUM: IL_LOOP2(int64_t, int64_t, X < Y ? X : Y) break;
  }
  return problems;
}

#define RELU_GRADIENT(NAME, T) \
  IL_CLONES void NAME(T *out, const T *a, const T *b, const il_loop *l) { IL_LOOP2(T, T, Y > 0 ? X : 0) }
RELU_GRADIENT(il_relu_gradient_f32, float)
RELU_GRADIENT(il_relu_gradient_f64, double)

#define AXPY(NAME, T)                                                                              \
  IL_CLONES void NAME(T *out, const T *a, const T *b, T scale, const il_loop *l) {                 \
    IL_LOOP2(T, T, X + scale * Y)                                                                  \
  }
AXPY(il_axpy_f32, float)
AXPY(il_axpy_f64, double)

#define ADAM(NAME, T)                                                                              \
  IL_CLONES void NAME(T *restrict value, T *restrict mean, T *restrict square, const T *p,         \
                      const T *g, const T *m, const T *v, il_adam s, ptrdiff_t n) {                \
    const T rest1 = (T)s.rest1, keep2 = (T)s.keep2, rest2 = (T)s.rest2;        \
    const T eps = (T)s.eps, step = (T)s.step_size, correction = (T)s.correction;                   \
    for (ptrdiff_t i = 0; i < n; i++) {                                                            \
      const T a = m[i] + rest1 * (g[i] - m[i]), b = keep2 * v[i] + rest2 * g[i] * g[i];             \
      mean[i] = a, square[i] = b;                                                                  \
      value[i] = p[i] - step * a / (__builtin_elementwise_sqrt(b) / correction + eps);             \
    }                                                                                              \
  }
ADAM(il_adam_f32, float)
ADAM(il_adam_f64, double)

#define SELECT(NAME, T, M)                                                                         \
  IL_CLONES void NAME(T *out, const T *a, const T *b, const M *c, const il_loop *l) {              \
    for (ptrdiff_t i = 0; i < l->size0; i++)                                                       \
      for (ptrdiff_t j = 0; j < l->size1; j++) {                                                   \
        T *restrict o = out + i * l->out0 + j * l->out1;                                           \
        const T *p = a + i * l->a0 + j * l->a1, *q = b + i * l->b0 + j * l->b1;                    \
        const M *m = c + i * l->c0 + j * l->c1;                                                    \
        const ptrdiff_t n = l->size2, so = l->out2, sa = l->a2, sb = l->b2, sc = l->c2;            \
        if (so == 1 && sa == 1 && sb == 1 && sc == 1)                                              \
          for (ptrdiff_t k = 0; k < n; k++) { T x = p[k], y = q[k]; o[k] = m[k] != 0 ? x : y; }    \
        else                                                                                       \
          for (ptrdiff_t k = 0; k < n; k++) o[k * so] = m[k * sc] != 0 ? p[k * sa] : q[k * sb];    \
      }                                                                                            \
  }
SELECT(il_select_4_f32, uint32_t, float)
SELECT(il_select_4_f64, uint32_t, double)
SELECT(il_select_4_i64, uint32_t, int64_t)
SELECT(il_select_8_f32, uint64_t, float)
SELECT(il_select_8_f64, uint64_t, double)
SELECT(il_select_8_i64, uint64_t, int64_t)

// A copy whose source runs along the middle loop is a transposition: it goes through blocks of 16 by 16, so that
// both sides stay in the nearest cache.
#define COPY(NAME, T)                                                                              \
  IL_CLONES void NAME(T *out, const T *a, const il_loop *l) {                                      \
    if (l->a1 == 1 && l->out2 == 1 && l->size1 >= 8 && l->size2 >= 8) {                            \
      for (ptrdiff_t i = 0; i < l->size0; i++)                                                     \
        for (ptrdiff_t j = 0; j < l->size1; j += 16)                                               \
          for (ptrdiff_t k = 0; k < l->size2; k += 16) {                                           \
            const ptrdiff_t je = j + 16 < l->size1 ? j + 16 : l->size1;                            \
            const ptrdiff_t ke = k + 16 < l->size2 ? k + 16 : l->size2;                            \
            const T *p = a + i * l->a0;                                                            \
            T *o = out + i * l->out0;                                                              \
            for (ptrdiff_t y = j; y < je; y++)                                                     \
              for (ptrdiff_t x = k; x < ke; x++) o[y * l->out1 + x] = p[y + x * l->a2];            \
          }                                                                                        \
      return;                                                                                      \
    }                                                                                              \
    IL_LOOP1(T, T, X)                                                                              \
  }
COPY(il_copy_4, uint32_t)
COPY(il_copy_8, uint64_t)

#define CAST(NAME, TO, FROM) \
  IL_CLONES void NAME(TO *out, const FROM *a, const il_loop *l) { IL_LOOP1(TO, FROM, (TO)X) }
CAST(il_cast_f32_f64, double, float)
CAST(il_cast_f64_f32, float, double)
CAST(il_cast_i64_f32, float, int64_t)
CAST(il_cast_i64_f64, double, int64_t)

IL_INLINE int64_t whole(double x, int *problems) {
  if (x >= -0x1p63 && x < 0x1p63) return (int64_t)x;
  *problems |= IL_OVERFLOW;
  return 0;
}

int il_cast_f32_i64(int64_t *out, const float *a, const il_loop *l) {
  int problems = 0;
  IL_LOOP1(int64_t, float, whole(X, &problems))
  return problems;
}

int il_cast_f64_i64(int64_t *out, const double *a, const il_loop *l) {
  int problems = 0;
  IL_LOOP1(int64_t, double, whole(X, &problems))
  return problems;
}
