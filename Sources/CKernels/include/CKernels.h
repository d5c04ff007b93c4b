/// Vectorised loops that Swift cannot make as fast. Each says the Swift it replaces.
///
/// Names end in the element type: f32, f64, i64. Sizes and strides are in elements. Nothing here allocates,
/// reports or checks: the Swift callers own shapes, errors and threads.
#ifndef INNERLOOP_CKERNELS_H
#define INNERLOOP_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Three nested loops, outermost first, and the strides of a result and up to three operands.
typedef struct il_loop {
  ptrdiff_t size0, size1, size2;
  ptrdiff_t out0, out1, out2;
  ptrdiff_t a0, a1, a2;
  ptrdiff_t b0, b1, b2;
  ptrdiff_t c0, c1, c2;
} il_loop;

/// Codes of `BinaryOp`, in its order.
enum { IL_ADD, IL_SUBTRACT, IL_MULTIPLY, IL_DIVIDE, IL_POWER, IL_MAXIMUM, IL_MINIMUM,
       IL_EQUAL, IL_NOT_EQUAL, IL_LESS, IL_LESS_EQUAL, IL_GREATER, IL_GREATER_EQUAL };

/// Codes of `UnaryOp`, in its order.
enum { IL_NEGATE, IL_EXP, IL_LOG, IL_SQRT, IL_RSQRT, IL_RECIPROCAL, IL_SQUARE, IL_SIN, IL_COS, IL_TANH,
       IL_SIGMOID, IL_RELU, IL_ABS, IL_SIGN, IL_FLOOR, IL_CEIL, IL_ROUND, IL_ERF, IL_EXPM1, IL_LOG1P,
       IL_STEP, IL_IS_FINITE };

/// What went wrong in an int64 loop, as bits.
enum { IL_OVERFLOW = 1, IL_ZERO_DIVISION = 2 };

/// Tells the processor that the thread is waiting in a loop.
void il_pause(void);
/// The processors that a process may use, this one for 0; 1 where that is not known.
int il_processor_count(int pid);

// blas.c -------------------------------------------------------------------------------------------------

/// Makes OpenBLAS use the vector units that the processor has. A release older than the processor does not know its
/// model and takes kernels of 2004, seven times slower. Call it once, before the first product; it does nothing where
/// OPENBLAS_CORETYPE is set.
void il_blas_choose_kernels(void);

// elementwise.c ------------------------------------------------------------------------------------------

/// `for i in 0..<n { out[i] = value }`
void il_fill_f32(float *out, float value, ptrdiff_t n);
void il_fill_f64(double *out, double value, ptrdiff_t n);
void il_fill_i64(int64_t *out, int64_t value, ptrdiff_t n);

/// `out[…] = a[…] op b[…]` for the arithmetic codes; maximum and minimum are NaN where either is NaN.
void il_binary_f32(int op, float *out, const float *a, const float *b, const il_loop *loop);
void il_binary_f64(int op, double *out, const double *a, const double *b, const il_loop *loop);
/// As above with exact int64 arithmetic; returns the problems met, whose results are undefined.
int il_binary_i64(int op, int64_t *out, const int64_t *a, const int64_t *b, const il_loop *loop);

/// `out[…] = a[…] op b[…] ? 1 : 0` for the comparison codes.
void il_compare_f32(int op, int64_t *out, const float *a, const float *b, const il_loop *loop);
void il_compare_f64(int op, int64_t *out, const double *a, const double *b, const il_loop *loop);
void il_compare_i64(int op, int64_t *out, const int64_t *a, const int64_t *b, const il_loop *loop);

/// `out[…] = a[…] + scale * b[…]`
void il_axpy_f32(float *out, const float *a, const float *b, float scale, const il_loop *loop);
void il_axpy_f64(double *out, const double *a, const double *b, double scale, const il_loop *loop);

/// The numbers of a step of Adam.
typedef struct il_adam {
  double rest1, keep2, rest2, eps, step_size, correction;
} il_adam;

/// `mean[i] = m[i] + rest1 * (g[i] - m[i])`, `square[i] = keep2 * v[i] + rest2 * g[i] * g[i]` and
/// `value[i] = p[i] - step_size * mean[i] / (square[i].squareRoot() / correction + eps)`.
void il_adam_f32(float *value, float *mean, float *square, const float *p, const float *g, const float *m,
                 const float *v, il_adam s, ptrdiff_t n);
