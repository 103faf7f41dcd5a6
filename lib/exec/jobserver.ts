// GNU make's jobserver: how several makes, ninjas and cargos that know nothing of each other keep one bound on what runs.
//
// The protocol. A pipe holds one byte, a token, for each job that may run besides the first. Every program that takes part owns
// one job without asking: it was itself started as somebody's job. For each further one it reads a byte, waiting if there is
// none, and when that job has ended it writes the *same* byte back. MAKEFLAGS says where the pipe is: `--jobserver-auth=R,W`
// names two inherited descriptors (make before 4.4, which knows nothing else), `--jobserver-auth=fifo:PATH` a named pipe (make
// 4.4, ninja 1.13, which know that one and, in ninja's case, nothing else). cargo takes either.
//
// Its traps. Nothing in it says who holds a token: what dies with one in its hand makes the build narrower for good. Whether the
// descriptors block is a property of the pipe's *open file*, shared with everybody who inherited it: setting it for oneself
// breaks the others, so we open the pipe anew (by its path, or by /proc/self/fd) and never touch theirs. A recipe's line
// without `+` gets MAKEFLAGS, but not the descriptors (make 4.3): their numbers are then free, and Node has taken them, some
// for pipes of its own, in one of which lies a byte that is libuv's lock. So a descriptor counts only if our parent has the
// very same pipe open: that is what was inherited. Otherwise there is no jobserver for us.
//
// As a client, a token goes back on every way out: when no action needs it, when the process exits or dies of an exception,
// and on signals that would end it at once. `kill -9` leaves no way: then they are lost, as with any client.
//
// As a server we give every action a pipe of its own, a *purse*, instead of one pipe to all. With a single one the kernel would
// share fairly between actions, for nothing; but tokens that killed children held could be counted only once nothing else
// runs, which in a long build is never, and a child that keeps tokens, or writes ones that it never read, would do so to
// everybody. A purse is different: what was lent to it is known, so when its action has ended, however that came about, it is
// thrown away and exactly so much is free again. What it costs is that slots must be carried between purses: with several,
// slots.ts looks fifty times a second whether tokens lie unread in one while another is empty. A purse is always a named pipe,
// which a sandbox may mount read-only; for children that know descriptors only, the shell that starts them opens it, once, to read
// and to write: whether that one blocks is their own affair. Under an outer make the purses are filled with what we got from there, so its bound holds for our actions' children, and its tokens survive
// them. Children must be called without `-j`: with it, make and ninja leave the jobserver and count for themselves.

import { Socket } from "node:net"
import { join } from "node:path"
import { errorCode, followedIfThere, unlinkIfThere } from "../base/files.ts"
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync, writeSync } from "../base/fs.ts"
import { ask } from "../base/process.ts"
import { noFifoError } from "../graph/errors.ts"
import type { Auth } from "./makeflags.ts"

/** A pipe of tokens, opened by us alone; nothing here waits in a system call. */
class TokenPipe {
  readonly #read: number
  readonly #write: number
  #socket: Socket | undefined
  #got: ((byte: number) => void) | undefined

