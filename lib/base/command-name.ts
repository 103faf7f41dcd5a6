// How a person calls the command.

/** Whether this is the package that npm installs; what is in a checkout runs as it was written. */
export const isPackage = !import.meta.url.endsWith(".ts")

/** As it stands in a checkout, or as npm installs it. */
export const commandName = isPackage ? "npx hashmake" : "./build"
