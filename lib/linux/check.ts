// Shell texts for test-suites of programs that the build machine may not be able to run.

/**
 * Puts a script in the place of each of these programs of the build directory, which starts it in the emulator: what a test-suite
 * starts by its path then runs. Where no emulator is needed, the programs stay as they are.
 */
export const emulated = (...programs: readonly string[]): string => `for program in ${programs.join(" ")}; do
  [ -n "$EMULATOR" ] || break
  mv "$program" "$program.real"
  printf '#!/bin/sh\\nexec %s -0 "$0" "%s" "$@"\\n' "$EMULATOR" "$PWD/$program.real" >"$program"
  chmod +x "$program"
done
`

/**
 * Puts compilers of the same names before these in PATH, which leave such a script beside each program that they link: for test-suites
 * that compile programs and start them by their path. Where no emulator is needed, the compilers stay as they are.
 */
export const emulatingCompilers = `if [ -n "$EMULATOR" ]; then
mkdir "$SCRATCH/emulating"
cat >"$SCRATCH/emulating/$CC" <<'END'
#!/bin/sh
"$TOOLCHAIN/bin/\${0##*/}" "$@" || exit
program=a.out before=
for word; do
  case $word in -c | -E | -S | -M | -MM | -shared) exit;; esac
  [ "$before" != -o ] || program=$word
  before=$word
done
[ -x "$program" ] && [ "$(head -c 4 "$program" | tail -c 3)" = ELF ] || exit 0
mv "$program" "$program.real"
printf '#!/bin/sh\\nexec %s -0 "$0" "%s" "$@"\\n' "$EMULATOR" "$(realpath "$program.real")" >"$program"
chmod +x "$program"
END
chmod +x "$SCRATCH/emulating/$CC"
cp "$SCRATCH/emulating/$CC" "$SCRATCH/emulating/$CXX"
export PATH="$SCRATCH/emulating:$PATH"
fi
`

/**
 * Makes `$SCRATCH/as-user`, which starts a program as another user than root, with a terminal of its own as its standard input: for
 * test-suites that root does not pass, or that read from a terminal. What the user makes belongs to root.
 */
export const asUser = `cat >"$SCRATCH/as-user.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
static int failed(const char *what) {
  perror(what);
  return 1;
}
static int put(const char *name, const char *text) {
  int file = open(name, O_WRONLY);
  return file < 0 || dprintf(file, "%s", text) < 0 || close(file) < 0;
}
int main(int count, char **words) {
  int terminal, end, status;
  if (unshare(CLONE_NEWUSER) || put("/proc/self/setgroups", "deny")) return failed("unshare");
  if (put("/proc/self/uid_map", "1000 0 1") || put("/proc/self/gid_map", "1000 0 1")) return failed("uid_map");
  if (openpty(&terminal, &end, 0, 0, 0)) return failed("openpty");
  pid_t child = fork();
  if (child == 0) {
    if (setsid() < 0 || ioctl(end, TIOCSCTTY, 0) || dup2(end, 0) || close(end) || close(terminal)) return failed("terminal");
    execvp(words[1], words + 1);
    return failed(words[1]);
  }
  return waitpid(child, &status, 0) != child || !WIFEXITED(status) ? failed(words[1]) : WEXITSTATUS(status);
}
END
"$CC" $CFLAGS $LDFLAGS -o "$SCRATCH/as-user" "$SCRATCH/as-user.c"
`
