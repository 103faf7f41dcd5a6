// Commands that the engine carries out itself, on listings and texts: copying an action's output to another moves no byte.

import { join } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import type { Command, Step } from "../graph/command.ts"
import { noOutputFailure } from "../graph/errors.ts"
import type { Target } from "../graph/target.ts"
import type { Content, TreeEntry } from "../store/content.ts"
import { contentOfInput, type ReadInput } from "./inputs.ts"
import { commandPath, outputPaths, sandboxRoots } from "./layout.ts"
import type { Order } from "./order.ts"

type Builtin = Extract<Step, { does: "copy" | "write" }>

/** Whether a command consists of builtin steps only. */
export const isBuiltin = ({ steps }: Command): boolean => steps.every(({ does }) => does === "copy" || does === "write")

/** What the builtin steps of a target give. */
export function builtinOutputs(order: BuiltinOrder): Record<string, Content> {
  const { target, store, inputs, command } = order
  const steps = command?.steps as readonly Builtin[]
  const paths = outputPaths(target, sandboxRoots) as Record<string, string>
  const outputs: Record<string, Content> = {}
  const take = ({ text, executable }: Write) => store.takeText(text, executable ? "exec" : "file")
  for (const [name, path] of Object.entries(paths)) {
    const copied = steps.find((step) => step.does === "copy" && step.to === path)
    const written = steps.filter((step) => step.does === "write")
    const whole = written.find(({ to }) => to === path)
    if (copied?.does === "copy") {
      const input = inputs.find((one) => commandPath(sandboxRoots)(one) === copied.from)
      if (input === undefined) throw new Error(`${target.name} copies ${copied.from}, which is no input`)
      outputs[name] = stored(order, input)
    } else if (whole !== undefined) outputs[name] = take(whole)
    else outputs[name] = store.takeListing(entriesBelow(`${path}/`, written, take))
    const isWritten = copied !== undefined || written.some(({ to }) => to.startsWith(`${path}/`))
    checkForm(target, name, outputs[name], isWritten)
  }
  return outputs
}

/** Throws a BuildError if an output is none of the declared form. */
function checkForm(target: Target, name: string, { form }: Content, isWritten: boolean): void {
  const output = target.outputs[name]
  const instead = form === "tree" ? (isWritten ? "a directory" : "nothing") : "a file"
  if (output === undefined || (form === "tree") === (output.form !== "file")) return
  throw new BuildError(noOutputFailure(target, { missing: [output.at ?? name], instead }, []))
}

type BuiltinOrder = Pick<Order, "target" | "store" | "inputs" | "command" | "workspaceRoot">

/** The content of an input, in the store: a workspace's file gets there now. */
function stored({ target, store, workspaceRoot }: BuiltinOrder, named: ReadInput): Content {
  const { input, contents } = named
  if (input.kind !== "source") return contentOfInput(store, target, named)
  return store.takeCopy(join(workspaceRoot, input.path), contents[0]?.form === "exec" ? "exec" : "file")
}

type Write = Extract<Step, { does: "write" }>

function entriesBelow(root: string, steps: readonly Write[], take: (step: Write) => Content): TreeEntry[] {
  const entries = new Map<string, TreeEntry>()
  for (const step of steps) {
    if (!step.to.startsWith(root)) continue
    const path = step.to.slice(root.length)
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      entries.set(path.slice(0, slash), { path: path.slice(0, slash), form: "directory" })
    }
    const { form, digest, sizeBytes } = take(step)
    entries.set(path, { path, form: form === "exec" ? "exec" : "file", digest, sizeBytes })
  }
  return [...entries.values()]
}
