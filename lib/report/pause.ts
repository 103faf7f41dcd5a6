// While an action has the terminal, nobody else writes there: events wait until it is done.

import type { BuildEvent } from "../graph/event.ts"
import type { Target } from "../graph/target.ts"
import type { Reporter } from "./reporter.ts"

/** A reporter that can be silent. */
export interface Pausable extends Reporter {
  /** Takes away what is not to stay, and writes nothing until the next event. */
  readonly pause: () => void
}

/** The reporter, silent while an action has the terminal. */
export function pausing(reporter: Pausable): Reporter {
  let owner: Target | undefined
  const held: BuildEvent[] = []
  const on = (event: BuildEvent): void => {
    if (owner === undefined) reporter.on(event)
    else held.push(event)
    if (event.type !== "state") return
    if (owner === undefined && event.hasTerminal === true) {
      owner = event.target
      reporter.pause()
    } else if (event.target === owner) release()
  }
  const release = (): void => {
    owner = undefined
    for (const event of held.splice(0)) on(event)
  }
  return {
    on,
    close: () => {
      release()
      reporter.close()
    },
  }
}
