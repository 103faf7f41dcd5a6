// The engine's door: what Buildfiles, bin/ and other tools import. Published as "hashmake".

export { BuildError, type Diagnostic, nearest, renderDiagnostic } from "./base/diagnostic.ts"
export { type Build, type CreateOptions, createEngine, type Engine } from "./engine.ts"
export { lastLines } from "./exec/action.ts"
export { clean } from "./exec/clean.ts"
export {
  type BuildOptions,
  build,
  type EngineOptions,
  missingTools,
  type Remember,
  rebuild,
  storeDirectory,
  withMachinery,
} from "./exec/engine.ts"
export { canInstall, install, installCommand } from "./exec/install.ts"
export { commandOf } from "./exec/order.ts"
export { differencesFor } from "./exec/reason.ts"
export { checkSandbox } from "./exec/sandbox.ts"
export { inputTargets, sessionFor, shellFor } from "./exec/session.ts"
export type { BuildResult } from "./exec/walk.ts"
export { type Buildfile, buildfile, type Reads, type Targets, valuesOf } from "./graph/buildfile.ts"
export type { Change } from "./graph/change.ts"
export { type Command, command, copy, inOrder, type Step, shell, write } from "./graph/command.ts"
export type { CompileCommand } from "./graph/compile-commands.ts"
export type { MissingTool } from "./graph/errors.ts"
export * as errors from "./graph/errors.ts"
export { type BuildEvent, type Counts, eventRecord, type Outcome, type State } from "./graph/event.ts"
export { chainTo, type Graph, graphOf, needsOf, toolsOf } from "./graph/graph.ts"
export { type Difference, type Key, manifestDifference } from "./graph/manifest.ts"
export type { Discovered, InputRecord, OutputRecord, TargetRecord, Thing } from "./graph/query.ts"
export {
  type Action,
  file,
  group,
  type Input,
  type Layers,
  layer,
  layers,
  type Output,
  type Running,
  type SourceFile,
  type Started,
  source,
  type Target,
  target,
  tree,
} from "./graph/target.ts"
export { type Tool, tool } from "./graph/tool.ts"
export { choice, several, text, type Values, type Variable, type Variables } from "./graph/variable.ts"
export { evaluate, evaluateTyped, importBuildfile } from "./load/load.ts"
export { findWorkspace } from "./load/workspace.ts"
export { consoleReporter, type Reporter } from "./report/console.ts"
export type { Explanation } from "./report/explanation.ts"
export { jsonReporter, reporters } from "./report/json.ts"
export { type LogLevel, logLevels, logReporter } from "./report/log-file.ts"
export type { PageOptions } from "./report/page.ts"
export type { PictureForm } from "./report/picture.ts"
export type { RecorderOptions, Restored, Run, Timeline } from "./report/timeline.ts"
export type { TraceOptions } from "./report/trace.ts"
export { duration, paint, painted } from "./report/words.ts"
export { Remembered } from "./store/remembered.ts"

// Few builds ask for these: each is loaded when it is called.

/** Questions about a graph: what a target needs, what needs it, by which way, what it reads and writes. */
export const queries = () => import("./graph/query.ts")
/** Pictures of a graph: SVG, DOT, JSON. */
export const pictures = () => import("./report/picture.ts")
/** Why actions would run, from the events of a dry run: what was before, and what is now. */
export const explanations = () => import("./report/explanation.ts")
/** How a build went, put together from its events: what ran when, what was restored, the critical path. */
export const timelines = () => import("./report/timeline.ts")
/** A build as a trace for Perfetto. */
export const traces = () => import("./report/trace.ts")
/** A build as one page of HTML. */
export const pages = () => import("./report/page.ts")
/** The compilation database that clangd reads. */
export const compilations = () => import("./graph/compile-commands.ts")
