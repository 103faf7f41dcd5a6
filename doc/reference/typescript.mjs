// Preloaded by typedoc: TypeScript 7 has no programming interface yet, so typedoc is given TypeScript 6.

import { registerHooks } from "node:module"

registerHooks({
  resolve: (name, context, next) => next(name === "typescript" ? "@typescript/typescript6" : name, context),
})
