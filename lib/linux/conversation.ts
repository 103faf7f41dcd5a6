// What is said to a machine that runs in QEMU, and expected of it: steps as data, taken one after the other, on its console and by SSH.

import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Running } from "../graph/running.ts"
import { answerMs, type Console } from "./console.ts"

/** One step. `says`: what the answer holds. */
export type Step =
  /** The console shows this. */
  | { readonly shows: string }
  /** Somebody logs in on the console, once it asks; without a password if none is said. */
  | { readonly logIn: string; readonly password?: string }
  /** A line for the shell that was logged in to; it must succeed. */
  | { readonly run: string; readonly says?: string }
  /** The machine restarts by this line of the shell, and the same one logs in again. */
  | { readonly restart: string; readonly logIn: string; readonly password?: string }
  /** The test's public key is added to this file, by the shell that was logged in to. */
  | { readonly trust: string }
  /** A line for a shell of root's by SSH, with the test's key; it must succeed. */
  | { readonly ssh: string; readonly says?: string }
  /** A line of the shell that powers the machine off; the last step, unless it does so by itself. */
  | { readonly powerOff: string }

/** Those who take part. */
export interface Talk {
  readonly terminal: Console
  readonly running: Running
  /** Where the machine's SSH is on 127.0.0.1. */
  readonly port: number
}

/** Takes a step; an Error says what was not as expected. */
export async function take(step: Step, talk: Talk): Promise<void> {
  const { terminal } = talk
  if ("shows" in step) await terminal.expect(literally(step.shows), JSON.stringify(step.shows))
  else if ("restart" in step) {
    terminal.send(step.restart)
    // A prompt before this one's is that of a machine that ends.
    await terminal.expect(/Linux version /, "the kernel after the restart")
    await logIn(terminal, step, "the login prompt after the restart")
  } else if ("logIn" in step) await logIn(terminal, step, "the login prompt")
  else if ("run" in step) expectWords(await terminal.run(step.run), step.says, step.run)
  else if ("ssh" in step) expectWords(await overSsh(step.ssh, talk), step.says, `\`${step.ssh}\` over SSH`)
  else if ("trust" in step) await terminal.run(`echo '${await publicKey(talk)}' >>${step.trust}`)
  else terminal.send(step.powerOff)
}

/** What the first step waits for: once that is there, the machine is up. */
export const upSign = (step: Step | undefined): string =>
  step !== undefined && "shows" in step ? JSON.stringify(step.shows) : "the login prompt"

/** What steps say. */
const stepWords = ["shows", "logIn", "password", "run", "says", "restart", "trust", "ssh", "powerOff"]

/** What the first step that says something else says. Nobody checks types when a system is run. */
export function strangeWord(
  steps: readonly Step[],
): { readonly expected: string; readonly actual: string } | undefined {
  const strange = steps.flatMap((step) => Object.keys(step)).find((word) => !stepWords.includes(word))
  return strange === undefined
    ? undefined
    : { expected: `steps that say ${stepWords.join(", ")}`, actual: `a step that says \`${strange}\`` }
}

/** Whether it takes a key, and a program that logs in with it. */
export const usesSsh = (steps: readonly Step[]): boolean => steps.some((step) => "ssh" in step || "trust" in step)

const literally = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))

/** What the kernel says comes between, and behind a prompt as well. */
const ofKernel = "(?:\\[ *\\d+\\.\\d+\\] .*\\n)*"
const loginPrompt = new RegExp(`login: ${ofKernel}$`)
const passwordPrompt = new RegExp(`[Pp]assword: ${ofKernel}$`)
const shellPrompt = new RegExp(`[#$] ${ofKernel}$`)

type LogIn = Extract<Step, { readonly logIn: string }>

async function logIn(terminal: Console, { logIn: user, password }: LogIn, what: string): Promise<void> {
  await terminal.expect(loginPrompt, what)
  terminal.send(user)
  if (password !== undefined) {
    await terminal.expect(passwordPrompt, "the question for the password")
    terminal.send(password)
  }
  await terminal.expect(shellPrompt, "a shell")
  terminal.send("PS1=")
  await terminal.run("true")
}

function expectWords(text: string, words: string | undefined, what: string): void {
  if (words !== undefined && !text.includes(words))
    throw new Error(`${what} said ${JSON.stringify(text)}, without ${JSON.stringify(words)}`)
}

/** The test's key, made for this run of it. */
const keyIn = ({ running }: Talk): string => join(running.scratch, "key")

async function publicKey(talk: Talk): Promise<string> {
  const key = keyIn(talk)
  const words = ["-q", "-t", "ed25519", "-N", "", "-C", "check-boot", "-f", key]
  if (!existsSync(key)) await succeed(talk, "ssh-keygen", words, "the key")
  return readFileSync(`${key}.pub`, "utf8").trim()
}

/** The host's key is believed the first time, and must be the same from then on. */
const overSsh = (line: string, talk: Talk): Promise<string> => {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: 60,
    IdentitiesOnly: "yes",
    LogLevel: "ERROR",
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: join(talk.running.scratch, "known-hosts"),
  }
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])
  const where = ["-F", "none", "-p", String(talk.port), "-i", keyIn(talk), "root@127.0.0.1"]
  return succeed(talk, "ssh", [...words, ...where, line], "SSH")
}

/** Runs a program of the build machine and gives what it wrote. */
async function succeed({ running }: Talk, program: string, words: readonly string[], what: string): Promise<string> {
  running.progress(undefined, what)
  const started = running.start([running.program(program), ...words], { capture: true })
  started.end()
  const timer = setTimeout(() => started.kill(), answerMs)
  let said = ""
  for await (const piece of started.output) said += piece
  const status = await started.status
  clearTimeout(timer)
  if (status !== 0) throw new Error(`\`${program}\` ended with ${status ?? "no answer"}: ${said.trim()}`)
  return said
}
