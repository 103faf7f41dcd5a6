// Ends the process groups that this process has started, should it be killed before it can do that itself: a small shell that is told
// of each, and learns from the end of its input that nobody will tell it more.

import { type ChildProcess, spawn } from "node:child_process"

const script = `
alive=" "
while read -r sign group; do
  case $sign in
    +) alive="$alive$group " ;;
    -) alive="\${alive%% $group *} \${alive#* $group }" ;;
  esac
done
for group in $alive; do kill -KILL "-$group"; done`

let guard: ChildProcess | undefined

/** From now on the group of this process ends with the process that calls. */
export const guardGroup = (pid: number): void => tell(`+ ${pid}\n`)

/** Nothing is left of the group. */
export const releaseGroup = (pid: number): void => tell(`- ${pid}\n`)

function tell(line: string): void {
  guard ??= startGuard()
  guard.stdin?.write(line)
}

/** It keeps nothing from ending; where it cannot be started, or was killed, everything goes on without. */
function startGuard(): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] })
  child.on("error", () => {})
  child.stdin?.on("error", () => {})
  child.unref()
  ;(child.stdin as { unref?: () => void } | null)?.unref?.()
  return child
}
