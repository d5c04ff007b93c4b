#include "kernels.h"

#include <math.h>

// Batch normalisation and the selection by pooling windows, channels innermost. Values of different channels never
// meet, so the innermost loops run along channels.
//
// A window selects the first position where sign · x is largest: the largest x for a positive sign, the smallest for
// a negative one, the first for sign 0. Windows lie side by side; what is left over at the end of an axis is in none.

// Windows of unusual sizes are loops inside the loop along channels, which then stays scalar.
#pragma clang diagnostic ignored "-Wpass-failed"

// Rows of one array are told apart by multiples of n, which the compiler cannot know to be distinct.
#define CHANNELS                                 \
  _Pragma("clang loop vectorize(assume_safety)") \
  for (ptrdiff_t c = 0; c < n; c++)

// Each window of one image: `at` is the offset of its first position, `to` that of its result.
#define EACH_WINDOW                                                    \
  for (ptrdiff_t p0 = 0; p0 < w->out0; p0++)                           \
    for (ptrdiff_t p1 = 0; p1 < w->out1; p1++)                         \
      for (ptrdiff_t p2 = 0, to = (p0 * w->out1 + p1) * w->out2 * n,   \
                     at = (p0 * k0 * w->in1 + p1 * k1) * w->in2 * n;   \
           p2 < w->out2; p2++, at += k2 * n, to += n)

// Each position of one image that is in no window: the ends of rows, and the rows below the last windows.
#define EACH_LEFT_OVER                                                 \
  for (ptrdiff_t y0 = 0; y0 < w->in0; y0++)                            \
    for (ptrdiff_t y1 = 0; y1 < w->in1; y1++)                          \
      for (ptrdiff_t y2 = y0 < w->out0 * k0 && y1 < w->out1 * k1 ? w->out2 * k2 : 0, \
                     at = ((y0 * w->in1 + y1) * w->in2 + y2) * n;      \
           y2 < w->in2; y2++, at += n)

// Each position of a window: `d` is its distance from the first, `tap` its number.
#define EACH_TAP                                                       \
  for (ptrdiff_t q0 = 0, tap = 0; q0 < k0; q0++)                       \
    for (ptrdiff_t q1 = 0; q1 < k1; q1++)                              \
      for (ptrdiff_t q2 = 0, d = (q0 * w->in1 + q1) * w->in2 * n; q2 < k2; q2++, d += n, tap++)

// What channel c of a window selects: the number of the position, its x, and its u where there is one.
#define SELECT(T, INT)                                                 \
  T best = sign[c] * x[at + c], xs = x[at + c], us = hasU ? u[at + c] : 0; \
  INT which = 0;                                                       \
  EACH_TAP {                                                           \
    const T xt = x[at + d + c], ut = hasU ? u[at + d + c] : 0, key = sign[c] * xt; \
    const int better = key > best;                                     \
    best = better ? key : best;                                        \
    xs = better ? xt : xs;                                             \
    us = better ? ut : us;                                             \
    which = better ? (INT)tap : which;                                 \
  }                                                                    \
  (void)xs, (void)us, (void)which;

// Moves on to the next image.
#define NEXT_IMAGE                                                     \
  x += w->in0 * w->in1 * w->in2 * n;                                   \
  if (hasU) u += w->in0 * w->in1 * w->in2 * n;

// Calls an inline function with a window that the compiler knows, where it is a usual one: none, or 2 × 2.
#define WINDOWED(F, ...)                                                       \
  if (w->k0 == 1 && w->k1 == 1 && w->k2 == 1) F(__VA_ARGS__, 1, 1, 1);         \
  else if (w->k0 == 1 && w->k1 == 2 && w->k2 == 2) F(__VA_ARGS__, 1, 2, 2);    \
  else F(__VA_ARGS__, w->k0, w->k1, w->k2)

