#include "kernels.h"

// Visits every output position from `from` to `to` and every tap of the kernel there: INSIDE gets the address of
// the input position, OUTSIDE is for taps in the padding. Both then move on by the channels of one tap.
#define VISIT(INSIDE, OUTSIDE)                                                                        \
  const ptrdiff_t plane = w->out0 * w->out1 * w->out2;                                                \
  ptrdiff_t image = from / plane, rest = from % plane;                                                \
  ptrdiff_t p0 = rest / (w->out1 * w->out2), p1 = rest / w->out2 % w->out1, p2 = rest % w->out2;      \
  for (ptrdiff_t p = from; p < to; p++) {                                                             \
    for (ptrdiff_t q0 = 0; q0 < w->k0; q0++) {                                                        \
      const ptrdiff_t y0 = p0 * w->stride0 - w->pad0 + q0 * w->dilation0;                             \
      for (ptrdiff_t q1 = 0; q1 < w->k1; q1++) {                                                      \
        const ptrdiff_t y1 = p1 * w->stride1 - w->pad1 + q1 * w->dilation1;                           \
        const int in = y0 >= 0 && y0 < w->in0 && y1 >= 0 && y1 < w->in1;                              \
        const ptrdiff_t base = image * w->si + y0 * w->s0 + y1 * w->s1;                               \
        for (ptrdiff_t q2 = 0; q2 < w->k2; q2++) {                                                    \
          const ptrdiff_t y2 = p2 * w->stride2 - w->pad2 + q2 * w->dilation2;                         \
          if (in && y2 >= 0 && y2 < w->in2) {                                                         \
            const ptrdiff_t at = base + y2 * w->s2;                                                   \
            INSIDE                                                                                    \
          } else {                                                                                    \
            OUTSIDE                                                                                   \
          }                                                                                           \
          row += w->channels;                                                                         \
        }                                                                                             \
      }                                                                                               \
    }                                                                                                 \
    if (++p2 == w->out2) {                                                                            \
      p2 = 0;                                                                                         \
      if (++p1 == w->out1) {                                                                          \
        p1 = 0;                                                                                       \
        if (++p0 == w->out0) p0 = 0, image++;                                                         \
      }                                                                                               \
    }                                                                                                 \
  }

#define COLUMNS(NAME, ADJOINT, T)                                                                     \
  IL_CLONES void NAME(T *columns, const T *x, const il_window *w, ptrdiff_t from, ptrdiff_t to) {     \
    T *restrict row = columns;                                                                        \
    const ptrdiff_t n = w->channels, sc = w->sc;                                                      \
    VISIT(                                                                                            \
      if (sc == 1) for (ptrdiff_t c = 0; c < n; c++) row[c] = x[at + c];                              \
      else for (ptrdiff_t c = 0; c < n; c++) row[c] = x[at + c * sc];,                                \
      for (ptrdiff_t c = 0; c < n; c++) row[c] = 0;)                                                  \
  }                                                                                                   \
  IL_CLONES void ADJOINT(T *x, const T *columns, const il_window *w, ptrdiff_t from, ptrdiff_t to) {  \
    const T *restrict row = columns;                                                                  \
    const ptrdiff_t n = w->channels, sc = w->sc;                                                      \
    VISIT(                                                                                            \
      if (sc == 1) for (ptrdiff_t c = 0; c < n; c++) x[at + c] += row[c];                             \
      else for (ptrdiff_t c = 0; c < n; c++) x[at + c * sc] += row[c];, )                             \
  }
COLUMNS(il_columns_f32, il_columns_add_f32, float)
COLUMNS(il_columns_f64, il_columns_add_f64, double)

// Visits the taps of the kernel at each output position of one image; `at` is the offset of the input position, and
// `flat` its number in the plane.
#define TAPS(BODY)                                                                                    \
  for (ptrdiff_t q0 = 0; q0 < w->k0; q0++) {                                                          \
    const ptrdiff_t y0 = p0 * w->stride0 - w->pad0 + q0;                                              \
    if (y0 < 0 || y0 >= w->in0) continue;                                                             \
    for (ptrdiff_t q1 = 0; q1 < w->k1; q1++) {                                                        \
      const ptrdiff_t y1 = p1 * w->stride1 - w->pad1 + q1;                                            \
      if (y1 < 0 || y1 >= w->in1) continue;                                                           \
      for (ptrdiff_t q2 = 0; q2 < w->k2; q2++) {                                                      \
        const ptrdiff_t y2 = p2 * w->stride2 - w->pad2 + q2;                                          \
        if (y2 < 0 || y2 >= w->in2) continue;                                                         \
        const ptrdiff_t at = y0 * w->s0 + y1 * w->s1 + y2 * w->s2;                                    \
        BODY                                                                                          \
      }                                                                                               \
    }                                                                                                 \
  }