void il_adam_f64(double *value, double *mean, double *square, const double *p, const double *g,
                 const double *m, const double *v, il_adam s, ptrdiff_t n);

/// `out[…] = b[…] > 0 ? a[…] : 0`
void il_relu_gradient_f32(float *out, const float *a, const float *b, const il_loop *loop);
void il_relu_gradient_f64(double *out, const double *a, const double *b, const il_loop *loop);

/// `out[…] = c[…] != 0 ? a[…] : b[…]`; values of 4 or 8 bytes are moved as they are.
void il_select_4_f32(uint32_t *out, const uint32_t *a, const uint32_t *b, const float *c, const il_loop *loop);
void il_select_4_f64(uint32_t *out, const uint32_t *a, const uint32_t *b, const double *c, const il_loop *loop);
void il_select_4_i64(uint32_t *out, const uint32_t *a, const uint32_t *b, const int64_t *c, const il_loop *loop);
void il_select_8_f32(uint64_t *out, const uint64_t *a, const uint64_t *b, const float *c, const il_loop *loop);
void il_select_8_f64(uint64_t *out, const uint64_t *a, const uint64_t *b, const double *c, const il_loop *loop);
void il_select_8_i64(uint64_t *out, const uint64_t *a, const uint64_t *b, const int64_t *c, const il_loop *loop);

/// `out[…] = a[…]`
void il_copy_4(uint32_t *out, const uint32_t *a, const il_loop *loop);
void il_copy_8(uint64_t *out, const uint64_t *a, const il_loop *loop);

/// `out[…] = Out(a[…])`; the casts to int64 truncate, and return IL_OVERFLOW when a value does not fit.
void il_cast_f32_f64(double *out, const float *a, const il_loop *loop);
void il_cast_f64_f32(float *out, const double *a, const il_loop *loop);
void il_cast_i64_f32(float *out, const int64_t *a, const il_loop *loop);
void il_cast_i64_f64(double *out, const int64_t *a, const il_loop *loop);
int il_cast_f32_i64(int64_t *out, const float *a, const il_loop *loop);
int il_cast_f64_i64(int64_t *out, const double *a, const il_loop *loop);

// math.c -------------------------------------------------------------------------------------------------

/// `out[…] = op(a[…])` for every unary code but IL_IS_FINITE.
void il_unary_f32(int op, float *out, const float *a, const il_loop *loop);
void il_unary_f64(int op, double *out, const double *a, const il_loop *loop);
/// negate, square, relu, abs, sign and step, exactly; returns the problems met.
int il_unary_i64(int op, int64_t *out, const int64_t *a, const il_loop *loop);
/// `out[…] = a[…].isFinite ? 1 : 0`
void il_finite_f32(int64_t *out, const float *a, const il_loop *loop);
void il_finite_f64(int64_t *out, const double *a, const il_loop *loop);

/// `out[r] = exp(a[r] - max(a[r])) / sum`, and its logarithm, for each of `rows` rows of `n` elements.
void il_softmax_f32(float *out, const float *a, ptrdiff_t rows, ptrdiff_t n);
void il_softmax_f64(double *out, const double *a, ptrdiff_t rows, ptrdiff_t n);
void il_log_softmax_f32(float *out, const float *a, ptrdiff_t rows, ptrdiff_t n);
void il_log_softmax_f64(double *out, const double *a, ptrdiff_t rows, ptrdiff_t n);

// reduce.c -----------------------------------------------------------------------------------------------

/// Codes of the reductions.
enum { IL_SUM, IL_MAX, IL_MIN };

/// A reduction of the inner three axes (`reduced…`, strides `r…`) for each of `size0 × size1` results.
typedef struct il_reduction {
  ptrdiff_t size0, size1;
  ptrdiff_t out0, out1;
  ptrdiff_t a0, a1;
  ptrdiff_t reduced0, reduced1, reduced2;
  ptrdiff_t r0, r1, r2;
} il_reduction;

/// `out[i] = a[i, …].reduce(op)`. Sums are made in double, in 32 lanes along the innermost axis (or for 32
/// neighbouring results at once where a1 is 1), so that the order depends on the sizes alone.
void il_reduce_f32(int op, float *out, const float *a, const il_reduction *r);
void il_reduce_f64(int op, double *out, const double *a, const il_reduction *r);
int il_reduce_i64(int op, int64_t *out, const int64_t *a, const il_reduction *r);
/// The sums alone, still in double: partial results of a long reduction.
void il_reduce_partial_f32(double *out, const float *a, const il_reduction *r);

