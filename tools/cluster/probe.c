// What a message costs: a table of times by size, in microseconds, medians.
//
//     mpirun -n N probe [LARGEST_BYTES]
//
// half       half of a round trip between the first rank and the last, and with it
// MB/s       the rate at which a message of that size crosses
// allreduce  a blocking sum of 64-bit integers over all ranks, on the slowest of them
// iallreduce the same in place, started and waited for, by the algorithm that innerloop chooses unless the environment
//            names one: OMPI_MCA_coll_libnbc_iallreduce_algorithm=ignore is Open MPI's own choice

#define _POSIX_C_SOURCE 200112L
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { repetitions = 31, warmUps = 3 };
static const double secondsPerSize = 0.3;

static int ascending(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

static int rank, ranks;
static int64_t *values, *sums;

static void roundTrip(int count) {
  if (ranks < 2) return;
  int last = ranks - 1;
  if (rank == 0) {
    MPI_Send(values, count, MPI_INT64_T, last, 0, MPI_COMM_WORLD);
    MPI_Recv(sums, count, MPI_INT64_T, last, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else if (rank == last) {
    MPI_Recv(sums, count, MPI_INT64_T, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(values, count, MPI_INT64_T, 0, 0, MPI_COMM_WORLD);
  }
}

static void blocking(int count) { MPI_Allreduce(values, sums, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD); }

static void started(int count) {
  MPI_Request request;
  MPI_Iallreduce(MPI_IN_PLACE, sums, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, &request);
  MPI_Wait(&request, MPI_STATUS_IGNORE);
}

/// The median over repetitions of the time on the slowest rank.
static double median(void (*operation)(int), int count) {
  double times[repetitions];
  double spent = 0;
  int done = 0;
  for (int i = -warmUps; i < repetitions; i++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    operation(count);
    double mine = MPI_Wtime() - start, slowest;
    MPI_Allreduce(&mine, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (i < 0) continue;
    times[done++] = slowest;
    spent += slowest;
    if (spent > secondsPerSize && done >= 5) break;
  }
  qsort(times, (size_t)done, sizeof *times, ascending);
  return times[done / 2];
}

int main(int argc, char **argv) {
  setenv("OMPI_MCA_coll_libnbc_iallreduce_algorithm", "rabenseifner", 0);
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  long largest = argc > 1 ? atol(argv[1]) : 2 << 20;
  if (largest < 8) largest = 8;
  values = calloc((size_t)largest, 1);
  sums = calloc((size_t)largest, 1);
  if (!values || !sums) MPI_Abort(MPI_COMM_WORLD, 1);
  if (rank == 0) printf("%10s %12s %10s %12s %12s\n", "bytes", "half", "MB/s", "allreduce", "iallreduce");
  for (long bytes = 8; bytes <= largest; bytes *= 4) {
    int count = (int)(bytes / 8);
    double half = median(roundTrip, count) / 2, all = median(blocking, count), non = median(started, count);
    if (rank == 0) {
      printf("%10ld %12.1f %10.1f %12.1f %12.1f\n", bytes, half * 1e6, half > 0 ? bytes / half / 1e6 : 0, all * 1e6, non * 1e6);
      fflush(stdout);
    }
  }
  free(values);
  free(sums);
  MPI_Finalize();
}
