#include <cblas.h>

// LAPACK's routines inside OpenBLAS: column-major, sizes in 32 bits, everything by address.

/// A = P L U in place; info > 0 says which pivot is exactly zero.
void sgetrf_(const int *m, const int *n, float *a, const int *lda, int *pivots, int *info);
void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivots, int *info);

/// A X = B ("N") or transposed ("T") with what getrf left, X in the place of B.
void sgetrs_(const char *trans, const int *n, const int *columns, const float *a, const int *lda, const int *pivots,
             float *b, const int *ldb, int *info);
void dgetrs_(const char *trans, const int *n, const int *columns, const double *a, const int *lda, const int *pivots,
             double *b, const int *ldb, int *info);
