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