/// `out[i] = index of the largest (IL_MAX) or smallest element`, the first of equals; NaN wins.
void il_arg_f32(int op, int64_t *out, const float *a, ptrdiff_t n, ptrdiff_t stride);
void il_arg_f64(int op, int64_t *out, const double *a, ptrdiff_t n, ptrdiff_t stride);
void il_arg_i64(int op, int64_t *out, const int64_t *a, ptrdiff_t n, ptrdiff_t stride);

// fixed.c ------------------------------------------------------------------------------------------------

/// The largest finite |a[i]|; returns 1 when some are not finite.
int il_largest_f32(const float *a, ptrdiff_t n, float *largest);
int il_largest_f64(const double *a, ptrdiff_t n, double *largest);
/// `out[i] += a[i] * scale`, cut to an integer; nothing where a[i] is not finite.
void il_fixed_add_f32(int64_t *out, const float *a, ptrdiff_t n, double scale);
/// The same; `out[n + i]` gets what the cut took off, times `fine`.
void il_fixed_add_f64(int64_t *out, const double *a, ptrdiff_t n, double scale, double fine);
/// `out[i] = a[i] * unit`, and with `a[n + i] * fine` added to a[i].
void il_fixed_get_f32(float *out, const int64_t *a, ptrdiff_t n, double unit);
void il_fixed_get_f64(double *out, const int64_t *a, ptrdiff_t n, double unit, double fine);
/// `out[i] |= 1` where a[i] is NaN, 2 where it is ∞, 4 where it is -∞.
void il_specials_f32(int64_t *out, const float *a, ptrdiff_t n);
void il_specials_f64(int64_t *out, const double *a, ptrdiff_t n);

// products.c ---------------------------------------------------------------------------------------------

/// `out[i, j] = Σ_k a[i, k] * b[k, j]` with any strides, for sizes where a BLAS call costs more than the work;
/// `out` is row-major with rows of `ldo` elements.
void il_product_f32(float *out, const float *a, const float *b, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n,
                    ptrdiff_t ldo, ptrdiff_t ar, ptrdiff_t ac, ptrdiff_t br, ptrdiff_t bc);
void il_product_f64(double *out, const double *a, const double *b, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n,
                    ptrdiff_t ldo, ptrdiff_t ar, ptrdiff_t ac, ptrdiff_t br, ptrdiff_t bc);
int il_product_i64(int64_t *out, const int64_t *a, const int64_t *b, ptrdiff_t m, ptrdiff_t k, ptrdiff_t n,
                   ptrdiff_t ldo, ptrdiff_t ar, ptrdiff_t ac, ptrdiff_t br, ptrdiff_t bc);

/// `out[i, j] += bias[j]` for `m` rows of `n` elements.
void il_add_row_f32(float *out, const float *bias, ptrdiff_t m, ptrdiff_t n, ptrdiff_t ldo);
void il_add_row_f64(double *out, const double *bias, ptrdiff_t m, ptrdiff_t n, ptrdiff_t ldo);

// windows.c ----------------------------------------------------------------------------------------------

/// A sliding window over three spatial axes (unused ones have size 1), outermost first.
typedef struct il_window {
  ptrdiff_t in0, in1, in2;            // sizes of the input plane
  ptrdiff_t out0, out1, out2;         // sizes of the output plane
  ptrdiff_t k0, k1, k2;               // sizes of the kernel
  ptrdiff_t stride0, stride1, stride2;
  ptrdiff_t pad0, pad1, pad2;
  ptrdiff_t dilation0, dilation1, dilation2;
  ptrdiff_t channels;                 // read from each position
  ptrdiff_t si, sc, s0, s1, s2;       // strides of the input: image, channel, spatial axes
} il_window;

/// Row `p - from` of `columns` gets what the kernel sees at output position `p` (counted through all images):
/// `k0 × k1 × k2 × channels` values, zero outside the input.
void il_columns_f32(float *columns, const float *x, const il_window *w, ptrdiff_t from, ptrdiff_t to);
void il_columns_f64(double *columns, const double *x, const il_window *w, ptrdiff_t from, ptrdiff_t to);
/// The adjoint: adds row `p - from` of `columns` to where it was read, `x` being what is written.
void il_columns_add_f32(float *x, const float *columns, const il_window *w, ptrdiff_t from, ptrdiff_t to);
void il_columns_add_f64(double *x, const double *columns, const il_window *w, ptrdiff_t from, ptrdiff_t to);

