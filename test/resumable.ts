// A resumable target of four objects, made one after the other; the third waits for a file that only a test makes.

import { shell, source, target, tool, tree } from "../lib/mod.ts"

export const makefile = `
all: a.o b.o c.o d.o
a.o b.o c.o d.o: $(S)
	@echo "makes $@"
	@if [ $@ = c.o ]; then until [ -e go ]; do sleep 0.05; done; fi
	@if [ -e fails ]; then rm fails; exit 3; fi
	@cat $(S) >$@; echo "object $@" >>$@
`

const script = (tree: string) => `source=$PWD/src out=$PWD/${tree}
for left in $out/*; do [ ! -e "$left" ] || { echo "$left is left"; exit 1; }; done
echo begun >$out/begun
cd "$SCRATCH" && make -f $source/Makefile S=$source/text && cat a.o b.o c.o d.o >$out/all`

export const made = target({
  name: "made",
  inputs: { makefile: source("src/Makefile"), text: source("src/text") },
  outputs: { tree: tree("out") },
  tools: [tool({ name: "coreutils", programs: ["cat", "rm", "sleep"] }), tool({ name: "make" })],
  resumable: true,
  run: (_, { tree }) => shell(script(tree), "make"),
})
