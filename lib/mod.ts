/**
 * The engine's door: what Buildfiles and tools that embed the engine import. Published as "hashmake".
 *
 * - To say what there is to do: {@link buildfile}, {@link target}, {@link group}, with {@link command}, {@link shell}, {@link copy},
 *   {@link write}, {@link inOrder}, {@link responseFile} as rules, {@link source}, {@link file}, {@link tree}, {@link layer}, {@link layers} as what they
 *   read and write, {@link tool} as what they run, {@link choice}, {@link several}, {@link text} as what a person may choose.
 * - To have it done: {@link createEngine}; what happens is told as {@link BuildEvent}s, which {@link consoleReporter} shows to a
 *   person and {@link eventRecord} makes records of.
 * - What goes wrong: a failed action is a value in the {@link BuildResult}; a wrong Buildfile, value or machine is a thrown
 *   {@link BuildError}, which {@link renderDiagnostic} makes readable; anything else that is thrown is a bug in hashmake.
 *
 * Times are milliseconds, paths have `/` and lie below the workspace's root unless said otherwise, nothing is printed unless asked,
 * and there is no global state.
 *
 * @packageDocumentation
 */

export { BuildError, type Diagnostic, renderDiagnostic } from "./base/diagnostic.ts"
export { type Build, type BuildOptions, type CreateOptions, createEngine, type Engine, type Given } from "./engine.ts"
export type { BuildResult, Failure } from "./exec/states.ts"
export { type Buildfile, buildfile, type Reads, type Targets } from "./graph/buildfile.ts"
export {
  type Command,
  command,
  copy,
  inOrder,
  type OpenCommand,
  type ResponseFile,
  responseFile,
  shell,
  type Word,
  write,
} from "./graph/command.ts"
export {
  type BuildEvent,
  type Counts,
  eventRecord,
  type Outcome,
  type Peaks,
  type State,
  type Usage,
  type Would,
} from "./graph/event.ts"
export { type Graph, graphOf, toolsOf } from "./graph/graph.ts"
export type { Difference } from "./graph/manifest.ts"
export type { Running, Started, StartOptions } from "./graph/running.ts"
export {
  type CommandRule,
  type CommonOptions,
  type FunctionRule,
  file,
  group,
  type Input,
  type InputPaths,
  type Inputs,
  type Layers,
  layer,
  layers,
  type Output,
  type OutputDeclaration,
  type OutputDeclarations,
  type OutputPaths,
  type PathsOf,
  type SessionRule,
  type SourceFile,
  source,
  type Target,
  type TargetOptions,
  target,
  tree,
} from "./graph/target.ts"
export type { MachineNeeds, NamedPool, Terms } from "./graph/terms.ts"
export { type Tool, type ToolOptions, tool } from "./graph/tool.ts"
export { choice, several, text, type Values, type Variable, type Variables } from "./graph/variable.ts"
export { type ConsoleOptions, consoleReporter, type Screen } from "./report/console.ts"
export type { Reporter } from "./report/reporter.ts"
