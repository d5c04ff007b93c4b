// The transforms of Winograd's convolution F(2×2, 3×3), part of lanes.h. A tile of 4×4 inputs and a kernel of 3×3
// give 2×2 outputs, Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, with
//   Bᵀ = 1  0 −1  0     G = 1   0  0      Aᵀ = 1  1  1  0
//        0  1  1  0         ½   ½  ½           0  1 −1 −1
//        0 −1  1  0         ½  −½  ½
//        0  1  0 −1         0   0  1
// The product ⊙ becomes, for each of the 16 places, a matrix product over the channels. The adjoint with respect to
// the kernel is Gᵀ[(A y Aᵀ) ⊙ (Bᵀ d B)]G, the product being summed over the tiles.

// Elements that are read for what lies outside of an array.
static const ELEMENT NAMED(zeros)[IL_CHANNELS];

// Where tile t lies: its image, and its first row and column among the outputs.
#define TILE_PLACE                                                                      \
  const ptrdiff_t image = t / (w->tiles0 * w->tiles1);                                  \
  const ptrdiff_t place = t - image * (w->tiles0 * w->tiles1);                          \
  const ptrdiff_t y = place / w->tiles1 * 2, x = (place - place / w->tiles1 * w->tiles1) * 2;

// out = Bᵀ d B for W neighbouring channels; IN(i, j) is the address of d[i, j].
#define INPUT_TILE(W, IN)                                                               \
  {                                                                                     \
    W d[4][4];                                                                          \
    _Pragma("clang loop unroll(full)")                                                  \
    for (int j = 0; j < 4; j++) {                                                       \
      const W d0 = *(const W *)(IN(0, j)), d1 = *(const W *)(IN(1, j));                 \
      const W d2 = *(const W *)(IN(2, j)), d3 = *(const W *)(IN(3, j));                 \
      d[0][j] = d0 - d2, d[1][j] = d1 + d2, d[2][j] = d2 - d1, d[3][j] = d1 - d3;       \
    }                                                                                   \
    _Pragma("clang loop unroll(full)")                                                  \
    for (int i = 0; i < 4; i++) {                                                       \
      *(W *)(to + (4 * i + 0) * step + c) = d[i][0] - d[i][2];                          \
      *(W *)(to + (4 * i + 1) * step + c) = d[i][1] + d[i][2];                          \
      *(W *)(to + (4 * i + 2) * step + c) = d[i][2] - d[i][1];                          \
      *(W *)(to + (4 * i + 3) * step + c) = d[i][1] - d[i][3];                          \
    }                                                                                   \
  }

WITH static void NAMED(input)(ELEMENT *v, const ELEMENT *in, const il_winograd *w, ptrdiff_t from, ptrdiff_t to_) {
  const ptrdiff_t n = w->channels, step = w->step, line = w->in1 * n;
  for (ptrdiff_t t = from; t < to_; t++) {
    TILE_PLACE
    const ptrdiff_t y0 = y - w->pad0, x0 = x - w->pad1;
    const ELEMENT *base = in + ((image * w->in0 + y0) * w->in1 + x0) * n;
    ELEMENT *to = v + (t - from) * w->row;
    if (y0 >= 0 && y0 + 4 <= w->in0 && x0 >= 0 && x0 + 4 <= w->in1) {
      ptrdiff_t c = 0;
#define AT(i, j) (base + (i) * line + (j) * n + c)
      for (; c + LANES <= n; c += LANES) INPUT_TILE(VECTOR, AT)
      for (; c < n; c++) INPUT_TILE(ELEMENT, AT)
#undef AT
    } else {
      for (ptrdiff_t start = 0; start < n; start += IL_CHANNELS) {
        const ELEMENT *at[4][4];
        for (int i = 0; i < 4; i++)
          for (int j = 0; j < 4; j++) {
            const int is = y0 + i >= 0 && y0 + i < w->in0 && x0 + j >= 0 && x0 + j < w->in1;
            at[i][j] = is ? base + i * line + j * n + start : NAMED(zeros);
          }
        const ptrdiff_t end = n - start < IL_CHANNELS ? n - start : IL_CHANNELS;
        ptrdiff_t c = 0;
#define AT(i, j) (at[i][j] + c)
        to = v + (t - from) * w->row + start;
        for (; c + LANES <= end; c += LANES) INPUT_TILE(VECTOR, AT)
        for (; c < end; c++) INPUT_TILE(ELEMENT, AT)
#undef AT
      }
    }
  }
}