// sums = (Σ(x − shift), Σ(x − shift)²) of each channel, in double precision; four positions at a time.
#define MOMENT_SUMS(S, T)                                                                             \
  IL_CLONES void il_moment_sums_##S(double *restrict sums, const T *restrict x,                       \
                                    const T *restrict shift, ptrdiff_t positions, ptrdiff_t n) {      \
    double *restrict squares = sums + n;                                                              \
    CHANNELS sums[c] = squares[c] = 0;                                                                \
    ptrdiff_t p = 0;                                                                                  \
    for (; p + 4 <= positions; p += 4, x += 4 * n)                                                    \
      CHANNELS {                                                                                      \
        const double k = shift[c];                                                                    \
        const double d0 = x[c] - k, d1 = x[n + c] - k, d2 = x[2 * n + c] - k, d3 = x[3 * n + c] - k;  \
        sums[c] += (d0 + d1) + (d2 + d3);                                                             \
        squares[c] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);                                      \
      }                                                                                               \
    for (; p < positions; p++, x += n)                                                                \
      CHANNELS {                                                                                      \
        const double d = (double)x[c] - shift[c];                                                     \
        sums[c] += d;                                                                                 \
        squares[c] += d * d;                                                                          \
      }                                                                                               \
  }
MOMENT_SUMS(f32, float)
MOMENT_SUMS(f64, double)

// moments = (μ, 1/√(var + eps), sign of the weight), from the sums of all parts in their order.
#define MOMENTS(S, T)                                                                                 \
  void il_moments_##S(T *moments, const double *sums, ptrdiff_t parts, const T *shift, const T *weight, \
                      double count, double eps, ptrdiff_t n) {                                        \
    for (ptrdiff_t c = 0; c < n; c++) {                                                               \
      double sum = 0, squares = 0;                                                                    \
      for (ptrdiff_t part = 0; part < parts; part++) {                                                \
        sum += sums[2 * part * n + c];                                                                \
        squares += sums[(2 * part + 1) * n + c];                                                      \
      }                                                                                               \
      const double mean = sum / count;                                                                \
      double variance = squares / count - mean * mean;                                                \
      if (variance < 0) variance = 0;                                                                 \
      moments[c] = (T)(mean + shift[c]);                                                              \
      moments[n + c] = (T)(1 / sqrt(variance + eps));                                                 \
      moments[2 * n + c] = weight ? (T)((weight[c] > 0) - (weight[c] < 0)) : 1;                       \
    }                                                                                                 \
  }
MOMENTS(f32, float)
MOMENTS(f64, double)

