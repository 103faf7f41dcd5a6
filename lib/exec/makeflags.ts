// MAKEFLAGS, the variable by which make tells its children its options and its jobserver (jobserver.ts says what that is).
// Reading it never fails: what is not understood is passed over, as make itself does with options of later versions.

/** How a jobserver is reached: by two inherited descriptors, or by the path of a named pipe (GNU make ≥ 4.4). */
export type Auth =
  | { readonly kind: "pipe"; readonly read: number; readonly write: number }
  | { readonly kind: "fifo"; readonly path: string }
  /** Named, but not for us (make ≥ 4.4 says `-2,-2` where a recipe's line has no `+`), or of a kind unknown to us. */
  | { readonly kind: "withheld"; readonly text: string }

export interface Makeflags {
  /** The options of one letter, from the first word: `n`, run nothing; `k`, keep going. */
  readonly letters: string
  /** Of `-j`: a number of jobs, Infinity for `-j` alone; undefined without it. */
  readonly jobs: number | undefined
  /** The jobserver that was named last: only that one counts. */
  readonly auth: Auth | undefined
}

/** Reads MAKEFLAGS. Variable assignments, after `--`, are not looked at. */
export function parseMakeflags(text: string): Makeflags {
  const words = wordsOf(text)
  const end = words.indexOf("--")
  const options = end < 0 ? words : words.slice(0, end)
  const [first = ""] = options
  const letters = /^[^-][^=]*$/.test(first) ? first : ""
  let jobs: number | undefined
  let auth: Auth | undefined
  options.forEach((word, i) => {
    jobs = jobsOf(word, i === 0, options[i + 1]) ?? jobs
    const named = /^--jobserver-(?:auth|fds)=(.*)$/s.exec(word)?.[1]
    if (named !== undefined) auth = authOf(named)
  })
  return { letters, jobs, auth }
}

/** MAKEFLAGS for children of an action that serves them by `auth`. */
export function makeflagsFor(jobs: number, auth: Auth): string {
  const named =
    auth.kind === "fifo" ? `fifo:${auth.path}` : auth.kind === "pipe" ? `${auth.read},${auth.write}` : auth.text
  // make begins with a blank where it has no letters to tell.
  return ` -j${jobs === Number.POSITIVE_INFINITY ? "" : jobs} --jobserver-auth=${quoted(named)}`
}

/** As make writes a word: a backslash before a blank or a backslash, and a second dollar, for it expands what it reads. */
const quoted = (word: string): string => word.replace(/[ \t\n\\]/g, "\\$&").replaceAll("$", "$$$$")

function wordsOf(text: string): readonly string[] {
  const words = text.replaceAll("$$", "$").match(/(?:\\.|[^ \t\n\\]|\\$)+/gs) ?? []
  return words.map((word) => word.replace(/\\(.)/gs, "$1"))
}

/** `-j8`, `-j 8`, `-kj8`, `--jobs=8`; the first word may lack its dash: a person may have set the variable to `j8`. */
function jobsOf(word: string, isFirst: boolean, next: string | undefined): number | undefined {
  const group = /^(-?)[bBdeikLmnpqrRsStvw]*j(\d*)$/.exec(word)
  const long = /^--jobs(?:=(\d+))?$/.exec(word)
  const digits =
    group !== null && (isFirst || group[1] === "-") ? group[2] : long !== null ? (long[1] ?? "") : undefined
  if (digits === undefined) return undefined
  const jobs = digits === "" && /^\d+$/.test(next ?? "") ? next : digits
  if (jobs === "") return Number.POSITIVE_INFINITY
  return Number(jobs) > 0 ? Number(jobs) : undefined
}

function authOf(text: string): Auth {
  const path = /^fifo:(.+)$/s.exec(text)?.[1]
  if (path !== undefined) return { kind: "fifo", path }
  const pair = /^(\d{1,9}),(\d{1,9})$/.exec(text)
  if (pair === null) return { kind: "withheld", text }
  return { kind: "pipe", read: Number(pair[1]), write: Number(pair[2]) }
}
