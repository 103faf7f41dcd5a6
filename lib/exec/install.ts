// Missing tools, and the one command of this system that brings them.

import { spawn } from "node:child_process"
import { existsSync } from "../base/fs.ts"
import { installFailedError, type MissingTool } from "../graph/errors.ts"

/** The shell command that installs what is missing, for a person to read; as an ordinary user with sudo. */
export function installCommand(missing: readonly MissingTool[]): string {
  const names = [...new Set(missing.flatMap(({ debian }) => debian))].sort()
  const install = `apt-get install -y --no-install-recommends ${names.join(" ")}`
  return process.getuid?.() === 0 ? install : `sudo ${install}`
}

/** Whether this system has the package manager that `installCommand` uses. */
export const canInstall = (): boolean => existsSync("/usr/bin/apt-get")

/** Installs what is missing; what the package manager says goes to standard error. Throws a BuildError if it fails. */
export async function install(missing: readonly MissingTool[]): Promise<void> {
  const command = installCommand(missing)
  const update = command.replace(/install -y.*/, "update")
  for (const line of [update, command]) {
    const status = await run(line)
    if (status !== 0) throw installFailedError(line, status)
  }
}

function run(line: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    const child = spawn("sh", ["-c", `exec ${line}`], { stdio: ["inherit", 2, 2], env: environment })
    child.once("error", reject)
    child.once("exit", resolve)
  })
}
