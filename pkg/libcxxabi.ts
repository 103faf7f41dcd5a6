import { cmake } from "../lib/linux/mod.ts"
import libunwind from "./libunwind.ts"
import { cxxDefinitions } from "./llvm/runtimes.ts"
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
})
