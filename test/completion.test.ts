// Completion in the shells themselves: keys are typed into bash and zsh on a terminal of their own, and fish is asked.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")
const command = [process.execPath, join(checkout, "bin/build.ts")]

const buildfile = `
import { buildfile, choice, group, several, shell, source, target } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}

const variables = {
  MODE: choice(["debug", "release"], "optimise or not"),
  PARTS: several(["alpha", "beta", "gamma"], ["alpha"], "what it has"),
}
export default buildfile(variables, ({ MODE }) => {
  const inner = target({ name: "deep/inner", inputs: { s: source("src/main.c") }, outputs: { x: "out/x" }, run: () => shell("") })
  const many = Array.from({ length: 300 }, (_, i) => target({ name: "many/" + (i % 3) + "/" + i, outputs: {}, run: () => shell("") }))
  return { app: group("app", [inner, ...many], "the program, " + MODE), "app-test": group("app-test", []), default: group("none", []) }
})
`

/** A project in whose directory \`./build\` answers \`complete\` and otherwise says how it was called. */
function project(): Rig {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("package.json", '{ "type": "module" }')
  rig.write("src/main.c", "")
  const [node, bin] = command
  const text = `#!/bin/sh\nif [ "$1" = complete ]; then exec ${node} ${bin} "$@"; fi\nprintf 'called<%s>\\n' "$*"\n`
  writeFileSync(rig.path("build"), text, { mode: 0o755 })
  for (const shell of ["bash", "zsh", "fish"]) rig.write(`completion.${shell}`, said(rig, "completion", shell))
  return rig
}

const run = (rig: Rig, ...words: readonly string[]) =>
  spawnSync(command[0] ?? "", [...command.slice(1), ...words], { cwd: rig.root, encoding: "utf8" })
const said = (rig: Rig, ...words: readonly string[]): string => run(rig, ...words).stdout
/** The words that \`complete\` offers for the last one. */
const offered = (rig: Rig, ...words: readonly string[]): readonly string[] =>
  said(rig, "complete", ...words)
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\t.*/, ""))

/** A shell on a terminal. */
class Terminal {
  readonly #child: ChildProcess
  #said = ""
  #heard = () => {}

