// What every action of a build is run with, opened once; and what of it counts for a key.

import type { Digest } from "../base/digest.ts"
import type { Command } from "../graph/command.ts"
import { manifestOf } from "../graph/manifest.ts"
import type { Action, Target } from "../graph/target.ts"
import type { Store } from "../store/store.ts"
import type { Aside } from "./aside.ts"
import { isBuiltin } from "./builtin.ts"
import { manifestInputs, type ReadInput } from "./inputs.ts"
import type { Meter } from "./meter.ts"
import { moduleDigest } from "./modules.ts"
import type { Shells } from "./shells.ts"
import type { ToolRoots } from "./tool-root.ts"
import type { FoundTool, Toolbox } from "./tools.ts"
import type { Workspace } from "./workspace.ts"

export interface Machinery {
  readonly store: Store
  readonly workspace: Workspace
  readonly toolbox: Toolbox
  /** What sandboxes have at /usr. */
  readonly toolRoots: ToolRoots
  /** The path of bubblewrap; undefined: no sandbox. */
  readonly bwrap: string | undefined
  readonly modules: Map<string, Digest>
  /** A fresh path for the named pipe of an action's jobserver. */
  readonly pipePath: () => string
  /** For commands without a sandbox; made when first used. */
  readonly shells: Shells
  readonly meter: Meter
  /** A directory that holds these tools' programs; made when first used. */
  readonly toolDirectory: (tools: readonly FoundTool[]) => string
  /** Removes a directory while the build goes on. */
  readonly discard: (directory: string) => void
  /** Keeps what lies in the way of outputs and is no build's. */
  readonly aside: Aside
  /** Which of a Buildfile's graphs is built. */
  readonly variant: string | undefined
  /** Rejects with a BuildError if the kernel forbids sandboxes; asked once, before the first is made. */
  readonly checkSandbox: () => Promise<void>
}

/** The manifest of a target's action with these inputs, and its command if it has one. */
export function manifestFor(
  { toolbox, bwrap, modules }: Machinery,
  target: Target,
  action: Action,
  { inputs, command }: { readonly inputs: readonly ReadInput[]; readonly command: Command | undefined },
): string {
  const { rule } = action
  const ruled =
    rule.kind === "call"
      ? { module: moduleDigest(rule.module, modules), parameters: action.parameters }
      : { command: command as Command }
  const runs = command !== undefined && !isBuiltin(command)
  return manifestOf({
    sandbox: !runs ? "engine" : bwrap === undefined ? "off" : "bwrap",
    rule: ruled,
    environment: action.environment,
    tools: runs || rule.kind === "call" ? toolbox.forAction(action) : [],
    inputs: manifestInputs(inputs),
    outputs: Object.values(target.outputs).map(({ name, form, at }) => ({ name: at ?? name, form })),
  })
}
