// Brings the source of Lua into lua/, from upstream or from Debian, whichever has it: a workspace of its own, so that what lies
// there afterwards is source like any other to the one above.

import { buildfile, copy, target, tree } from "hashmake"
import { archive, debian, sourceTargets, url } from "hashmake/linux"

const digest = "164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61"
const release = archive([url("https://www.lua.org/ftp/lua-5.4.4.tar.gz", digest), debian("lua5.4", digest)])

export default buildfile({}, () => {
  const { unpacked } = sourceTargets(release, "lua", undefined)
  const lua = target({
    about: "the source of Lua 5.4",
    inputs: { unpacked: unpacked.outputs.tree },
    outputs: { lua: tree("lua") },
    run: ({ unpacked }, { lua }) => copy(unpacked, lua),
  })
  return { default: lua, lua }
})
