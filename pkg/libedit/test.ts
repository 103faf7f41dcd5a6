/** A program that has a history, takes words apart, and types into lines that it edits on a terminal of its own. */
export const test = String.raw`#include <assert.h>
#include <histedit.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static char *prompt(EditLine *el) { return "> "; }
static void history_of_lines(void) {
  HistEvent event;
  History *h = history_init();
  history(h, &event, H_SETSIZE, 2);
  history(h, &event, H_ENTER, "one");
  history(h, &event, H_ENTER, "two words");
  history(h, &event, H_ENTER, "three");
  assert(history(h, &event, H_FIRST) == 0 && strcmp(event.str, "three") == 0);
  assert(history(h, &event, H_NEXT) == 0 && strcmp(event.str, "two words") == 0);
  assert(history(h, &event, H_NEXT) == -1);
  assert(history(h, &event, H_SAVE, "saved") == 2);
  history(h, &event, H_CLEAR);
  assert(history(h, &event, H_LOAD, "saved") == 2);
  assert(history(h, &event, H_PREV_STR, "two") == 0 || history(h, &event, H_NEXT_STR, "two") == 0);
  history_end(h);
}
static void words_of_a_line(void) {
  const char **words;
  int count;
  Tokenizer *t = tok_init(NULL);
  assert(tok_str(t, "a 'b c' \"d\\\"e\" f\\ g", &count, &words) == 0 && count == 4);
  assert(strcmp(words[1], "b c") == 0 && strcmp(words[2], "d\"e") == 0 && strcmp(words[3], "f g") == 0);
  tok_reset(t);
  assert(tok_str(t, "'open", &count, &words) == 1);
  tok_end(t);
}
static void edited(const char *keys, const char *expected) {
  int terminal;
  pid_t child = forkpty(&terminal, NULL, NULL, NULL);
  if (child == 0) {
    HistEvent event;
    History *h = history_init();
    EditLine *el = el_init("test", stdin, stdout, stderr);
    int count;
    history(h, &event, H_SETSIZE, 10);
    history(h, &event, H_ENTER, "before\n");
    el_set(el, EL_PROMPT, prompt);
    el_set(el, EL_EDITOR, "emacs");
    el_set(el, EL_HIST, history, h);
    const char *line = el_gets(el, &count);
    _exit(line != NULL && strcmp(line, expected) == 0 ? 0 : 1);
  }
  char last[2] = "";
  while (memcmp(last, "> ", 2) != 0) {
    last[0] = last[1];
    assert(read(terminal, last + 1, 1) == 1);
  }
  assert(write(terminal, keys, strlen(keys)) == (ssize_t)strlen(keys));
  while (read(terminal, last, 1) == 1) continue;
  int status;
  assert(waitpid(child, &status, 0) == child && status == 0);
  close(terminal);
}
int main(void) {
  history_of_lines();
  words_of_a_line();
  edited("helo\002l\n", "hello\n");
  edited("a bad word\027\bx\001\013good\n", "good\n");
  edited("\020\001x\n", "xbefore\n");
  return 0;
}
`
