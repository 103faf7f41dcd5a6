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
    // Coroutines (async) want what musl does not have; engines and modules are loaded at run time, which static programs cannot.
    configure: `perl ${setting.source}/Configure ${nameOf(setting)} --prefix=/usr --libdir=lib --openssldir=/etc/ssl \\
  no-shared no-module no-engine no-dso no-async no-tests no-docs`,
    // Not -latomic: compiler-rt has what the processor lacks.
    build: "make CNF_EX_LIBS=-pthread",
    install: 'make DESTDIR="$DESTDIR" CNF_EX_LIBS=-pthread install_sw install_ssldirs',
  }),
  check:
    () => `[ "$(printf abc | $EMULATOR apps/openssl sha256 -r)" = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad *stdin" ]
printf 'the text' | $EMULATOR apps/openssl enc -aes-256-ctr -pbkdf2 -pass pass:word | $EMULATOR apps/openssl enc -d -aes-256-ctr -pbkdf2 -pass pass:word | grep '^the text$'
$EMULATOR apps/openssl ecparam -name prime256v1 -genkey -out key.pem
printf 'the text' >text && $EMULATOR apps/openssl dgst -sha256 -sign key.pem -out signed text
$EMULATOR apps/openssl ec -in key.pem -pubout -out public.pem && $EMULATOR apps/openssl dgst -sha256 -verify public.pem -signature signed text`,
})
