import { cmake } from "../lib/linux/mod.ts"
import libcxxabi from "./libcxxabi.ts"
import libunwind from "./libunwind.ts"
import { compileTest, cxxDefinitions, needsLibcxx } from "./llvm/runtimes.ts"
import { runtimesSource } from "./llvm/source.ts"

const tests = (source: string) => `${source}/libcxx/test/std`
const parts = [
  "diagnostics/syserr/syserr.errcat",
  "input.output/file.streams/fstreams/filebuf.virtuals",
  "language.support/support.exception/propagation",
  "re/re.alg/re.alg.search/ecma.pass.cpp",
  "strings/string.conversions",
  "thread/futures/futures.async",
  "thread/thread.mutex/thread.once",
  "thread/thread.threads/thread.thread.class",
  "utilities/charconv/charconv.from.chars/integral.pass.cpp",
  "utilities/utility/mem.res/mem.res.pool",
]

export default cmake({
  name: "libcxx",
  version: "19.1.7",
  about: "the C++ standard library",
  license: "Apache-2.0 WITH LLVM-exception",
  licenseText: ["libcxx/LICENSE.TXT"],
  source: runtimesSource,
  needs: [libcxxabi, libunwind],
  // Every program in C++ would compile it again when it is linked.
  lto: false,
  seconds: 110,
  directory: "runtimes",
  define: ({ machine }) => cxxDefinitions(machine.triple, { mergesAbi: true }),
  install: ["install-cxx", "install-cxx-headers", "install-cxx-modules"],
  // Its test-suite has about 8000 programs, and the compiler takes a second or more for each. These are of what is code of the library,
  // where most others are of what is in headers, and those of libc++abi that need it.
  check: ({ source }) => `cp ${tests(source)}/input.output/file.streams/fstreams/filebuf.virtuals/*.dat .
run() {
  echo "\${2#${source}/}"
  ${compileTest(source)} -std=$1 -o test "$2" lib/libc++.a
  $EMULATOR ./test
}
for test in ${needsLibcxx.join(" ")}; do run c++14 ${source}/libcxxabi/test/$test.pass.cpp; done
for part in ${parts.join(" ")}; do
  for test in $(find ${tests(source)}/$part -name '*.pass.cpp' ! -name '*.compile.pass.cpp'); do run c++23 "$test"; done
done`,
})
