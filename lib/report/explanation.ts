// Why actions would run, for a person: each in the shape of a message, and what changed as old and new.

import type { Diagnostic } from "../base/diagnostic.ts"
import { type Change, changesOf } from "../graph/change.ts"
import type { BuildEvent } from "../graph/event.ts"
import { needsOf } from "../graph/graph.ts"

type WouldRun = Extract<BuildEvent, { type: "would-run" }>

/** Why one action would run, as a program would read it. */
export interface Explanation {
  readonly target: string
  /** `file:line` of its declaration, where known. */
  readonly where?: string
  readonly reason: string
  /** It may not: if what it needs, and would run, gave the same as before. */
  readonly isUncertain?: true
  /** What it needs that would run itself. */
  readonly needs: readonly string[]
  /** All that changed since it was last built here; empty where that is not known. */
  readonly changes: readonly Change[]
}

/** The explanations of a dry run's events, in their order. */
export function explanationsOf(events: readonly WouldRun[]): readonly Explanation[] {
  const running = new Set(events.map(({ target }) => target))
  return events.map(({ target, reason, differences = [], isUncertain = false }) => ({
    target: target.name,
    ...(target.where === undefined ? {} : { where: target.where }),
    reason,
    ...(isUncertain ? { isUncertain } : {}),
    needs: needsOf(target).flatMap((need) => (running.has(need) ? need.name : [])),
    changes: changesOf(differences, target),
  }))
}

const mostNeeds = 8
const mostLines = 20

/** An explanation in the shape of a message; to be rendered as `would run`. */
export function explained({ target, where, reason, needs, changes }: Explanation): Diagnostic {
  const names = `${needs.slice(0, mostNeeds).join(", ")}${needs.length > mostNeeds ? ` … (${needs.length})` : ""}`
  return {
    what: `\`${target}\``,
    where,
    facts: [
      ["why", reason],
      ...(needs.length === 0 ? [] : [["needs", names] as const]),
      ...changes.map((change) => [change.what, difference(change)] as const),
    ],
  }
}

/** What is several words, lines or patterns, not one thing that was one way and is another. */
const lists: readonly Change["what"][] = ["command", "parameters", "left out", "output"]

function difference({ what, name, before, now, path, from }: Change): string {
  const [old, fresh] = [before.map(short), now.map(short)]
  const place = path ?? from
  const head = name === undefined ? "" : `${name}${place === undefined ? "" : ` (${place})`}: `
  if (!lists.includes(what) && old.length <= 1 && fresh.length <= 1) {
    if (old[0] === undefined) return `${head}new, ${fresh[0]}`
    return fresh[0] === undefined ? `${head}gone, was ${old[0]}` : `${head}${old[0]} → ${fresh[0]}`
  }
  const lines = [...old.map((text) => `- ${text}`), ...fresh.map((text) => `+ ${text}`)]
  const more = lines.length > mostLines ? [`… and ${lines.length - mostLines} more`] : []
  return [name ?? "", ...lines.slice(0, mostLines), ...more].join("\n")
}

/** The first digits of a digest are enough for a person. */
const short = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1")
