#include "kernels.h"

#include <math.h>

// Exponential and its kin, written so that the compiler vectorises them. The float32 functions work in double,
// which leaves only the final rounding; the float64 ones are good to about one unit in the last place on the
// usual range, and leave the rest of it to libm.

typedef union { double value; uint64_t bits; } word;

#define LN2_HI 0x1.62e42fefa0000p-1   // the leading 37 bits: its product with a small integer is exact
#define LN2_LO 0x1.cf79abc9e3b3ap-40
#define ROUNDER 0x1.8p52              // adding it leaves the nearest integer in the low bits

// e^x for -708 <= x <= 709: x = k ln 2 + r, a Taylor polynomial in r, and k added to the exponent.
#define EXP(NAME, POLYNOMIAL)                                   \
  IL_INLINE double NAME(double x) {                             \
    word t = {.value = x * 0x1.71547652b82fep0 + ROUNDER};      \
    const double k = t.value - ROUNDER;                         \
    const double r = (x - k * LN2_HI) - k * LN2_LO;             \
    word p = {.value = POLYNOMIAL};                             \
    p.bits += t.bits << 52;                                     \
    return p.value;                                             \
  }
#define TAYLOR8(REST)                                                                                          \
  (1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720               \
   + r * (1.0 / 5040 + r * (1.0 / 40320 + REST)))))))))
EXP(exp_short, TAYLOR8(0))
EXP(exp_long, TAYLOR8(r * (1.0 / 362880 + r * (1.0 / 3628800 + r * (1.0 / 39916800 + r * (1.0 / 479001600
                      + r * (1.0 / 6227020800)))))))

// ln x for normal x > 0: x = 2^k m with m near 1, and ln m = 2 artanh(s), s = (m - 1) / (m + 1).
#define LOG(NAME, SERIES)                                                       \
  IL_INLINE double NAME(double x) {                                             \
    word m = {.value = x};                                                      \
    const int64_t shifted = (int64_t)(m.bits - 0x3fe6a09e667f3bcdull) >> 52;    \
    m.bits -= (uint64_t)shifted << 52;                                          \
    const double k = (double)(int)shifted;                                      \
    const double f = m.value - 1;                                               \
    const double s = f / (2 + f);                                               \
    const double z = s * s;                                                     \
    return k * LN2_HI + (2 * s + (2 * s * z * (SERIES) + k * LN2_LO));          \
  }
#define ARTANH5(REST) (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11 + REST)))))
LOG(log_short, ARTANH5(0))
LOG(log_long, ARTANH5(z * (1.0 / 13 + z * (1.0 / 15 + z * (1.0 / 17 + z * (1.0 / 19 + z * (1.0 / 21)))))))

// Keeps x between the bounds; NaN stays NaN.
IL_INLINE double clamped(double x, double low, double high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

// -- float32 ------------------------------------------------------------------------------------------------

IL_INLINE float exp_f32(float x) { return (float)exp_short(clamped(x, -110, 90)); }

IL_INLINE float log_f32(float x) {
  const double y = log_short(x > 0 ? (double)x : 1.0);
  const float special = x == 0 ? -INFINITY : NAN;
  return x > 0 ? (x == INFINITY ? x : (float)y) : special;
}

IL_INLINE float sigmoid_f32(float x) { return (float)(1 / (1 + exp_short(clamped(-(double)x, -110, 700)))); }

IL_INLINE float tanh_f32(float x) {
  const double y = __builtin_fabs((double)x);
  const double t = exp_long(clamped(-2 * y, -100, 0));
  const double large = (1 - t) / (1 + t);
  const double small = y - y * y * y * (1.0 / 3);
  return (float)__builtin_copysign(y < 1e-3 ? small : large, x);
}

IL_INLINE float expm1_f32(float x) {
  const double y = x;
  const double small = y + y * y * (0.5 + y * (1.0 / 6));
  return (float)(__builtin_fabs(y) < 1e-4 ? small : exp_long(clamped(y, -110, 90)) - 1);
}

IL_INLINE float log1p_f32(float x) {
  const double y = x;
  const double small = y - y * y * (0.5 - y * (1.0 / 3));
  const double whole = log_short(y > -1 ? 1 + y : 1.0);
  const float special = x == -1 ? -INFINITY : NAN;
  const float usual = x == INFINITY ? x : (float)(__builtin_fabs(y) < 1e-4 ? small : whole);
  return y > -1 ? usual : special;
}

// Sine of x + quarter · π/2, for |x| <= 1e5: the nearest multiple of π/2 is taken off in two parts.
IL_INLINE float sine_f32(float x, int64_t quarter) {
  const double y = x;
  word t = {.value = y * 0x1.45f306dc9c883p-1 + ROUNDER};
  const double k = t.value - ROUNDER;
  const double r = (y - k * 0x1.921fb54400000p0) - k * 0x1.0b4611a626331p-34;
  const double z = r * r;
  const double sine = r * (1 + z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880
                      + z * (-1.0 / 39916800))))));
  const double cosine = 1 + z * (-1.0 / 2 + z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320
                        + z * (-1.0 / 3628800 + z * (1.0 / 479001600))))));
  const uint64_t quadrant = t.bits + (uint64_t)quarter;
  word result = {.value = (quadrant & 1) ? cosine : sine};
  result.bits ^= (quadrant & 2) << 62;
  return (float)result.value;
}

