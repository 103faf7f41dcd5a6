// What Linux says of processes.

import { readdirSync, readFileSync } from "./fs.ts"

/** The fields of /proc/PID/stat from the state on; none where that is unknown. */
export const factsOf = (pid: number | string): readonly string[] =>
  ofLiving(() =>
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" "),
  ) ?? []

/** What is read of a process, which may have ended meanwhile. */
function ofLiving<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** When a process was started, in clock ticks since the machine was; empty where that is unknown. */
export const startOf = (pid: number | "self"): string => factsOf(pid)[19] ?? ""

/** The children of a process. */
export function childrenOf(pid: number): readonly number[] {
  const tasks = ofLiving(() => readdirSync(`/proc/${pid}/task`)) ?? []
  const children = (task: string) =>
    ofLiving(() => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").match(/\d+/g)) ?? []
  return tasks.flatMap(children).map(Number)
}

/** A process and all that descends from it, its children first. */
export const familyOf = (pid: number): readonly number[] => [...childrenOf(pid).flatMap(familyOf), pid]
