// Everything that happens is one of these. The terminal, the log, explain and an embedder's own interface consume the same
// stream; no other way leads out of a build. Times are ms.

import type { Diagnostic } from "../base/diagnostic.ts"
import type { Difference } from "./manifest.ts"
import type { Target } from "./target.ts"

/**
 * The states of a target; it only moves to the right, but that it is ready again when what it read has changed while it ran. wanted:
 * something that it needs is not done. ready: it waits for a slot, or for nothing. running: its action runs.
 */
export type State = "wanted" | "ready" | "running" | Outcome
/**
 * How a target ended. up-to-date: nothing was done. restored: from the store, without running. built: its action ran. skipped:
 * something that it needs failed. cancelled: the signal came first.
 */
export type Outcome = "up-to-date" | "restored" | "built" | "failed" | "skipped" | "cancelled"

/** What an action used; known of what runs for a second or longer. */
export interface Usage {
  /** The time that processors worked for it, to the second, in ms. */
  readonly cpuMs: number
  /** The most memory that its processes were seen to have at once, in bytes; what several share counts for each. */
  readonly peakBytes: number
}

/** What a build needed at most; known if something ran for a second or longer. */
export interface Peaks {
  /** The most memory that all actions were seen to have at once, in bytes. */
  readonly memoryBytes: number
  /** By how much the free room of the store's file system was seen to become less, in bytes, whoever took it. */
  readonly diskBytes: number
}

/** Something that happens in a build; `type` says what. */
export type BuildEvent =
  | {
      /** A build begins. Before it there are only `waiting` and `notice`; there is none if the build is cancelled while it waits. */
      readonly type: "build-started"
      /** How many targets with an action there are. */
      readonly targets: number
      /** How many actions run at once. */
      readonly slots: number
      /** How long all of it would take, one after the other, in ms, judged by earlier runs. */
      readonly expectedMs: number
    }
  | {
      /** A target is in another state. */
      readonly type: "state"
      /** Which target. */
      readonly target: Target
      /** The state that it is in now. */
      readonly state: State
      /** How long it ran, in ms; 0 as long as it has not ended. */
      readonly tookMs: number
      /** How long it is expected to run, in ms. */
      readonly expectedMs: number
      /** Of one that runs: why, in one line. */
      readonly reason?: string
      /** Of one that runs or failed: the file that holds what it writes, absolute. */
      readonly log?: string
      /** Of one that was built, or restored: what its action used when it ran, interrupted runs included. */
      readonly usage?: Usage
      /** Of one that runs: the engine does it by itself, without a slot. */
      readonly isEngines?: boolean
      /** Of one that runs: it has the terminal until it is in another state. Whoever shows events there is silent meanwhile. */
      readonly hasTerminal?: boolean
    }
  | {
      /** A running target begins with one of its steps. */
      readonly type: "step"
      /** Which target. */
      readonly target: Target
      /** What the step is called: a command line, or a label. */
      readonly step: string
    }
  | {
      /** A running target's action failed, and is run again. */
      readonly type: "retry"
      /** Which target. */
      readonly target: Target
      /** Which attempt begins, from 2. */
      readonly attempt: number
      /** How many there may be. */
      readonly of: number
      /** How the last one ended: a step, and `exited with 2`. */
      readonly how: string
    }
  | {
      /** A running target's command has ended, and its slot is another's already; what it wrote is being taken over. */
      readonly type: "released"
      /** Which target. */
      readonly target: Target
    }
  | {
      /** A running target writes something; told in verbose builds only. */
      readonly type: "output"
      /** Which target. */
      readonly target: Target
      /** A piece of what it writes. */
      readonly text: string
    }
  | {
      /** A running function says how far it is. */
      readonly type: "progress"
      /** Which target. */
      readonly target: Target
      /** From 0 to 1, where known. */
      readonly fraction: number | undefined
      /** A few words. */
      readonly words: string
    }
  | {
      /** In a dry run: a target would be restored from the store. */
      readonly type: "would-restore"
      /** Which target. */
      readonly target: Target
    }
  | {
      /** In a dry run: a target would run. */
      readonly type: "would-run"
      /** Which target. */
      readonly target: Target
      /** Why, in one line. */
      readonly reason: string
      /** The lines in which its manifest differs from that of its last result, where that is known. */
      readonly differences?: readonly Difference[]
      /** Whether it may not: if what it needs, and would run, gave the same as before. */
      readonly isUncertain?: boolean
    }
  | {
      /** An action failed. It is in the result, too. */
      readonly type: "failure"
      /** Whose action. */
      readonly target: Target
      /** What a person is told. */
      readonly diagnostic: Diagnostic
    }
  | {
      /** Something that a person should know, and that stops nothing. */
      readonly type: "notice"
      /** What a person is told. */
      readonly diagnostic: Diagnostic
    }
  | {
      /** Another process builds in this workspace; this build goes on when that has ended. */
      readonly type: "waiting"
      /** That process's id. */
      readonly pid: number
      /** Its command line. */
      readonly command: string
    }
  | {
      /** The build has ended: the last event. There is none if the build was impossible: then `result` rejects. */
      readonly type: "build-ended"
      /** As in the result. */
      readonly outcome: "done" | "failed" | "cancelled"
      /** As in the result. */
      readonly counts: Counts
      /** The whole build, in ms. */
      readonly tookMs: number
      /** What it needed at most. */
      readonly peaks?: Peaks
      /** Of a dry run: what was told besides. */
      readonly would?: Would
    }

/** Of how many targets a dry run said what. */
export interface Would {
  /** They would run. */
  readonly run: number
  /** They may run: that depends on what others give. */
  readonly mayRun: number
  /** They would be restored from the store. */
  readonly restore: number
}

/** How many targets with an action ended each way. */
export type Counts = Readonly<Record<Outcome, number>>

/** An event as one line of JSON would hold it: a target is its name. What `--json` prints. */
export const eventRecord = (event: BuildEvent): Record<string, unknown> =>
  "target" in event ? { ...event, target: event.target.name } : { ...event }
