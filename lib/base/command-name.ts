// How a person calls the command.

/** As it stands in a checkout, or as npm installs it. */
export const commandName = import.meta.url.endsWith(".ts") ? "./build" : "npx hashmake"