// y = Aᵀ m A for W neighbouring channels, stored where the output has a row and a column.
#define OUTPUT_TILE(W)                                                                  \
  {                                                                                     \
    W y0[4], y1[4];                                                                     \
    _Pragma("clang loop unroll(full)")                                                  \
    for (int j = 0; j < 4; j++) {                                                       \
      const W m0 = *(const W *)(m + j * step), m1 = *(const W *)(m + (4 + j) * step);   \
      const W m2 = *(const W *)(m + (8 + j) * step), m3 = *(const W *)(m + (12 + j) * step); \
      y0[j] = m0 + m1 + m2, y1[j] = m1 - m2 - m3;                                       \
    }                                                                                   \
    *(W *)to = y0[0] + y0[1] + y0[2];                                                   \
    if (right) *(W *)(to + n) = y0[1] - y0[2] - y0[3];                                  \
    if (below) {                                                                        \
      *(W *)(to + line) = y1[0] + y1[1] + y1[2];                                        \
      if (right) *(W *)(to + line + n) = y1[1] - y1[2] - y1[3];                         \
    }                                                                                   \
  }

WITH static void NAMED(output)(ELEMENT *out, const ELEMENT *v, const il_winograd *w, ptrdiff_t from, ptrdiff_t to_) {
  const ptrdiff_t n = w->channels, step = w->step, line = w->in1 * n;
  for (ptrdiff_t t = from; t < to_; t++) {
    TILE_PLACE
    const int right = x + 1 < w->in1, below = y + 1 < w->in0;
    ELEMENT *to = out + ((image * w->in0 + y) * w->in1 + x) * n;
    const ELEMENT *m = v + (t - from) * w->row;
    ptrdiff_t c = 0;
    for (; c + LANES <= n; c += LANES, to += LANES, m += LANES) OUTPUT_TILE(VECTOR)
    for (; c < n; c++, to++, m++) OUTPUT_TILE(ELEMENT)
  }
}

// z = A y Aᵀ for W neighbouring channels.
#define GRADIENT_TILE(W)                                                                \
  {                                                                                     \
    const W g00 = *(const W *)(at[0] + c), g01 = *(const W *)(at[1] + c);               \
    const W g10 = *(const W *)(at[2] + c), g11 = *(const W *)(at[3] + c);               \
    const W r[4][2] = {{g00, g01}, {g00 + g10, g01 + g11}, {g00 - g10, g01 - g11}, {-g10, -g11}}; \
    _Pragma("clang loop unroll(full)")                                                  \
    for (int i = 0; i < 4; i++) {                                                       \
      *(W *)(to + (4 * i + 0) * step + c) = r[i][0];                                    \
      *(W *)(to + (4 * i + 1) * step + c) = r[i][0] + r[i][1];                          \
      *(W *)(to + (4 * i + 2) * step + c) = r[i][0] - r[i][1];                          \
      *(W *)(to + (4 * i + 3) * step + c) = -r[i][1];                                   \
    }                                                                                   \
  }

WITH static void NAMED(gradient)(ELEMENT *v, const ELEMENT *g, const il_winograd *w, ptrdiff_t from, ptrdiff_t to_) {
  const ptrdiff_t n = w->channels, step = w->step;
  for (ptrdiff_t t = from; t < to_; t++) {
    TILE_PLACE
    const int right = x + 1 < w->in1, below = y + 1 < w->in0;
    for (ptrdiff_t start = 0; start < n; start += IL_CHANNELS) {
      const ELEMENT *base = g + ((image * w->in0 + y) * w->in1 + x) * n + start;
      const ELEMENT *at[4] = {
          base, right ? base + n : NAMED(zeros), below ? base + w->in1 * n : NAMED(zeros),
          below && right ? base + w->in1 * n + n : NAMED(zeros)};
      ELEMENT *to = v + (t - from) * w->row + start;
      const ptrdiff_t end = n - start < IL_CHANNELS ? n - start : IL_CHANNELS;
      ptrdiff_t c = 0;
      for (; c + LANES <= end; c += LANES) GRADIENT_TILE(VECTOR)
      for (; c < end; c++) GRADIENT_TILE(ELEMENT)
    }
  }
}

