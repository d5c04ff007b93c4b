// Shared by the sources of this target.
#ifndef INNERLOOP_KERNELS_H
#define INNERLOOP_KERNELS_H

#include "CKernels.h"

// One copy of a function for each generation of vector units; the loader picks one.
#if defined(__x86_64__)
#define IL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define IL_CLONES
#endif
#define IL_INLINE static inline __attribute__((always_inline))

// The body of an elementwise kernel of two operands over three loops: `X` and `Y` are the operands' elements.
// The innermost loop has a variant for each usual pair of strides, which the compiler vectorises.
#define IL_LOOP2(OUT, T, EXPR)                                                                        \
  for (ptrdiff_t i = 0; i < l->size0; i++)                                                            \
    for (ptrdiff_t j = 0; j < l->size1; j++) {                                                        \
      OUT *restrict o = out + i * l->out0 + j * l->out1;                                              \
      const T *restrict p = a + i * l->a0 + j * l->a1;                                                \
      const T *restrict q = b + i * l->b0 + j * l->b1;                                                \
      ptrdiff_t n = l->size2;                                                                         \
      if (l->out2 == 1 && l->a2 == 1 && l->b2 == 1) {                                                 \
        for (ptrdiff_t k = 0; k < n; k++) { const T X = p[k], Y = q[k]; o[k] = (EXPR); }              \
      } else if (l->out2 == 1 && l->a2 == 1 && l->b2 == 0) {                                          \
        const T Y = q[0];                                                                             \
        for (ptrdiff_t k = 0; k < n; k++) { const T X = p[k]; o[k] = (EXPR); }                        \
      } else if (l->out2 == 1 && l->a2 == 0 && l->b2 == 1) {                                          \
        const T X = p[0];                                                                             \
        for (ptrdiff_t k = 0; k < n; k++) { const T Y = q[k]; o[k] = (EXPR); }                        \
      } else {                                                                                        \
        const ptrdiff_t so = l->out2, sa = l->a2, sb = l->b2;                                         \
        for (ptrdiff_t k = 0; k < n; k++) { const T X = p[k * sa], Y = q[k * sb]; o[k * so] = (EXPR); } \
      }                                                                                               \
    }

// The same for one operand.
#define IL_LOOP1(OUT, T, EXPR)                                                                        \
  for (ptrdiff_t i = 0; i < l->size0; i++)                                                            \
    for (ptrdiff_t j = 0; j < l->size1; j++) {                                                        \
      OUT *restrict o = out + i * l->out0 + j * l->out1;                                              \
      const T *restrict p = a + i * l->a0 + j * l->a1;                                                \
      ptrdiff_t n = l->size2;                                                                         \
      if (l->out2 == 1 && l->a2 == 1) {                                                               \
        for (ptrdiff_t k = 0; k < n; k++) { const T X = p[k]; o[k] = (EXPR); }                        \
      } else {                                                                                        \
        const ptrdiff_t so = l->out2, sa = l->a2;                                                     \
        for (ptrdiff_t k = 0; k < n; k++) { const T X = p[k * sa]; o[k * so] = (EXPR); }              \
      }                                                                                               \
    }

#endif
