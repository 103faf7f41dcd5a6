// Lua's source, by the engine itself: from upstream or Debian, as packages of the Linux system have theirs.

import { join } from "node:path"
import { build, storeDirectory } from "../lib/exec/engine.ts"
import { archive, debian, sourceTargets, url } from "../lib/linux/source.ts"
import { copy, renderDiagnostic, target, tree } from "../lib/mod.ts"

const digest = "164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61"
const locations = [url("https://www.lua.org/ftp/lua-5.4.4.tar.gz", digest), debian("lua5.4", digest)]

/** Puts Lua's source into `scratch`/lua. Throws an Error that says why it cannot be had. */
export async function fetchLua(scratch: string): Promise<void> {
  const { unpacked } = sourceTargets(archive(locations), "lua", undefined)
  const lua = target({
    inputs: { unpacked: unpacked.outputs.tree },
    outputs: { lua: tree("lua") },
    run: ({ unpacked }, { lua }) => copy(unpacked, lua),
  })
  const { failures } = await build([lua], { root: scratch, store: storeDirectory(process.env), slots: 1 })
  const [failed] = failures
  if (failed !== undefined) throw new Error(`${renderDiagnostic(failed.diagnostic)}\n(log in ${join(scratch, "log")})`)
}
