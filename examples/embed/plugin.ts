// hashmake inside Vite: what a Buildfile declares is built before Vite serves or bundles, and again whenever a file changes. The
// page follows what was built; what failed is shown in Vite's overlay.

import { join, resolve } from "node:path"
import {
  BuildError,
  type Buildfile,
  createEngine,
  graphOf,
  renderDiagnostic,
  type Target,
  type Targets,
  type Variables,
} from "hashmake"
import type { Plugin, ViteDevServer } from "vite"

/** A plugin that builds these targets of a project. */
export function hashmake<V extends Variables, T extends Targets>(
  project: Buildfile<V, T>,
  names: readonly (keyof T & string)[],
): Plugin {
  let root = ""
  /** Why there is nothing to serve. */
  let problem: string | undefined
  /** Whether something was built that no page has seen yet. */
  let isNews = false

  const wanted = (): readonly Target[] => {
    const targets = createEngine({ root }).load(project)
    return names.flatMap((name) => targets[name] ?? [])
  }

  async function build(signal = new AbortController().signal): Promise<void> {
    try {
      const targets = wanted()
      const running = createEngine({ root }).build(targets, { signal })
      for await (const event of running.events)
        if (event.type === "state" && ["built", "restored"].includes(event.state))
          isNews ||= targets.includes(event.target)
      const { outcome, failures } = await running.result
      if (outcome === "cancelled") return
      isNews ||= problem !== undefined
      problem = failures.map(({ diagnostic }) => renderDiagnostic(diagnostic)).join("\n\n") || undefined
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown
      problem = renderDiagnostic(thrown.diagnostic)
    }
  }

  function tell({ ws, moduleGraph }: ViteDevServer): void {
    if (problem !== undefined)
      return ws.send({ type: "error", err: { message: problem, stack: "", plugin: "hashmake" } })
    if (!isNews) return
    isNews = false
    moduleGraph.invalidateAll()
    ws.send({ type: "full-reload" })
  }

  function follow(server: ViteDevServer): void {
    let last = new AbortController()
    server.watcher.on("all", async () => {
      // What runs was made for files that are not the same any more.
      last.abort()
      const own = new AbortController()
      last = own
      await build(own.signal)
      if (!own.signal.aborted) tell(server)
    })
    server.ws.on("connection", () => problem !== undefined && tell(server))
  }

  return {
    name: "hashmake",
    config(config) {
      root = resolve(config.root ?? ".")
      // What the engine writes is no reason to build.
      const outputs = graphOf(wanted()).targets.flatMap((target) => Object.values(target.outputs))
      const own = [...outputs.flatMap(({ at }) => at ?? []), ".hashmake/**", "log/**"]
      return { server: { watch: { ignored: own.map((path) => join(root, path)) } } }
    },
    async configureServer(server) {
      await build()
      follow(server)
    },
    async buildStart() {
      if (this.environment.mode !== "build") return
      await build()
      if (problem !== undefined) this.error(problem)
    },
    load: {
      order: "pre",
      handler(id) {
        // Vite's own modules show the overlay.
        if (!id.includes("/node_modules/") && problem !== undefined) this.error(problem)
      },
    },
  }
}
