// Libraries that a user of hashmake installs only for what wants them.

/** What such a library exports, once `load` imports it. Throws what `missing` gives if it is not installed. */
export async function optional<T>(load: () => Promise<T>, missing: () => Error): Promise<T> {
  try {
    return await load()
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") throw missing()
    throw thrown
  }
}