  /** Throws where `path` cannot be opened or is no pipe. */
  constructor(path: string) {
    // Reading and writing at once, so that neither waits for, or ever sees the end of, the other side.
    const flags = constants.O_RDWR | constants.O_NONBLOCK
    this.#read = openSync(path, flags)
    this.#write = openSync(path, flags)
    if (fstatSync(this.#read).isFIFO()) return
    this.close()
    throw new Error(`${path} is not a pipe`)
  }

  /** Up to `count` bytes, if they lie there. */
  take(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    try {
      return bytes.subarray(0, readSync(this.#read, bytes))
    } catch (thrown) {
      if (errorCode(thrown) !== "EAGAIN") throw thrown
      return bytes.subarray(0, 0)
    }
  }

  /** Takes one byte as soon as there is one. Until then further calls do nothing. Does not keep the process alive. */
  want(got: (byte: number) => void): void {
    if (this.#got !== undefined) return
    this.#got = got
    if (this.#socket === undefined) this.#socket = this.#listen()
    else this.#socket.resume()
  }

  /** How many of the bytes went in: a pipe that somebody filled to the brim takes no more. */
  put(bytes: Uint8Array): number {
    try {
      return writeSync(this.#write, bytes)
    } catch (thrown) {
      if (errorCode(thrown) !== "EAGAIN") throw thrown
      return 0
    }
  }

  close(): void {
    closeSync(this.#write)
    if (this.#socket === undefined) closeSync(this.#read)
    else this.#socket.destroy()
  }

  /** A buffer of one byte, and a callback that says "no more", are what keeps Node from reading further than asked. */
  #listen(): Socket {
    const buffer = new Uint8Array(1)
    const callback = () => {
      const got = this.#got
      this.#got = undefined
      got?.(buffer[0] ?? 0)
      return this.#got !== undefined
    }
    return new Socket({ fd: this.#read, readable: true, writable: false, onread: { buffer, callback } }).unref()
  }
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Tokens of an outer jobserver. One per process: the job that needs no token, which is its owner's, is there only once. */
export class Client {
  readonly #pipe: TokenPipe
  readonly #held: number[] = []

  constructor(path: string) {
    this.#pipe = new TokenPipe(path)
    process.on("exit", this.#giveAll)
    for (const signal of endings) process.prependListener(signal, this.#ended)
  }

  /** How many tokens are held. */
  get held(): number {
    return this.#held.length
  }

  /** Takes a token if one is there. */
  take(): boolean {
    const [byte] = this.#pipe.take(1)
    if (byte !== undefined) this.#held.push(byte)
    return byte !== undefined
  }

  /** Takes a token as soon as there is one and says so, once. Until then further calls do nothing. */
  want(taken: () => void): void {
    this.#pipe.want((byte) => {
      this.#held.push(byte)
      taken()
    })
  }

  /** Gives up to `count` tokens back. */
  give(count: number): void {
    const bytes = this.#held.splice(0, count)
    if (bytes.length > 0) this.#pipe.put(Uint8Array.from(bytes))
  }

  /** Gives all back, and takes no more. */
  close(): void {
    process.off("exit", this.#giveAll)
    for (const signal of endings) process.off(signal, this.#ended)
    this.#giveAll()
    this.#pipe.close()
  }

  #giveAll = (): void => this.give(this.#held.length)

  /** Whoever else listens to a signal decides what it means, and exits in time; with nobody, the process ends of it. */
  #ended = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return
    this.close()
    process.kill(process.pid, signal)
  }
}

/** Connects to the jobserver that MAKEFLAGS names; undefined if it cannot be reached. */
export function connect(auth: Auth): Client | undefined {
  try {
    if (auth.kind === "fifo") return new Client(auth.path)
    if (auth.kind === "pipe" && isInherited(auth)) return new Client(`/proc/self/fd/${auth.read}`)
  } catch {
    // Not there, not ours to open, no pipe: each means that we have no jobserver.
  }
  return undefined
}

function isInherited({ read, write }: Auth & { kind: "pipe" }): boolean {
  const pipe = statSync(`/proc/self/fd/${read}`)
  const isPipe = (path: string) => {
    const stat = followedIfThere(path)
    return stat?.ino === pipe.ino && stat.dev === pipe.dev
  }
  const parents = `/proc/${process.ppid}/fd`
  return isPipe(`/proc/self/fd/${write}`) && readdirSync(parents).some((name) => isPipe(join(parents, name)))
}

const token = "+".charCodeAt(0)

/** The jobserver of one action's children. */
export class Purse {
  /** The named pipe; to be seen by the children at the path that their MAKEFLAGS names. */
  readonly path: string
  readonly #pipe: TokenPipe
  #lent = 0

  private constructor(path: string) {
    this.path = path
    this.#pipe = new TokenPipe(path)
  }

  /** Makes the named pipe and opens it. */
  static async make(path: string): Promise<Purse> {
    const { status, stderr } = await ask(["mkfifo", "-m", "600", path])
    if (status !== 0) throw noFifoError(path, stderr.trim())
    return new Purse(path)
  }

  /** Tokens that were put in and not taken back: some lie unread, some are held by children. */
  get lent(): number {
    return this.#lent
  }

  put(count: number): void {
    if (count > 0) this.#lent += this.#pipe.put(new Uint8Array(count).fill(token))
  }

  /** Takes back what lies unread, and says how much that was; never more than was lent. */
  takeBack(): number {
    const count = this.#lent === 0 ? 0 : this.#pipe.take(this.#lent).length
    this.#lent -= count
    return count
  }

  /** Takes a token back as soon as a child has returned one, and says so, once. */
  want(back: () => void): void {
    if (this.#lent === 0) return
    this.#pipe.want(() => {
      if (this.#lent > 0) this.#lent--
      back()
    })
  }

  /** Throws it away. What was lent is free again, whoever holds it: its children have ended. */
  close(): void {
    this.#lent = 0
    this.#pipe.close()
    unlinkIfThere(this.path)
  }
}
