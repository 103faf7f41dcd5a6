// Imported before a program starts: writes the address of each module that it loads into the file named by LOADED.

import { appendFileSync } from "node:fs"
import { registerHooks } from "node:module"

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED ?? "", `${url}\n`)
    return next(url, context)
  },
})
