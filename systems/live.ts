// A system that builds itself, on a medium: the base system of the bootstrap and its compiler, with all that there is to build with.

import { type Step, type SystemSetting, system } from "../lib/linux/mod.ts"
import { recipes, stageParts } from "../pkg/all.ts"
import { baseSystem } from "../pkg/base/system.ts"

const { etc, finit, "finit-console": console } = recipes

export default system({
  name: "live",
  about: "a compiler, and all that the bootstrap's base system has",
  packages: [
    etc,
    console,
    finit,
    recipes["ca-certificates"],
    ...baseSystem.recipes,
    stageParts.compiler,
    ...stageParts.beside,
  ],
  isComplete: true,
  memoryMiB: 768,
  sizes: { ROOTFS_SIZE: 3072 },
  talks: { disk: compiles, iso: compiles, qcow2: compiles },
})

const write = (path: string, ...lines: readonly string[]): Step => ({
  run: `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >${path}`,
})

function compiles({ machine: { processor } }: SystemSetting): readonly Step[] {
  return [
    { logIn: "root" },
    { run: "uname -m", says: processor.slice(0, 4) },
    write("hello.cpp", "#include <iostream>", 'int main() { std::cout << "by " << __VERSION__ << std::endl; }'),
    write("Makefile", "hello: hello.cpp; c++ -O2 -o $@ $<"),
    { run: "make && ./hello", says: "by Clang" },
    { powerOff: "poweroff" },
  ]
}
