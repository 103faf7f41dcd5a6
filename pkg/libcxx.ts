import { cmake } from "../lib/linux/mod.ts"
import libcxxabi from "./libcxxabi.ts"
import libunwind from "./libunwind.ts"
import { cxxDefinitions } from "./llvm/runtimes.ts"
import { runtimesSource } from "./llvm/source.ts"

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
})
