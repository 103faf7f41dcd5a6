// What a project has that installs hashmake: see package.test.ts.

import { buildfile, choice, inOrder, shell, target, tool, write } from "hashmake"

const cat = tool({ name: "cat", debian: ["coreutils"] })

export default buildfile({ MODE: choice(["debug", "release"], "how") }, ({ MODE }, { files }) => {
  const texts = files("text/*.txt")
  const all = target({
    about: "every text",
    inputs: { texts },
    outputs: { all: `out/${MODE}/all.txt` },
    tools: [cat],
    run: ({ texts }, { all }) => inOrder([shell(`cat ${texts.join(" ")} >${all}`), shell(`echo ${MODE} >>${all}`)]),
  })
  const version = target({ outputs: { version: "out/version" }, run: (_, { version }) => write(version, "1\n") })
  return { default: all, all, version }
})
