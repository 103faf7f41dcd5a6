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