// After a fast loop: libm for the arguments it does not reach.
#define REPAIR(T, OUTSIDE, EXACT)                                     \
  for (ptrdiff_t i = 0; i < l->size0; i++)                            \
    for (ptrdiff_t j = 0; j < l->size1; j++) {                        \
      const T *p = a + i * l->a0 + j * l->a1;                         \
      int outside = 0;                                                \
      for (ptrdiff_t k = 0; k < l->size2; k++) {                      \
        const T X = p[k * l->a2];                                     \
        outside |= (OUTSIDE);                                         \
      }                                                               \
      if (!outside) continue;                                         \
      T *o = out + i * l->out0 + j * l->out1;                         \
      for (ptrdiff_t k = 0; k < l->size2; k++) {                      \
        const T X = p[k * l->a2];                                     \
        if (OUTSIDE) o[k * l->out2] = (EXACT);                        \
      }                                                               \
    }

#define COMMON_UNARY(T, ABS)                                                                  \
  case IL_NEGATE: IL_LOOP1(T, T, -X) break;                                                   \
  case IL_SQRT: IL_LOOP1(T, T, __builtin_elementwise_sqrt(X)) break;                          \
  case IL_RSQRT: IL_LOOP1(T, T, 1 / __builtin_elementwise_sqrt(X)) break;                     \
  case IL_RECIPROCAL: IL_LOOP1(T, T, 1 / X) break;                                            \
  case IL_SQUARE: IL_LOOP1(T, T, X *X) break;                                                 \
  case IL_RELU: IL_LOOP1(T, T, X < 0 ? 0 : X) break;                                          \
  case IL_ABS: IL_LOOP1(T, T, ABS(X)) break;                                                  \
  case IL_SIGN: IL_LOOP1(T, T, X > 0 ? 1 : X < 0 ? -1 : X) break;                             \
  case IL_FLOOR: IL_LOOP1(T, T, __builtin_elementwise_floor(X)) break;                        \
  case IL_CEIL: IL_LOOP1(T, T, __builtin_elementwise_ceil(X)) break;                          \
  case IL_ROUND: IL_LOOP1(T, T, __builtin_elementwise_roundeven(X)) break;                    \
  case IL_STEP: IL_LOOP1(T, T, X > 0 ? 1 : 0) break;

IL_CLONES void il_unary_f32(int op, float *out, const float *a, const il_loop *l) {
  switch (op) {
    COMMON_UNARY(float, __builtin_fabsf)
    case IL_EXP: IL_LOOP1(float, float, exp_f32(X)) break;
    case IL_LOG: IL_LOOP1(float, float, log_f32(X)) break;
    case IL_TANH: IL_LOOP1(float, float, tanh_f32(X)) break;
    case IL_SIGMOID: IL_LOOP1(float, float, sigmoid_f32(X)) break;
    case IL_EXPM1: IL_LOOP1(float, float, expm1_f32(X)) break;
    case IL_LOG1P: IL_LOOP1(float, float, log1p_f32(X)) break;
    case IL_ERF: IL_LOOP1(float, float, erff(X)) break;
    case IL_SIN:
      IL_LOOP1(float, float, sine_f32(X, 0))
      REPAIR(float, !(X >= -1e5f && X <= 1e5f), sinf(X))
      break;
    case IL_COS:
      IL_LOOP1(float, float, sine_f32(X, 1))
      REPAIR(float, !(X >= -1e5f && X <= 1e5f), cosf(X))
      break;
  }
}

// -- float64 ------------------------------------------------------------------------------------------------

