#include "kernels.h"

#include <math.h>

#define LANES 32
#define LARGER(X, Y) ((Y) > (X) || (Y) != (Y) ? (Y) : (X))
#define SMALLER(X, Y) ((Y) < (X) || (Y) != (Y) ? (Y) : (X))
#define ADDED(X, Y) ((X) + (Y))

// One result: lanes run along the innermost reduced axis, and are joined pairwise.
#define ONE(T, ACC, START, JOIN)                                                        \
  ACC lane[LANES];                                                                      \
  for (int v = 0; v < LANES; v++) lane[v] = START;                                      \
  for (ptrdiff_t x = 0; x < r->reduced0; x++)                                           \
    for (ptrdiff_t y = 0; y < r->reduced1; y++) {                                       \
      const T *p = source + x * r->r0 + y * r->r1;                                      \
      const ptrdiff_t n = r->reduced2, s = r->r2;                                       \
      ptrdiff_t k = 0;                                                                  \
      if (s == 1)                                                                       \
        for (; k + LANES <= n; k += LANES)                                              \
          for (int v = 0; v < LANES; v++) lane[v] = JOIN(lane[v], (ACC)p[k + v]);       \
      else                                                                              \
        for (; k + LANES <= n; k += LANES)                                              \
          for (int v = 0; v < LANES; v++) lane[v] = JOIN(lane[v], (ACC)p[(k + v) * s]); \
      for (int v = 0; k < n; k++, v++) lane[v] = JOIN(lane[v], (ACC)p[k * s]);          \
    }                                                                                   \
  for (int half = LANES / 2; half > 0; half /= 2)                                       \
    for (int v = 0; v < half; v++) lane[v] = JOIN(lane[v], lane[v + half]);

// `LANES` neighbouring results: a lane each.
#define NEIGHBOURS(T, ACC, START, JOIN, WIDTH)                                          \
  ACC lane[LANES];                                                                      \
  for (int v = 0; v < (WIDTH); v++) lane[v] = START;                                    \
  for (ptrdiff_t x = 0; x < r->reduced0; x++)                                           \
    for (ptrdiff_t y = 0; y < r->reduced1; y++)                                         \
      for (ptrdiff_t z = 0; z < r->reduced2; z++) {                                     \
        const T *p = source + x * r->r0 + y * r->r1 + z * r->r2;                        \
        for (int v = 0; v < (WIDTH); v++) lane[v] = JOIN(lane[v], (ACC)p[v]);           \
      }

#define REDUCE(NAME, T, ACC, OUT, START, JOIN)                                          \
  IL_CLONES static void NAME(OUT *out, const T *a, const il_reduction *r) {             \
    for (ptrdiff_t i = 0; i < r->size0; i++) {                                          \
      ptrdiff_t j = 0;                                                                  \
      if (r->a1 == 1 && r->r2 != 1) {                                                   \
        for (; j + LANES <= r->size1; j += LANES) {                                     \
          const T *source = a + i * r->a0 + j;                                          \
          NEIGHBOURS(T, ACC, START, JOIN, LANES)                                        \
          for (int v = 0; v < LANES; v++) out[i * r->out0 + (j + v) * r->out1] = (OUT)lane[v]; \
        }                                                                               \
        for (; j + 8 <= r->size1; j += 8) {                                             \
          const T *source = a + i * r->a0 + j;                                          \
          NEIGHBOURS(T, ACC, START, JOIN, 8)                                            \
          for (int v = 0; v < 8; v++) out[i * r->out0 + (j + v) * r->out1] = (OUT)lane[v]; \
        }                                                                               \
        for (; j < r->size1; j++) {                                                     \
          const T *source = a + i * r->a0 + j;                                          \
          NEIGHBOURS(T, ACC, START, JOIN, 1)                                            \
          out[i * r->out0 + j * r->out1] = (OUT)lane[0];                                \
        }                                                                               \
        continue;                                                                       \
      }                                                                                 \
      for (; j < r->size1; j++) {                                                       \
        const T *source = a + i * r->a0 + j * r->a1;                                    \
        ONE(T, ACC, START, JOIN)                                                        \
        out[i * r->out0 + j * r->out1] = (OUT)lane[0];                                  \
      }                                                                                 \
    }                                                                                   \
  }

REDUCE(sum_f32, float, double, float, 0, ADDED)
REDUCE(sum_f32_f64, float, double, double, 0, ADDED)
REDUCE(sum_f64, double, double, double, 0, ADDED)
REDUCE(max_f32, float, float, float, -INFINITY, LARGER)
REDUCE(min_f32, float, float, float, INFINITY, SMALLER)
REDUCE(max_f64, double, double, double, -INFINITY, LARGER)
REDUCE(min_f64, double, double, double, INFINITY, SMALLER)
REDUCE(max_i64, int64_t, int64_t, int64_t, INT64_MIN, LARGER)
REDUCE(min_i64, int64_t, int64_t, int64_t, INT64_MAX, SMALLER)

void il_reduce_f32(int op, float *out, const float *a, const il_reduction *r) {
  switch (op) {
    case IL_SUM: sum_f32(out, a, r); break;
    case IL_MAX: max_f32(out, a, r); break;
    case IL_MIN: min_f32(out, a, r); break;
  }
}

void il_reduce_partial_f32(double *out, const float *a, const il_reduction *r) { sum_f32_f64(out, a, r); }

void il_reduce_f64(int op, double *out, const double *a, const il_reduction *r) {
  switch (op) {
    case IL_SUM: sum_f64(out, a, r); break;
    case IL_MAX: max_f64(out, a, r); break;
    case IL_MIN: min_f64(out, a, r); break;
  }
}

// Exact sums: 128 bits hold any number of terms on the way.
static int sum_i64(int64_t *out, const int64_t *a, const il_reduction *r) {
  int problems = 0;
  for (ptrdiff_t i = 0; i < r->size0; i++)
    for (ptrdiff_t j = 0; j < r->size1; j++) {
      __int128 sum = 0;
      for (ptrdiff_t x = 0; x < r->reduced0; x++)
        for (ptrdiff_t y = 0; y < r->reduced1; y++)
          for (ptrdiff_t z = 0; z < r->reduced2; z++)
            sum += a[i * r->a0 + j * r->a1 + x * r->r0 + y * r->r1 + z * r->r2];
      if (sum > INT64_MAX || sum < INT64_MIN) problems = IL_OVERFLOW;
      out[i * r->out0 + j * r->out1] = (int64_t)sum;
    }
  return problems;
}

int il_reduce_i64(int op, int64_t *out, const int64_t *a, const il_reduction *r) {
  switch (op) {
    case IL_SUM: return sum_i64(out, a, r);
    case IL_MAX: max_i64(out, a, r); break;
    case IL_MIN: min_i64(out, a, r); break;
  }
  return 0;
}

#define ARG(NAME, T)                                                                      \
  void NAME(int op, int64_t *out, const T *a, ptrdiff_t n, ptrdiff_t stride) {            \
    ptrdiff_t best = 0;                                                                   \
    T value = a[0];                                                                       \
    for (ptrdiff_t i = 1; i < n && value == value; i++) {                                 \
      const T x = a[i * stride];                                                          \
      if (op == IL_MAX ? x > value || x != x : x < value || x != x) {                     \
        value = x;                                                                        \
        best = i;                                                                         \
      }                                                                                   \
    }                                                                                     \
    *out = best;                                                                          \
  }
ARG(il_arg_f32, float)
ARG(il_arg_f64, double)
ARG(il_arg_i64, int64_t)