// sums = (Σĝ, Σĝ(x − μ), Σu, Σu(x − μ), Σuĝ), ĝ being g at the selected positions.
#define SUMS(S, T, INT)                                                                               \
  IL_INLINE void sums_##S(double *restrict sums, const T *restrict x, const T *restrict g,            \
                          const T *restrict u, const T *restrict moments, const il_window *w,         \
                          ptrdiff_t images, int hasG, int hasU, ptrdiff_t k0, ptrdiff_t k1, ptrdiff_t k2) { \
    const ptrdiff_t n = w->channels;                                                                  \
    const T *mean = moments, *sign = moments + 2 * n;                                                 \
    double *sg = sums, *sgx = sums + n, *su = sums + 2 * n, *sux = sums + 3 * n, *sug = sums + 4 * n; \
    for (ptrdiff_t c = 0; c < 5 * n; c++) sums[c] = 0;                                                \
    for (ptrdiff_t image = 0; image < images; image++) {                                              \
      EACH_WINDOW CHANNELS {                                                                          \
        if (hasG) {                                                                                   \
          SELECT(T, INT)                                                                              \
          const double gc = g[to + c];                                                                \
          sg[c] += gc;                                                                                \
          sgx[c] += gc * (xs - mean[c]);                                                              \
          if (hasU) sug[c] += gc * us;                                                                \
        }                                                                                             \
        if (hasU) {                                                                                   \
          T sum = 0, product = 0;                                                                     \
          EACH_TAP {                                                                                  \
            sum += u[at + d + c];                                                                     \
            product += u[at + d + c] * (x[at + d + c] - mean[c]);                                     \
          }                                                                                           \
          su[c] += sum;                                                                               \
          sux[c] += product;                                                                          \
        }                                                                                             \
      }                                                                                               \
      if (hasU) EACH_LEFT_OVER CHANNELS {                                                             \
        su[c] += u[at + c];                                                                           \
        sux[c] += u[at + c] * (x[at + c] - mean[c]);                                                  \
      }                                                                                               \
      NEXT_IMAGE                                                                                      \
      if (hasG) g += w->out0 * w->out1 * w->out2 * n;                                                 \
    }                                                                                                 \
  }                                                                                                   \
  IL_CLONES void il_normalise_sums_##S(double *sums, const T *x, const T *g, const T *u,              \
                                       const T *moments, const il_window *w, ptrdiff_t images) {      \
    if (g && u) { WINDOWED(sums_##S, sums, x, g, u, moments, w, images, 1, 1); }                      \
    else if (g) { WINDOWED(sums_##S, sums, x, g, u, moments, w, images, 1, 0); }                      \
    else { WINDOWED(sums_##S, sums, x, g, u, moments, w, images, 0, 1); }                             \
  }
SUMS(f32, float, int32_t)
SUMS(f64, double, int64_t)

// The factors of (1, x − μ, ĝ, u), from the sums of all parts in their order. With ⟨·⟩ for means, a = ⟨ĝx̂⟩,
// b = ⟨ux̂⟩, c = ⟨uĝ⟩ − ⟨u⟩⟨ĝ⟩:
//   normalised r(x − μ);  gradient r(ĝ − ⟨ĝ⟩ − a x̂);  tangent r(u − ⟨u⟩ − b x̂);
//   curvature −r²((c − 3ab) x̂ + b(ĝ − ⟨ĝ⟩) + a(u − ⟨u⟩)).
#define FACTORS(S, T)                                                                                 \
  void il_normalise_factors_##S(int kind, T *factors, const double *sums, ptrdiff_t parts,            \
                                const T *moments, double count, ptrdiff_t n) {                        \
    for (ptrdiff_t channel = 0; channel < n; channel++) {                                             \
      const double r = moments[n + channel];                                                          \
      double sum[5] = {0};                                                                            \
      if (kind != IL_NORMALISED)                                                                      \
        for (ptrdiff_t part = 0; part < parts; part++)                                                \
          for (int row = 0; row < 5; row++) sum[row] += sums[(5 * part + row) * n + channel];         \
      const double g = sum[0] / count, a = sum[1] / count * r, u = sum[2] / count;                    \
      const double b = sum[3] / count * r, c = sum[4] / count - u * g;                                \
      double one = 0, x = 0, ofG = 0, ofU = 0;                                                        \
      switch (kind) {                                                                                 \
        case IL_NORMALISED: x = r; break;                                                             \
        case IL_GRADIENT: one = -r * g, x = -r * r * a, ofG = r; break;                               \
        case IL_TANGENT: one = -r * u, x = -r * r * b, ofU = r; break;                                \
        case IL_CURVATURE:                                                                            \
          one = r * r * (b * g + a * u), x = -r * r * r * (c - 3 * a * b);                            \
          ofG = -r * r * b, ofU = -r * r * a;                                                         \
          break;                                                                                      \
      }                                                                                               \
      factors[channel] = (T)one;                                                                      \
      factors[n + channel] = (T)x;                                                                    \
      factors[2 * n + channel] = (T)ofG;                                                              \
      factors[3 * n + channel] = (T)ofU;                                                              \
    }                                                                                                 \
  }
FACTORS(f32, float)
FACTORS(f64, double)

// out = f0 + f1 (x − μ) + f3 u at the selected position of each window.
#define SELECTED(S, T, INT)                                                                           \
  IL_INLINE void select_##S(T *restrict out, const T *restrict x, const T *restrict u,                \
                            const T *restrict moments, const T *restrict f, const il_window *w,       \
                            ptrdiff_t images, int hasU, ptrdiff_t k0, ptrdiff_t k1, ptrdiff_t k2) {   \
    const ptrdiff_t n = w->channels;                                                                  \
    const T *mean = moments, *sign = moments + 2 * n;                                                 \
    for (ptrdiff_t image = 0; image < images; image++) {                                              \
      EACH_WINDOW CHANNELS {                                                                          \
        SELECT(T, INT)                                                                                \
        const T value = f[c] + f[n + c] * (xs - mean[c]);                                             \
        out[to + c] = hasU ? value + f[3 * n + c] * us : value;                                       \
      }                                                                                               \
      NEXT_IMAGE                                                                                      \
      out += w->out0 * w->out1 * w->out2 * n;                                                         \
    }                                                                                                 \
  }                                                                                                   \
  IL_CLONES void il_normalise_select_##S(T *out, const T *x, const T *u, const T *moments,            \
                                         const T *factors, const il_window *w, ptrdiff_t images) {    \
    if (u) { WINDOWED(select_##S, out, x, u, moments, factors, w, images, 1); }                       \
    else { WINDOWED(select_##S, out, x, u, moments, factors, w, images, 0); }                         \
  }
SELECTED(f32, float, int32_t)
SELECTED(f64, double, int64_t)

// out = f0 + f1 (x − μ) + f2 ĝ + f3 u at every position.
#define SPREAD(S, T, INT)                                                                             \
  IL_INLINE void spread_##S(T *restrict out, const T *restrict x, const T *restrict g,                \
                            const T *restrict u, const T *restrict moments, const T *restrict f,      \
                            const il_window *w, ptrdiff_t images, int hasU, ptrdiff_t k0,             \
                            ptrdiff_t k1, ptrdiff_t k2) {                                             \
    const ptrdiff_t n = w->channels;                                                                  \
    const T *mean = moments, *sign = moments + 2 * n;                                                 \
    for (ptrdiff_t image = 0; image < images; image++) {                                              \
      EACH_WINDOW CHANNELS {                                                                          \
        SELECT(T, INT)                                                                                \
        const T gc = f[2 * n + c] * g[to + c];                                                        \
        EACH_TAP {                                                                                    \
          T value = f[c] + f[n + c] * (x[at + d + c] - mean[c]);                                      \
          if (hasU) value += f[3 * n + c] * u[at + d + c];                                            \
          out[at + d + c] = value + (which == (INT)tap ? gc : 0);                                     \
        }                                                                                             \
      }                                                                                               \
      EACH_LEFT_OVER CHANNELS {                                                                       \
        const T value = f[c] + f[n + c] * (x[at + c] - mean[c]);                                      \
        out[at + c] = hasU ? value + f[3 * n + c] * u[at + c] : value;                                \
      }                                                                                               \
      NEXT_IMAGE                                                                                      \
      g += w->out0 * w->out1 * w->out2 * n;                                                           \
      out += w->in0 * w->in1 * w->in2 * n;                                                            \
    }                                                                                                 \
  }                                                                                                   \
  IL_CLONES void il_normalise_spread_##S(T *out, const T *x, const T *g, const T *u, const T *moments, \
                                         const T *factors, const il_window *w, ptrdiff_t images) {    \
    if (u) { WINDOWED(spread_##S, out, x, g, u, moments, factors, w, images, 1); }                    \
    else { WINDOWED(spread_##S, out, x, g, u, moments, factors, w, images, 0); }                      \
  }
SPREAD(f32, float, int32_t)
SPREAD(f64, double, int64_t)
