// The systems that there are. A new one is a file beside these, and a line here.

import standard from "./default.ts"
import hello from "./hello.ts"
import live from "./live.ts"
import server from "./server.ts"

/** By the names that one asks for them under. */
export const systems = { default: standard, hello, live, server } as const

export type SystemName = keyof typeof systems

/** The first is what is made where nothing else is asked for. */
export const systemNames = Object.keys(systems) as readonly SystemName[]