// u = G g Gᵀ for the kernels of the input channels `from` to `to`; `row` lies between input channels of u.
WITH static void NAMED(kernel)(ELEMENT *u, const ELEMENT *kernel, const il_winograd_kernel *w, ptrdiff_t from,
                               ptrdiff_t to) {
  for (ptrdiff_t c = from; c < to; c++)
    for (ptrdiff_t o = 0; o < w->outputs; o += LANES) {
      const ptrdiff_t count = w->outputs - o < LANES ? w->outputs - o : LANES;
      ELEMENT lane[9][BYTES / sizeof(ELEMENT)] = {0};
      const ELEMENT *at = kernel + c * w->sc + o * w->so;
      for (ptrdiff_t v = 0; v < count; v++, at += w->so)
        for (int i = 0; i < 3; i++)
          for (int j = 0; j < 3; j++) lane[3 * i + j][v] = at[i * w->s0 + j * w->s1];
      const VECTOR *g = (const VECTOR *)lane;
      VECTOR r[4][3];
#pragma clang loop unroll(full)
      for (int j = 0; j < 3; j++) {
        const VECTOR sum = (ELEMENT)0.5 * (g[j] + g[6 + j]), half = (ELEMENT)0.5 * g[3 + j];
        r[0][j] = g[j], r[1][j] = sum + half, r[2][j] = sum - half, r[3][j] = g[6 + j];
      }
      ELEMENT *q = u + c * w->row + o;
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) {
        const VECTOR sum = (ELEMENT)0.5 * (r[i][0] + r[i][2]), half = (ELEMENT)0.5 * r[i][1];
        *(VECTOR *)(q + (4 * i + 0) * w->step) = r[i][0];
        *(VECTOR *)(q + (4 * i + 1) * w->step) = sum + half;
        *(VECTOR *)(q + (4 * i + 2) * w->step) = sum - half;
        *(VECTOR *)(q + (4 * i + 3) * w->step) = r[i][2];
      }
    }
}

// kernel = Gᵀ (Σ u) G over `sections` arrays u, for the kernels of the input channels `from` to `to`.
WITH static void NAMED(kernel_gradient)(ELEMENT *kernel, const ELEMENT *u, const il_winograd_kernel *w,
                                        ptrdiff_t sections, ptrdiff_t from, ptrdiff_t to) {
  for (ptrdiff_t c = from; c < to; c++)
    for (ptrdiff_t o = 0; o < w->outputs; o += LANES) {
      const ELEMENT *q = u + c * w->row + o;
      VECTOR m[4][4], r[3][4];
#pragma clang loop unroll(full)
      for (int i = 0; i < 16; i++) m[i / 4][i % 4] = *(const VECTOR *)(q + i * w->step);
      for (ptrdiff_t s = 1; s < sections; s++) {
        q += 16 * w->step;
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) m[i / 4][i % 4] += *(const VECTOR *)(q + i * w->step);
      }
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; j++) {
        const VECTOR sum = (ELEMENT)0.5 * (m[1][j] + m[2][j]);
        r[0][j] = m[0][j] + sum, r[1][j] = (ELEMENT)0.5 * (m[1][j] - m[2][j]), r[2][j] = sum + m[3][j];
      }
      VECTOR g[9];
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
        const VECTOR sum = (ELEMENT)0.5 * (r[i][1] + r[i][2]);
        g[3 * i] = r[i][0] + sum, g[3 * i + 1] = (ELEMENT)0.5 * (r[i][1] - r[i][2]), g[3 * i + 2] = sum + r[i][3];
      }
      const ELEMENT(*lane)[BYTES / sizeof(ELEMENT)] = (const void *)g;
      const ptrdiff_t count = w->outputs - o < LANES ? w->outputs - o : LANES;
      ELEMENT *at = kernel + c * w->sc + o * w->so;
      for (ptrdiff_t v = 0; v < count; v++, at += w->so)
        for (int i = 0; i < 3; i++)
          for (int j = 0; j < 3; j++) at[i * w->s0 + j * w->s1] = lane[3 * i + j][v];
    }
}

#undef TILE_PLACE
#undef INPUT_TILE
#undef OUTPUT_TILE
#undef GRADIENT_TILE
