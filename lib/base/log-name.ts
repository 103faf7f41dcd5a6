// Logs lie in `log` in the workspace, where a project may have sources of its own.

/** Whether a path in the workspace is that of a log. */
export const isLogPath = (path: string): boolean => /^log\/.*\.(txt|ndjson)$/.test(path)