IL_CLONES void il_unary_f64(int op, double *out, const double *a, const il_loop *l) {
  switch (op) {
    COMMON_UNARY(double, __builtin_fabs)
    case IL_EXP:
      IL_LOOP1(double, double, exp_long(X))
      REPAIR(double, !(X >= -708 && X <= 709), exp(X))
      break;
    case IL_LOG:
      IL_LOOP1(double, double, log_long(X))
      REPAIR(double, !(X >= 0x1p-1022 && X < INFINITY), log(X))
      break;
    case IL_SIGMOID:
      IL_LOOP1(double, double, 1 / (1 + exp_long(clamped(-X, -708, 708))))
      REPAIR(double, !(X >= -708), 1 / (1 + exp(-X)))
      break;
    case IL_TANH: IL_LOOP1(double, double, tanh(X)) break;
    case IL_EXPM1: IL_LOOP1(double, double, expm1(X)) break;
    case IL_LOG1P: IL_LOOP1(double, double, log1p(X)) break;
    case IL_ERF: IL_LOOP1(double, double, erf(X)) break;
    case IL_SIN: IL_LOOP1(double, double, sin(X)) break;
    case IL_COS: IL_LOOP1(double, double, cos(X)) break;
  }
}

int il_unary_i64(int op, int64_t *out, const int64_t *a, const il_loop *l) {
  int problems = 0;
  switch (op) {
    case IL_NEGATE:
      IL_LOOP1(int64_t, int64_t, (problems |= X == INT64_MIN, X == INT64_MIN ? X : -X))
      break;
    case IL_SQUARE: {
      int64_t r;
      IL_LOOP1(int64_t, int64_t, (problems |= __builtin_mul_overflow(X, X, &r), r))
      break;
    }
    case IL_RELU: IL_LOOP1(int64_t, int64_t, X < 0 ? 0 : X) break;
    case IL_ABS:
      IL_LOOP1(int64_t, int64_t, (problems |= X == INT64_MIN, X < 0 && X != INT64_MIN ? -X : X))
      break;
    case IL_SIGN: IL_LOOP1(int64_t, int64_t, (X > 0) - (X < 0)) break;
    case IL_STEP: IL_LOOP1(int64_t, int64_t, X > 0) break;
  }
  return problems;
}

IL_CLONES void il_finite_f32(int64_t *out, const float *a, const il_loop *l) {
  IL_LOOP1(int64_t, float, __builtin_fabsf(X) < INFINITY)
}

IL_CLONES void il_finite_f64(int64_t *out, const double *a, const il_loop *l) {
  IL_LOOP1(int64_t, double, __builtin_fabs(X) < INFINITY)
}

// -- softmax ------------------------------------------------------------------------------------------------

// The largest element of a row; NaN when there is one.
#define ROW_MAX(T)                                                        \
  T largest = -INFINITY;                                                  \
  int nan = 0;                                                            \
  for (ptrdiff_t i = 0; i < n; i++) {                                     \
    largest = x[i] > largest ? x[i] : largest;                            \
    nan |= x[i] != x[i];                                                  \
  }                                                                       \
  if (nan) largest = NAN;

#define SOFTMAX(NAME, LOGNAME, T, EXPONENTIAL)                                                   \
  IL_CLONES void NAME(T *out, const T *a, ptrdiff_t rows, ptrdiff_t n) {                         \
    for (ptrdiff_t r = 0; r < rows; r++) {                                                       \
      const T *restrict x = a + r * n;                                                           \
      T *restrict o = out + r * n;                                                               \
      ROW_MAX(T)                                                                                 \
      double sum = 0;                                                                            \
      for (ptrdiff_t i = 0; i < n; i++) o[i] = (T)EXPONENTIAL(clamped((double)x[i] - largest, -700, 0)); \
      for (ptrdiff_t i = 0; i < n; i++) sum += o[i];                                             \
      const T scale = (T)(1 / sum);                                                              \
      for (ptrdiff_t i = 0; i < n; i++) o[i] *= scale;                                           \
    }                                                                                            \
  }                                                                                              \
  IL_CLONES void LOGNAME(T *out, const T *a, ptrdiff_t rows, ptrdiff_t n) {                      \
    for (ptrdiff_t r = 0; r < rows; r++) {                                                       \
      const T *restrict x = a + r * n;                                                           \
      T *restrict o = out + r * n;                                                               \
      ROW_MAX(T)                                                                                 \
      double sum = 0;                                                                            \
      for (ptrdiff_t i = 0; i < n; i++) o[i] = (T)EXPONENTIAL(clamped((double)x[i] - largest, -700, 0)); \
      for (ptrdiff_t i = 0; i < n; i++) sum += o[i];                                             \
      const double shift = log(sum);                                                             \
      for (ptrdiff_t i = 0; i < n; i++) o[i] = (T)(((double)x[i] - largest) - shift);            \
    }                                                                                            \
  }
SOFTMAX(il_softmax_f32, il_log_softmax_f32, float, exp_short)
SOFTMAX(il_softmax_f64, il_log_softmax_f64, double, exp_long)
