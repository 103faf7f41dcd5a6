import { cmake } from "../lib/linux/mod.ts"
import libunwind from "./libunwind.ts"
import { compileTest, cxxDefinitions, needsLibcxx } from "./llvm/runtimes.ts"
import { runtimesSource } from "./llvm/source.ts"

export default cmake({
  name: "libcxxabi",
  version: "19.1.7",
  about: "the C++ ABI: exceptions and type information",
  license: "Apache-2.0 WITH LLVM-exception",
  licenseText: ["libcxxabi/LICENSE.TXT"],
  source: runtimesSource,
  needs: [libunwind],
  // Every program in C++ would compile it again when it is linked.
  lto: false,
  seconds: 25,
  directory: "runtimes",
  define: ({ machine }) => cxxDefinitions(machine.triple, { mergesAbi: false }),
  build: ["cxxabi"],
  install: ["install-cxxabi"],
  // All tests but those that need libc++ itself, which is built with this and runs them, those for code without exceptions, and one for
  // glibc. Two use what came after C++14, others what went with it.
  check: ({ source }) => `ninja generate-cxx-headers
for test in ${source}/libcxxabi/test/*.pass.cpp; do
  name=$(basename "$test" .pass.cpp)
  standard=c++14
  case $name in
    forced_unwind4 | noexception*) continue ;;
    ${needsLibcxx.join(" | ")}) continue ;;
    catch_function_03 | catch_member_function_pointer_02) standard=c++17 ;;
  esac
  echo "$name"
  ${compileTest(source)} -std=$standard -o test "$test" lib/libc++abi.a
  $EMULATOR ./test
done`,
})
