#include "kernels.h"

// Channels that the transforms take at a time where they read zeros.
#define IL_CHANNELS 1024

// lanes.h for both types, without more than the processor is known to have.
#define ELEMENT float
#define BYTES 16
#define WITH
#define NAMED(NAME) NAME##_f32
#include "lanes.h"
#define ELEMENT double
#define BYTES 16
#define WITH
#define NAMED(NAME) NAME##_f64
#include "lanes.h"

#if defined(__x86_64__)
// And for the later generations of vector units.
#define ELEMENT float
#define BYTES 32
#define WITH __attribute__((target("arch=x86-64-v3")))
#define NAMED(NAME) NAME##_f32_v3
#include "lanes.h"
#define ELEMENT double
#define BYTES 32
#define WITH __attribute__((target("arch=x86-64-v3")))
#define NAMED(NAME) NAME##_f64_v3
#include "lanes.h"
#define ELEMENT float
#define BYTES 64
#define WITH __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NAMED(NAME) NAME##_f32_v4
#include "lanes.h"
#define ELEMENT double
#define BYTES 64
#define WITH __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NAMED(NAME) NAME##_f64_v4
#include "lanes.h"

#define CHOOSE(NAME, ...)                                                    \
  if (__builtin_cpu_supports("x86-64-v4")) return NAME##_v4(__VA_ARGS__);    \
  if (__builtin_cpu_supports("x86-64-v3")) return NAME##_v3(__VA_ARGS__);    \
  NAME(__VA_ARGS__);
#else
#define CHOOSE(NAME, ...) NAME(__VA_ARGS__);
#endif

#define EXPORTS(T, F)                                                                                 \
  void il_panel_##F(T *out, const T *a, const T *b, const il_panel *p) {                              \
    CHOOSE(product_##F, out, a, b, p)                                                                 \
  }                                                                                                   \
  void il_winograd_input_##F(T *v, const T *x, const il_winograd *w, ptrdiff_t from, ptrdiff_t to) {  \
    CHOOSE(input_##F, v, x, w, from, to)                                                              \
  }                                                                                                   \
  void il_winograd_output_##F(T *y, const T *v, const il_winograd *w, ptrdiff_t from, ptrdiff_t to) { \
    CHOOSE(output_##F, y, v, w, from, to)                                                             \
  }                                                                                                   \
  void il_winograd_gradient_##F(T *v, const T *g, const il_winograd *w, ptrdiff_t from, ptrdiff_t to) { \
    CHOOSE(gradient_##F, v, g, w, from, to)                                                           \
  }                                                                                                   \
  void il_winograd_kernel_##F(T *u, const T *k, const il_winograd_kernel *w, ptrdiff_t from, ptrdiff_t to) { \
    CHOOSE(kernel_##F, u, k, w, from, to)                                                             \
  }                                                                                                   \
  void il_winograd_kernel_gradient_##F(T *k, const T *u, const il_winograd_kernel *w, ptrdiff_t sections, \
                                       ptrdiff_t from, ptrdiff_t to) {                                \
    CHOOSE(kernel_gradient_##F, k, u, w, sections, from, to)                                          \
  }
EXPORTS(float, f32)
EXPORTS(double, f64)
