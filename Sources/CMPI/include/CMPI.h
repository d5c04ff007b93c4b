// What the program asks of MPI, without its macros. A library of its own, which the program opens when it finds itself
// one of several processes: nothing else needs MPI, to be built or to start.
//
// Functions return 0, or an error code of MPI that il_mpi_describe words. They are not to be called at once from several
// threads.
#ifndef INNERLOOP_MPI_H
#define INNERLOOP_MPI_H

#include <stddef.h>
#include <stdint.h>

enum { IL_MPI_MAXIMUM, IL_MPI_SUM };

/// 1 when the library was built with MPI; without it nothing else here works.
int il_mpi_is_there(void);
/// Joins the job, and gives the number of this process and how many there are.
int il_mpi_start(int *rank, int *size);
/// Begins to replace the words by their reduction over all processes.
int il_mpi_begin(int64_t *words, int count, int operation, void **request);
/// Whether a reduction is done; its request is then gone.
int il_mpi_test(void *request, int *done);
/// Sends a word to a process, which it hears whatever else it is at.
int il_mpi_tell(int rank, int64_t word);
/// The next word that was told to this process, if there is one.
int il_mpi_hear(int *rank, int64_t *word, int *found);
/// Leaves the job; to be called by all.
int il_mpi_finish(void);
/// Ends every process of the job.
void il_mpi_abort(int code);
void il_mpi_describe(int error, char *text, int capacity);

#endif