/// For each output position of one image and each of the window's channels, the flat position of the first
/// largest element under the window (NaN is largest). `out` has strides `so` (position) and `sc` (channel).
void il_max_positions_f32(int64_t *out, const float *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc);
void il_max_positions_f64(int64_t *out, const double *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc);
void il_max_positions_i64(int64_t *out, const int64_t *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc);

/// For each output position of one image and each channel, the mean under the window, zeros in the padding.
void il_average_f32(float *out, const float *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc);
void il_average_f64(double *out, const double *x, const il_window *w, ptrdiff_t so, ptrdiff_t sc);
/// The adjoint: adds each element of `g` (strides `so`, `sc`), divided by the size of the window, to the elements
/// of `x` under it.
void il_average_add_f32(float *x, const float *g, const il_window *w, ptrdiff_t so, ptrdiff_t sc);
void il_average_add_f64(double *x, const double *g, const il_window *w, ptrdiff_t so, ptrdiff_t sc);

// normalise.c --------------------------------------------------------------------------------------------

/// What is computed of x̂ = (x − μ)/√(var + eps): itself, its gradient, its tangent, or the curvature.
enum { IL_NORMALISED, IL_GRADIENT, IL_TANGENT, IL_CURVATURE };

// Channels are innermost. `moments` are three rows of `channels` values: the mean μ, 1/√(var + eps), and the sign by
// which windows select, the first largest sign · x. ĝ is g at the selected positions and 0 elsewhere. Of a window w the
// sizes and the channels are read; its stride is its size.

/// `sums[0][c] = Σ (x − shift)`, `sums[1][c] = Σ (x − shift)²` over `positions` rows of x.
void il_moment_sums_f32(double *sums, const float *x, const float *shift, ptrdiff_t positions, ptrdiff_t channels);
void il_moment_sums_f64(double *sums, const double *x, const double *shift, ptrdiff_t positions,
                        ptrdiff_t channels);
/// The moments of `count` positions from the sums of all parts; without a weight the sign is 1.
void il_moments_f32(float *moments, const double *sums, ptrdiff_t parts, const float *shift, const float *weight,
                    double count, double eps, ptrdiff_t channels);
void il_moments_f64(double *moments, const double *sums, ptrdiff_t parts, const double *shift,
                    const double *weight, double count, double eps, ptrdiff_t channels);

/// Five rows of sums over whole images: `Σ ĝ`, `Σ ĝ (x − μ)`, `Σ u`, `Σ u (x − μ)`, `Σ u ĝ`. Those of g or of u are 0
/// where it is null.
void il_normalise_sums_f32(double *sums, const float *x, const float *g, const float *u, const float *moments,
                           const il_window *w, ptrdiff_t images);
void il_normalise_sums_f64(double *sums, const double *x, const double *g, const double *u, const double *moments,
                           const il_window *w, ptrdiff_t images);
/// Four rows of factors, of 1, x − μ, ĝ and u, whose combination is what `kind` names.
void il_normalise_factors_f32(int kind, float *factors, const double *sums, ptrdiff_t parts, const float *moments,
                              double count, ptrdiff_t channels);
void il_normalise_factors_f64(int kind, double *factors, const double *sums, ptrdiff_t parts,
                              const double *moments, double count, ptrdiff_t channels);
/// `out = f[0] + f[1] (x − μ) + f[3] u` at the selected position of each window; u may be null.
void il_normalise_select_f32(float *out, const float *x, const float *u, const float *moments,
                             const float *factors, const il_window *w, ptrdiff_t images);
void il_normalise_select_f64(double *out, const double *x, const double *u, const double *moments,
                             const double *factors, const il_window *w, ptrdiff_t images);
/// `out = f[0] + f[1] (x − μ) + f[2] ĝ + f[3] u` at every position; u may be null.
void il_normalise_spread_f32(float *out, const float *x, const float *g, const float *u, const float *moments,
                             const float *factors, const il_window *w, ptrdiff_t images);
void il_normalise_spread_f64(double *out, const double *x, const double *g, const double *u,
                             const double *moments, const double *factors, const il_window *w, ptrdiff_t images);

// panels.c -----------------------------------------------------------------------------------------------

