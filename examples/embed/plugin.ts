// hashmake inside Vite: what a Buildfile declares is built before Vite serves or bundles, and again whenever a file changes. The
// page follows what was built; what failed is shown in Vite's overlay.

import { dirname, join, resolve } from "node:path"
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

  const outputs = (): readonly string[] =>
    graphOf(wanted()).targets.flatMap((target) =>
      Object.values(target.outputs).flatMap(({ at }) => (at === undefined ? [] : join(root, at))),
    )

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
      return { server: { watch: { ignored: [...outputs(), join(root, ".hashmake/**"), join(root, "log/**")] } } }
    },
    async configureServer(server) {
      await build()
      isNews = false
      follow(server)
    },
    async buildStart() {
      if (this.environment.mode !== "build") return
      await build()
      if (problem !== undefined) this.error(problem)
    },
    resolveId: {
      order: "pre",
      // Vite remembers of a file that it was not there.
      handler(id, importer = root) {
        const [path = "", query] = id.split("?")
        const at = resolve(dirname(importer), path)
        if (outputs().includes(at)) return query === undefined ? at : `${at}?${query}`
      },
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
