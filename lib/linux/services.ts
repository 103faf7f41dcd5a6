// Services as directories, in the form that runit, s6 and daemontools read alike: `run` is the service and stays in the foreground;
// `log/run` reads what it writes; `finish` is told how it ended.

/** One service, as shell texts; the last command of the first two is what they become (`exec`). */
export interface Service {
  readonly run: string
  /** Reads what `run` writes, errors included. */
  readonly log?: string
  /** Called when it has ended: `$1` is its exit status, `$2` the signal that ended it. */
  readonly finish?: string
}

const script = (...lines: readonly string[]): string => ["#!/bin/sh", ...lines].join("\n")

/** The files of these services, by their paths below a directory. */
export const serviceFiles = (
  directory: string,
  services: Readonly<Record<string, Service>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(services).flatMap(([name, { run, log, finish }]) => [
      [`${directory}/${name}/run`, log === undefined ? script(run) : script("exec 2>&1", run)],
      ...(log === undefined ? [] : [[`${directory}/${name}/log/run`, script(log)]]),
      ...(finish === undefined ? [] : [[`${directory}/${name}/finish`, script(finish)]]),
    ]),
  )
