#define _GNU_SOURCE
#include "CLibEdit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

static volatile sig_atomic_t is_prompting, was_interrupted, was_resized, was_suspended;
static pthread_t input_thread;
static int wake[2] = {-1, -1};
static struct sigaction old_interrupt, old_resize, old_suspend;
static sigset_t mask_while_waiting;

// The system may choose any thread for a signal; only on the input thread does it end a wait or a read.
static void handle(int number) {
  int saved = errno;
  if (!pthread_equal(pthread_self(), input_thread)) {
    pthread_kill(input_thread, number);
  } else if (number == SIGWINCH) {
    was_resized = 1;
  } else if (number == SIGTSTP) {
    was_suspended = 1;
  } else if (is_prompting) {
    was_interrupted = 1;
  } else {
    ssize_t ignored = write(wake[1], "i", 1);
    (void)ignored;
  }
  errno = saved;
}

// Without SA_RESTART, so that the call it meets ends.
static struct sigaction action(void) {
  struct sigaction result = {0};
  result.sa_handler = handle;
  sigemptyset(&result.sa_mask);
  return result;
}

static sigset_t prompt_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGTSTP);
  return set;
}

int cle_signals_install(void) {
  if (wake[0] < 0 && pipe2(wake, O_CLOEXEC) != 0) return -1;
  // A handler never waits.
  fcntl(wake[1], F_SETFL, O_NONBLOCK);
  input_thread = pthread_self();
  struct sigaction handler = action();
  sigaction(SIGINT, &handler, &old_interrupt);
  sigaction(SIGWINCH, &handler, &old_resize);
  return wake[0];
}

void cle_signals_remove(void) {
  sigaction(SIGINT, &old_interrupt, NULL);
  sigaction(SIGWINCH, &old_resize, NULL);
}

void cle_prompt_begin(void) {
  sigset_t set = prompt_signals();
  pthread_sigmask(SIG_BLOCK, &set, &mask_while_waiting);
  struct sigaction handler = action();
  sigaction(SIGTSTP, &handler, &old_suspend);
  was_interrupted = 0;
  was_suspended = 0;
  is_prompting = 1;
}

void cle_prompt_end(void) {
  is_prompting = 0;
  sigaction(SIGTSTP, &old_suspend, NULL);
  pthread_sigmask(SIG_SETMASK, &mask_while_waiting, NULL);
}

int cle_wait(int descriptor, int news) {
  for (;;) {
    if (was_interrupted) return cle_interrupt;
    if (was_suspended) {
      was_suspended = 0;
      return cle_suspend;
    }
    if (was_resized) {
      was_resized = 0;
      return cle_resize;
    }
    fd_set set;
    FD_ZERO(&set);
    FD_SET(descriptor, &set);
    if (news >= 0) FD_SET(news, &set);
    // The signals are let in only here, so that none falls between the questions above and the wait.
    int ready = pselect((news > descriptor ? news : descriptor) + 1, &set, NULL, NULL, NULL, &mask_while_waiting);
    if (ready > 0) return FD_ISSET(descriptor, &set) ? cle_input : cle_news;
    if (ready < 0 && errno != EINTR) return cle_failure;
  }
}
