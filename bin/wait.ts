// Asks the process that watches a workspace, by a socket of the user's own, to say when everything is built.

import { connect } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { fingerprintOf } from "../lib/base/fingerprint.ts"
import type { Typed } from "./options.ts"
import { rememberedPath } from "./quick.ts"

/** What it answers, as one line of JSON. */
export interface Answer {
  readonly status: number
  readonly said: string
}

/** Where the process listens that watches these targets of this workspace. The name is short: a socket's path may not be long. */
export const socketPath = (typed: Typed, root: string): string =>
  join(
    process.env.XDG_RUNTIME_DIR ?? tmpdir(),
    `hashmake-${userInfo().uid}-${fingerprintOf(rememberedPath(typed, root))}`,
  )

/** The exit status of the build that is awaited; undefined if nobody watches. */
export function wait(typed: Typed, root: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(typed, root))
    let heard = ""
    socket.setEncoding("utf8")
    socket.on("data", (text: string) => {
      heard += text
    })
    socket.on("error", () => resolve(undefined))
    socket.on("end", () => {
      if (heard === "") return resolve(undefined)
      const { status, said } = JSON.parse(heard) as Answer
      if (typed.level !== "quiet") process.stderr.write(`${said}\n`)
      resolve(status)
    })
  })
}
