// What Linux has and Swift's module for glibc lacks.
#include <sys/syscall.h>
#include <unistd.h>

/// A descriptor that can be read once the process has ended; -1 where the system has none to give.
static inline int cl_open_process(pid_t process) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  return -1;
#endif
}