  constructor(rig: Rig, shell: string) {
    this.#child = spawn("script", ["--quiet", "--flush", "--return", "--command", shell, "/dev/null"], {
      cwd: rig.root,
      env: { PATH: process.env.PATH, HOME: rig.root, TERM: "dumb", PS1: "> " },
      stdio: ["pipe", "pipe", "inherit"],
    })
    this.#child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      this.#said += piece
      this.#heard()
    })
    onTestFinished(() => void this.#child.kill("SIGKILL"))
  }

  /** Types keys, and waits until \`pattern\` is on the screen. */
  async type(keys: string, pattern: RegExp): Promise<string> {
    this.#said = ""
    this.#child.stdin?.write(keys)
    while (!pattern.test(this.#said)) await new Promise<void>((resolve) => (this.#heard = resolve))
    return pattern.exec(this.#said)?.[1] ?? ""
  }

  /** What the command is called with once these keys and Enter are typed. */
  calledWith(keys: string): Promise<string> {
    return this.type(`${keys}\n`, /^called<(.*)>/m)
  }
}

/** Keys, and what the command is called with then. */
const typed: readonly (readonly [keys: string, called: string])[] = [
  ["./build app-\t", "app-test"],
  ["./build app MO\tr\t", "app MODE=release"],
  ["./build app PARTS=beta,gam\t", "app PARTS=beta,gamma"],
  ["./build app --col\tne\t", "app --color never"],
  ["./build app --color=al\t", "app --color=always"],
  ["./build que\trde\tsrc/ma\t", "query rdeps src/main.c"],
  ["./build explain deep\t", "explain deep/inner"],
  ["./build app many/\t1/29\t8\t", "app many/1/298"],
  ["./build graph -o src/m\t", "graph -o src/main.c"],
  ["./build completion z\t", "completion zsh"],
  ["./build nothing-of-the-kind\t", "nothing-of-the-kind"],
]

test("bash completes targets, commands, variables, values, options and files", async () => {
  const rig = project()
  const bash = new Terminal(rig, "bash --norc --noprofile -i")
  await bash.type("bind 'set bell-style none'; source completion.bash; echo re''ady\n", /^ready/m)
  for (const [keys, called] of typed) expect(await bash.calledWith(keys), keys).toBe(called)
})

test("zsh completes the same", async () => {
  const rig = project()
  const zsh = new Terminal(rig, "zsh -f -i")
  await zsh.type(
    "autoload -U compinit; compinit -u -D; unsetopt beep; source completion.zsh; echo re''ady\n",
    /^ready/m,
  )
  for (const [keys, called] of typed) expect(await zsh.calledWith(keys), keys).toBe(called)
})

test("zsh finds the script by itself where it looks for such", async () => {
  const rig = project()
  rig.write("functions/_hashmake", rig.read("completion.zsh"))
  const zsh = new Terminal(rig, "zsh -f -i")
  await zsh.type(
    "fpath+=($PWD/functions); autoload -U compinit; compinit -u -D; unsetopt beep; echo re''ady\n",
    /^ready/m,
  )
  expect(await zsh.calledWith("./build app-\t")).toBe("app-test")
  expect(await zsh.calledWith("./build app MO\tr\t")).toBe("app MODE=release")
})

test("fish is offered the same, with what each is", () => {
  const rig = project()
  const offers = (line: string) =>
    execFileSync(
      "fish",
      ["--no-config", "-c", `source completion.fish; complete --do-complete ${JSON.stringify(line)}`],
      {
        cwd: rig.root,
        env: { PATH: process.env.PATH, HOME: rig.root },
        encoding: "utf8",
      },
    )
  expect(offers("./build app-")).toBe("app-test\n")
  expect(offers("./build ap")).toBe("app\tthe program, debug\napp-test\n")
  expect(offers("./build app MODE=r")).toBe("MODE=release\n")
  expect(offers("./build app PARTS=beta,gam")).toBe("PARTS=beta,gamma\n")
  expect(offers("./build app --color ne")).toBe("never\n")
  expect(offers("./build query rdeps src/ma")).toBe("src/main.c\n")
  expect(offers("./build graph -o src/m")).toBe("src/main.c\n")
  expect(offers("./build app --trace=src/m")).toBe("--trace=src/main.c\n")
})

test("a program that happens to be called build is not started", async () => {
  const rig = project()
  mkdirSync(rig.path("other"))
  writeFileSync(rig.path("other/build"), "#!/bin/sh\ntouch started\n", { mode: 0o755 })
  for (const [shell, setUp] of [
    ["bash --norc --noprofile -i", "source completion.bash"],
    ["zsh -f -i", "autoload -U compinit; compinit -u -D; source completion.zsh"],
  ] as const) {
    const terminal = new Terminal(rig, shell)
    await terminal.type(`${setUp}; echo re''ady\n`, /^ready/m)
    await terminal.type("other/build ap\t\x15echo do''ne\n", /^done/m)
  }
  const asked = "source completion.fish; complete --do-complete 'other/build ap'"
  execFileSync("fish", ["--no-config", "-c", asked], { cwd: rig.root, env: { PATH: process.env.PATH, HOME: rig.root } })
  expect(existsSync(rig.path("started"))).toBe(false)
})

test("what is offered depends on what stands before", () => {
  const rig = project()
  expect(offered(rig, "")).toEqual(expect.arrayContaining(["app", "query", "MODE=", "completion"]))
  expect(offered(rig, "app", "")).not.toContain("query")
  expect(offered(rig, "app", "-j", "")).toEqual([""])
  expect(offered(rig, "-j", "3", "expl")).toEqual(["explain"])
  expect(offered(rig, "app", "PARTS=alpha,")).toEqual(["PARTS=alpha,beta", "PARTS=alpha,gamma"])
  expect(offered(rig, "app", 'PARTS="alpha b')).toEqual(["PARTS=alpha beta"])
  expect(offered(rig, "app", "MODE=debug,")).toEqual([""])
  expect(said(rig, "complete", "MODE=release", "app")).toContain("app\tthe program, release\n")
})

test("many names are offered as far as their next slash", () => {
  expect(offered(project(), "app", "many/")).toEqual(["many/0/", "many/1/", "many/2/"])
})

test("where nothing can be evaluated, options and commands are offered and nothing is said", () => {
  const rig = project()
  rig.write("Buildfile.ts", "export default broken\n")
  expect(offered(rig, "--verb")).toEqual(["--verbose"])
  const { status, stdout, stderr } = run(rig, "complete", "app")
  expect([status, stdout, stderr]).toEqual([0, "", ""])
})

test("a shell that is not known, or none", () => {
  const rig = project()
  expect(run(rig, "completion", "bsh").status).toBe(2)
  expectGolden("completion-errors", `${run(rig, "completion", "bsh").stderr}\n${run(rig, "completion").stderr}`)
})