/// A product of matrices that lie in the caches.
typedef struct il_panel {
  ptrdiff_t m, n, segments, k;  // rows, columns, and the inner axis: `k` elements in each of `segments`
  ptrdiff_t as, ar, ac;         // strides of a: segment, row, column
  ptrdiff_t ldb;                // the row of b, which reaches to the next multiple of 64 bytes
  ptrdiff_t ldo;                // the row of the result
  int add;                      // whether the product is added to what is there
} il_panel;

/// `out[r, j] = Σ_{s, x} a[s·as + r·ar + x·ac] · b[(s·k + x)·ldb + j] + (add ? out[r, j] : 0)`
void il_panel_f32(float *out, const float *a, const float *b, const il_panel *p);
void il_panel_f64(double *out, const double *a, const double *b, const il_panel *p);

/// The tiles of a convolution by Winograd's F(2×2, 3×3), counted through all images, as one of their transforms
/// sees them.
typedef struct il_winograd {
  ptrdiff_t tiles0, tiles1;     // of one image, 2×2 outputs each
  ptrdiff_t in0, in1, channels; // sizes of the NHWC images that are read or written
  ptrdiff_t pad0, pad1;         // the padding, when the input is read
  ptrdiff_t row, step;          // strides of the transformed tiles: tile, place
} il_winograd;

/// `v[p, t - from, c] = (Bᵀ x B)[p]` with the 4×4 inputs of each tile from `from` to `to`, zero outside the image.
void il_winograd_input_f32(float *v, const float *x, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);
void il_winograd_input_f64(double *v, const double *x, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);
/// `y = Aᵀ v A`, the 2×2 outputs of each tile from `from` to `to`.
void il_winograd_output_f32(float *y, const float *v, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);
void il_winograd_output_f64(double *y, const double *v, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);
/// The adjoint of the above: `v[p, t - from, o] = (A g Aᵀ)[p]`.
void il_winograd_gradient_f32(float *v, const float *g, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);
void il_winograd_gradient_f64(double *v, const double *g, const il_winograd *w, ptrdiff_t from, ptrdiff_t to);

/// Kernels of 3×3, and their transforms [16, channels, row].
typedef struct il_winograd_kernel {
  ptrdiff_t outputs;
  ptrdiff_t so, sc, s0, s1;     // strides of the kernels: output, channel, spatial axes
  ptrdiff_t row, step;          // strides of the transforms: channel, place
} il_winograd_kernel;

/// `u[p, c, o] = (G k[o, c] Gᵀ)[p]` for the channels `from` to `to`; zeros fill the last vector of outputs.
void il_winograd_kernel_f32(float *u, const float *k, const il_winograd_kernel *w, ptrdiff_t from, ptrdiff_t to);
void il_winograd_kernel_f64(double *u, const double *k, const il_winograd_kernel *w, ptrdiff_t from,
                            ptrdiff_t to);
/// The adjoint of the above, of the sum of `sections` transforms: `k[o, c] = Gᵀ (Σ_s u[s, …, c, o]) G`.
void il_winograd_kernel_gradient_f32(float *k, const float *u, const il_winograd_kernel *w, ptrdiff_t sections,
                                     ptrdiff_t from, ptrdiff_t to);
void il_winograd_kernel_gradient_f64(double *k, const double *u, const il_winograd_kernel *w,
                                     ptrdiff_t sections, ptrdiff_t from, ptrdiff_t to);

// indexing.c ---------------------------------------------------------------------------------------------

/// `out[…] = x[a + b[…] * step]`, where `a` walks x with the indexed axis left out and `b` the index.
/// Returns 1 when an index is not in 0..<size, and then leaves its element undefined.
int il_gather_4(uint32_t *out, const uint32_t *x, const int64_t *b, const il_loop *loop, ptrdiff_t step,
                ptrdiff_t size);
int il_gather_8(uint64_t *out, const uint64_t *x, const int64_t *b, const il_loop *loop, ptrdiff_t step,
                ptrdiff_t size);
/// `x[b + c[…] * step] += a[…]`, in the order of the loops; `out` is not used. Bit 0 of the result: an index is
/// outside; bit 1: an int64 sum overflowed.
int il_scatter_add_f32(float *x, const float *a, const int64_t *c, const il_loop *loop, ptrdiff_t step,
                       ptrdiff_t size);
int il_scatter_add_f64(double *x, const double *a, const int64_t *c, const il_loop *loop, ptrdiff_t step,
                       ptrdiff_t size);
int il_scatter_add_i64(int64_t *x, const int64_t *a, const int64_t *c, const il_loop *loop, ptrdiff_t step,
                       ptrdiff_t size);

#endif
