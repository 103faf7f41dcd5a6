import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "2579e9cec37dbb786f6ea0bebd15f40dd561ef2bde2a2a2ecdce5963b01859fd"

// They say how a kernel of 2022 answers what a newer one answers otherwise, or look at how nice they are.
const left = "clock fspick membarrier mount_setattr regex sched trace_.* xetpriority"

// They give the kernel times as the C library has them, which are longer than the kernel's there; or musl asks by another system call.
const left32 =
  "_newselect accept aio aio_pgetevents clock_nanosleep futimesat ipc_shm oldselect ppoll rt_sigtimedwait sched_rr_get_interval utimensat utimes xettimeofday"

const options =
  "attach-f-p attach-p-cmd clone_ptrace count count-f detach-running redirect redirect-fds strace-C strace-S strace-ff strace-r strace-t"

export default autotools({
  name: "strace",
  version: "6.1",
  about: "shows what a program asks of the kernel",
  license: "LGPL-2.1-or-later",
  source: [
    url("https://github.com/strace/strace/releases/download/v6.1/strace-6.1.tar.xz", sha256),
    debian("strace", sha256),
  ],
  tools: [tools.hostLibraries],
  seconds: 60,
  // Its own copy of the kernel's headers: it does not know what newer ones have changed.
  configure: [
    "--disable-dependency-tracking --disable-gcc-Werror --enable-bundled=yes --enable-mpers=no --without-libdw --without-libiberty --without-libunwind",
  ],
  // To trace a program is not possible in an emulator of programs. Of upstream's 1254 tests: one for each system call that has a name in
  // all kernels, and the program's own options. Left out: the same calls with other options (-P, -y, …), which take 4 minutes.
  check: ({ machine, source }) => `$EMULATOR src/strace --version
if [ -z "$EMULATOR" ]; then
make -C tests check TESTS= CPPFLAGS=-D_LARGEFILE64_SOURCE
left='${(machine.elf.class === "ELF32" ? `${left} ${left32}` : left).replaceAll(" ", "|")}'
tests="$(cd ${source}/tests && ls *.gen.test | grep -v -E -e - -e "^($left)\\.gen")"
VERBOSE=yes make -C tests check-TESTS TESTS="$(echo $tests $(printf '%s.test ' ${options}))"
fi`,
})
