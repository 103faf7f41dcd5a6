// What every form of showing a build is: a consumer of its events.

import type { BuildEvent } from "../graph/event.ts"

/** Consumes the events of one build. */
export interface Reporter {
  /** To be called with every event, in order. */
  readonly on: (event: BuildEvent) => void
  /** Takes the progress lines away. To be called at the end, however that came about; may be called twice. */
  readonly close: () => void
}
