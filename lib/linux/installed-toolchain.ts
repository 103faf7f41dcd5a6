// A compiler that runs on a machine, as somebody has it who unpacks it there: what is put below out/, and what is compiled with it.

import { shell } from "../graph/command.ts"
import { group, layers, type Target, target, tree } from "../graph/target.ts"
import type { Builds } from "./builds.ts"
import { emulatorOf } from "./machine.ts"
import { Packages } from "./package.ts"
import type { StageParts } from "./stage.ts"
import { baseTools } from "./tools.ts"

/** A compiler that runs on a machine and emits for it, with what it finds beside itself, put below out/TRIPLE. */
export function installToolchain(builds: Builds, { compiler, beside }: StageParts): Target {
  const { triple } = builds.machine
  const packages = new Packages(builds, { isComplete: true })
  const files = [compiler, ...beside].map((recipe) => packages.files(recipe))
  return group(`${triple}/install-toolchain`, files, `a compiler that runs on ${triple}, below out/${triple}`)
}

/** A target that compiles programs by that compiler and runs them, where need be by emulation. */
export function checkCompiler(builds: Builds, { compiler, beside }: StageParts): Target {
  const { triple, qemu } = builds.machine
  return target({
    name: `${builds.name}/check-compiler`,
    about: `compile programs by the compiler that runs on ${triple}, and run them`,
    inputs: { compiler: layers([compiler, ...beside].map(builds.tree)) },
    outputs: { tree: tree() },
    tools: [...baseTools, ...emulatorOf(builds.machine)],
    run: ({ compiler }, { tree }) =>
      shell(
        `on='${qemu.user ?? ""}' bin=${compiler}/usr/bin\n${script}\necho passed >${tree}/passed`,
        "compile and run programs",
      ),
  })
}

// An emulator does not emulate what the program starts that it emulates: clang's linker is started by a script. The C++ program needs
// each of the libraries: exceptions are unwound, threads are the C library's, and 64-bit atomics are compiler-rt's on some machines.
const script = `printf '#!/bin/sh\\nexec %s %s/ld.lld "$@"\\n' "$on" "$bin" >linker && chmod +x linker
cat >c.c <<'END'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
  long long divided = 1234567890123456789LL / count;
  return printf("%s %.3f %lld\\n", words[1], sqrt(strtod(words[2], NULL)), divided) < 0;
}
END
cat >cxx.cc <<'END'
#include <atomic>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
int main() {
  std::atomic<long long> sum = 0;
  std::thread one([&] { sum += 40; }), other([&] { sum += 2; });
  one.join();
  other.join();
  std::map<std::string, long long> found{{"sum", sum}};
  try {
    found.at("none");
  } catch (const std::out_of_range &) {
    std::cout << "caught, " << found.at("sum") << std::endl;
  }
}
END
$on "$bin/clang" --version
$on "$bin/clang" -O2 --ld-path="$PWD/linker" c.c -o c
$on "$bin/clang++" -O2 --ld-path="$PWD/linker" cxx.cc -o cxx
expect() { echo "$2"; [ "$1" = "$2" ] || { echo "expected: $1"; exit 1; }; }
expect 'hello 1.414 411522630041152263' "$($on ./c hello 2)"
expect 'caught, 42' "$($on ./cxx)"`
