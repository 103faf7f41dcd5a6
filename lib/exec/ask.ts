// Which commands are asked of the shells that stay, and how: what they are told of a command, and what becomes of its slot.

import { setImmediate as turn } from "node:timers/promises"
import type { Command, Step } from "../graph/command.ts"
import type { Target } from "../graph/target.ts"
import { isBuiltin } from "./builtin.ts"
import { isSameAnywhere } from "./layout.ts"
import type { Order } from "./order.ts"
import type { Ended } from "./shell.ts"
import type { Shells } from "./shells.ts"

/** Whether a target's command runs in the workspace itself. The shells that stay have no terminal to lend. */
export const isInPlace = (target: Target, { bwrap }: Pick<Order, "bwrap">): boolean =>
  bwrap === undefined && target.action?.terms.terminal !== true && isSameAnywhere(target)

/**
 * Whether a target's command is asked of a shell that stays: in a sandbox only what has one step, and of which nothing is told while it
 * runs; starting that from here would cost more.
 */
export function isAsked(target: Target, order: Pick<Order, "command" | "bwrap" | "verbose">): boolean {
  const { command, bwrap, verbose } = order
  const { terms = {}, isResumable } = target.action ?? {}
  if (command === undefined || isBuiltin(command) || terms.terminal === true) return false
  if (bwrap === undefined) return isSameAnywhere(target)
  return command.steps.length === 1 && !verbose && terms.jobserver === undefined && isResumable !== true
}

/** Has a command run by a shell, as the text that is made for its scratch directory. Undefined if it was not begun. */
export async function ask(
  order: Order,
  command: Command,
  shells: Shells,
  textFor: (scratch: string) => string,
  onBegin = () => {},
): Promise<Ended | undefined> {
  const { target, verbose, emit, signal, slot, tools } = order
  if (slot === undefined) throw new Error(`${target.name} has no slot`)
  let isReleased = false
  const ended = await shells.run(textFor, {
    kind: [...tools.map(({ name }) => name), ...command.steps.map(kindOf)].join(" "),
    slot,
    signal,
    onOutput: verbose ? (text) => emit({ type: "output", target, text }) : undefined,
    onBegin(isShort) {
      order.begin()
      onBegin()
      if (isShort) order.lead()
    },
    onDone() {
      isReleased = order.release()
    },
  })
  // What was let start goes first.
  if (isReleased) await turn()
  return ended
}

/** What a step does, in a word: a program, or any script. */
const kindOf = (step: Step): string => (step.does === "argv" ? String(step.argv[0]) : step.does)
