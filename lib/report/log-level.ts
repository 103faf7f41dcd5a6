// How much the log of builds holds.

export const logLevels = ["error", "warn", "info", "debug", "trace", "silent"] as const
export type LogLevel = (typeof logLevels)[number]
