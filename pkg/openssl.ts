import { custom, debian, type Setting, tools, url } from "../lib/linux/mod.ts"

const sha256 = "a8c0d28a529ca480f9f36cf5792e2cd21984552a3c8e4aa11a24aa31aeac98e8"

// Its names of processors: they choose what is written in assembler.
const names: Readonly<Record<string, string>> = {
  aarch64: "linux-aarch64",
  armv7: "linux-armv4",
  // What is 8 bytes long may lie at 4 there: compiler-rt, as it is usually built, has no atomic access to it, a lock does as well.
  i686: "linux-x86 -DBROKEN_CLANG_ATOMICS",
  riscv64: "linux64-riscv64",
  x86_64: "linux-x86_64",
}

const nameOf = ({ machine: { processor, elf } }: Setting): string =>
  names[processor] ?? (elf.class === "ELF64" ? "linux-generic64" : "linux-generic32")

// Coroutines (async) want what musl does not have; engines and modules are loaded at run time, which static programs cannot.
const configure = (setting: Setting, tests: "enable-tests" | "no-tests") =>
  `perl ${setting.source}/Configure ${nameOf(setting)} --prefix=/usr --libdir=lib --openssldir=/etc/ssl \\
  no-shared no-module no-engine no-dso no-async ${tests} no-docs`

// LibreSSL, which some systems of this kind have in its place, is in no Debian: it could not be had here.
export default custom({
  name: "openssl",
  version: "3.5.7",
  about: "TLS and cryptography, as libraries and a command",
  license: "Apache-2.0",
  source: [
    url("https://github.com/openssl/openssl/releases/download/openssl-3.5.7/openssl-3.5.7.tar.gz", sha256),
    debian("openssl", sha256, { suite: "trixie" }),
  ],
  tools: [tools.make, tools.perl],
  // Each of its users would compile most of it once more.
  lto: false,
  without: ["etc/ssl/misc", "usr/bin/c_rehash"],
  seconds: 250,
  phases: (setting) => ({
    configure: configure(setting, "no-tests"),
    // Not -latomic: compiler-rt has what the processor lacks.
    build: "make CNF_EX_LIBS=-pthread",
    install: 'make DESTDIR="$DESTDIR" CNF_EX_LIBS=-pthread install_sw install_ssldirs',
  }),
  // With tests, it is configured anew; what is compiled stays. All of them but one, which compares Perl's words for errors, those of the build
  // machine's C library, with musl's. In an emulator, also without nine that take 5 to 26 s each without one.
  checkTools: [tools.perl],
  check: (setting) => `${configure(setting, "enable-tests")}
make build_generated && touch $(find . -name '*.o') $(find . -name '*.a') apps/openssl
make CNF_EX_LIBS=-pthread build_programs
left=errstr
[ -z "$EMULATOR" ] || export EXE_SHELL="$EMULATOR" left="errstr cmp_http dhparam_check dsaparam ecparam genec lhash mp_rsa ssl_old threads"
make run_tests TESTS="alltests $(printf -- '-test_%s ' $left)"`,
})
