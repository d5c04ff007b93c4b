#include "CMPI.h"

#ifdef INNERLOOP_MPI

#include <mpi/mpi.h>
#include <stdlib.h>
#include <string.h>

// Words that are told travel apart from the reductions.
static MPI_Comm told = MPI_COMM_NULL;

typedef struct sending {
  MPI_Request request;
  int64_t word;
  struct sending *next;
} sending;
static sending *under_way;

int il_mpi_is_there(void) { return 1; }

int il_mpi_start(int *rank, int *size) {
  // Open MPI's own choice for a sum in place is a tree, which sends all words at every level: 2 log N times them. Halves of
  // halves, there and back, are twice the words at any N. Whoever sets the variable has another choice.
  setenv("OMPI_MCA_coll_libnbc_iallreduce_algorithm", "rabenseifner", 0);
  int provided, error = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  if (error) return error;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (provided < MPI_THREAD_SERIALIZED) return MPI_ERR_OTHER;
  error = MPI_Comm_dup(MPI_COMM_WORLD, &told);
  if (error) return error;
  error = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  return error ? error : MPI_Comm_size(MPI_COMM_WORLD, size);
}

int il_mpi_begin(int64_t *words, int count, int operation, void **request) {
  MPI_Request *own = malloc(sizeof *own);
  if (!own) return MPI_ERR_NO_MEM;
  int error = MPI_Iallreduce(MPI_IN_PLACE, words, count, MPI_INT64_T, operation == IL_MPI_SUM ? MPI_SUM : MPI_MAX,
                             MPI_COMM_WORLD, own);
  if (error) free(own);
  else *request = own;
  return error;
}

int il_mpi_test(void *request, int *done) {
  int error = MPI_Test(request, done, MPI_STATUS_IGNORE);
  if (error || *done) free(request);
  return error;
}

int il_mpi_tell(int rank, int64_t word) {
  // What has arrived is forgotten.
  for (sending **at = &under_way; *at;) {
    int done = 0, error = MPI_Test(&(*at)->request, &done, MPI_STATUS_IGNORE);
    if (error) return error;
    if (done) {
      sending *old = *at;
      *at = old->next;
      free(old);
    } else {
      at = &(*at)->next;
    }
  }
  sending *own = malloc(sizeof *own);
  if (!own) return MPI_ERR_NO_MEM;
  own->word = word;
  int error = MPI_Isend(&own->word, 1, MPI_INT64_T, rank, 0, told, &own->request);
  if (error) {
    free(own);
    return error;
  }
  own->next = under_way;
  under_way = own;
  return 0;
}

int il_mpi_hear(int *rank, int64_t *word, int *found) {
  MPI_Status status;
  int error = MPI_Iprobe(MPI_ANY_SOURCE, 0, told, found, &status);
  if (error || !*found) return error;
  *rank = status.MPI_SOURCE;
  return MPI_Recv(word, 1, MPI_INT64_T, status.MPI_SOURCE, 0, told, MPI_STATUS_IGNORE);
}

int il_mpi_finish(void) { return MPI_Finalize(); }

void il_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

void il_mpi_describe(int error, char *text, int capacity) {
  char own[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(error, own, &length);
  strncpy(text, own, (size_t)capacity - 1);
  text[capacity - 1] = 0;
}

#else

int il_mpi_is_there(void) { return 0; }
int il_mpi_start(int *rank, int *size) { return *rank = *size = 0, 1; }
int il_mpi_begin(int64_t *words, int count, int operation, void **request) {
  return (void)words, (void)count, (void)operation, (void)request, 1;
}
int il_mpi_test(void *request, int *done) { return (void)request, (void)done, 1; }
int il_mpi_tell(int rank, int64_t word) { return (void)rank, (void)word, 1; }
int il_mpi_hear(int *rank, int64_t *word, int *found) { return (void)rank, (void)word, (void)found, 1; }
int il_mpi_finish(void) { return 1; }
void il_mpi_abort(int code) { (void)code; }
void il_mpi_describe(int error, char *text, int capacity) { (void)error, (void)capacity, *text = 0; }

#endif