#define EACH_POSITION                                                                                 \
  for (ptrdiff_t p0 = 0, p = 0; p0 < w->out0; p0++)                                                   \
    for (ptrdiff_t p1 = 0; p1 < w->out1; p1++)                                                        \
      for (ptrdiff_t p2 = 0; p2 < w->out2; p2++, p++)

// Channels are taken WIDTH at a time, so that neighbouring ones fill a vector.
#define WIDTH 16
#define MAX_BLOCK(T, COUNT, SC)                                                                       \
  {                                                                                                   \
    T value[WIDTH];                                                                                   \
    int64_t best[WIDTH];                                                                              \
    for (int v = 0; v < (COUNT); v++) best[v] = -1, value[v] = 0;                                     \
    TAPS(                                                                                             \
      const int64_t flat = (y0 * w->in1 + y1) * w->in2 + y2;                                          \
      const T *q = x + at + c * (SC);                                                                 \
      for (int v = 0; v < (COUNT); v++) {                                                             \
        const T u = q[v * (SC)];                                                                      \
        const int better = (best[v] < 0) | (u > value[v]) | ((u != u) & (value[v] == value[v]));      \
        value[v] = better ? u : value[v];                                                             \
        best[v] = better ? flat : best[v];                                                            \
      })                                                                                              \
    for (int v = 0; v < (COUNT); v++) out[p * so + (c + v) * sc] = best[v];                           \
  }
#define POSITIONS(NAME, T)                                                                            \
  IL_CLONES void NAME(int64_t *out, const T *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc) {     \
    EACH_POSITION {                                                                                   \
      ptrdiff_t c = 0;                                                                                \
      if (w->sc == 1) for (; c + WIDTH <= w->channels; c += WIDTH) MAX_BLOCK(T, WIDTH, 1)             \
      for (; c < w->channels; c++) MAX_BLOCK(T, 1, w->sc)                                             \
    }                                                                                                 \
  }
POSITIONS(il_max_positions_f32, float)
POSITIONS(il_max_positions_f64, double)
POSITIONS(il_max_positions_i64, int64_t)

#define MEAN_BLOCK(T, COUNT, SC)                                                                      \
  {                                                                                                   \
    T sum[WIDTH] = {0};                                                                               \
    TAPS(                                                                                             \
      const T *q = x + at + c * (SC);                                                                 \
      for (int v = 0; v < (COUNT); v++) sum[v] += q[v * (SC)];)                                       \
    for (int v = 0; v < (COUNT); v++) out[p * so + (c + v) * sc] = sum[v] * scale;                    \
  }
#define AVERAGE(NAME, ADJOINT, T)                                                                     \
  IL_CLONES void NAME(T *out, const T *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc) {           \
    const T scale = (T)1 / (T)(w->k0 * w->k1 * w->k2);                                                \
    EACH_POSITION {                                                                                   \
      ptrdiff_t c = 0;                                                                                \
      if (w->sc == 1) for (; c + WIDTH <= w->channels; c += WIDTH) MEAN_BLOCK(T, WIDTH, 1)            \
      for (; c < w->channels; c++) MEAN_BLOCK(T, 1, w->sc)                                            \
    }                                                                                                 \
  }                                                                                                   \
  IL_CLONES void ADJOINT(T *x, const T *g, const il_window *w, ptrdiff_t so, ptrdiff_t sc) {          \
    const T scale = (T)1 / (T)(w->k0 * w->k1 * w->k2);                                                \
    const ptrdiff_t n = w->channels, sx = w->sc;                                                      \
    EACH_POSITION {                                                                                   \
      const T *restrict from = g + p * so;                                                            \
      TAPS(                                                                                           \
        T *restrict to = x + at;                                                                      \
        if (sx == 1 && sc == 1) for (ptrdiff_t c = 0; c < n; c++) to[c] += from[c] * scale;           \
        else for (ptrdiff_t c = 0; c < n; c++) to[c * sx] += from[c * sc] * scale;)                   \
    }                                                                                                 \
  }
AVERAGE(il_average_f32, il_average_add_f32, float)
AVERAGE(il_average_f64, il_average_add_f64, double)
