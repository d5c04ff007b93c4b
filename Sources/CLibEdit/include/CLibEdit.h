// Plain functions for what Swift cannot import of libedit (variadic calls, the standard streams), and the signal
// handling of a line editor, which must not run Swift.
#ifndef INNERLOOP_CLIBEDIT_H
#define INNERLOOP_CLIBEDIT_H

#include <histedit.h>

// An editor on the standard streams; NULL if there is no memory.
EditLine *cle_open(const char *program);

// el_set(editor, operation, value), for the operations that take a number or nothing.
int cle_set(EditLine *editor, int operation, int value);
// The editor's client data, a pointer for the callbacks.
int cle_set_owner(EditLine *editor, void *owner);
void *cle_owner(EditLine *editor);
// The keys: "emacs" or "vi".
int cle_set_editor(EditLine *editor, const char *name);
// The prompt; `escape` stands before and after characters that take no space.
int cle_set_prompt(EditLine *editor, char *(*prompt)(EditLine *), char escape);
// What the terminal can do, by its two-letter termcap name.
int cle_set_capability(EditLine *editor, const char *name, const char *value);
// The function that reads one character.
int cle_set_reader(EditLine *editor, int (*reader)(EditLine *, wchar_t *));
// Makes a function known by name, and binds a key to a function. Binding an unknown name corrupts memory.
int cle_add_function(EditLine *editor, const char *name, const char *help,
                     unsigned char (*function)(EditLine *, int));
int cle_bind(EditLine *editor, const char *key, const char *function);
// The same for the keys of vi's command mode.
int cle_bind_command(EditLine *editor, const char *key, const char *function);
// Whether the keys are vi's.
int cle_is_vi(EditLine *editor);

// The list of entered lines: at most `size`, without repetitions of the latest.
History *cle_history(EditLine *editor, int size);
int cle_history_enter(History *history, const char *line);

// What ended a wait for input.
enum {
  cle_input = 0,      // a character can be read
  cle_interrupt = 1,  // Ctrl-C
  cle_resize = 2,     // the terminal has another size
  cle_suspend = 3,    // Ctrl-Z
  cle_news = 4,       // the other descriptor can be read
  cle_failure = 5
};

// Installs the handler for SIGINT and makes the calling thread the input thread. Returns a descriptor from which
// one byte can be read for each Ctrl-C that comes while no prompt waits, or -1. A system call of the input
// thread that such a Ctrl-C meets fails with EINTR.
int cle_signals_install(void);
// Gives SIGINT back to the system.
void cle_signals_remove(void);
// Brackets the time in which a prompt waits; on the input thread.
void cle_prompt_begin(void);
void cle_prompt_end(void);
// Waits for input, for a second descriptor (-1 for none) or for one of the signals; none is lost however early it comes.
// Between begin and end only.
int cle_wait(int descriptor, int news);

#endif
