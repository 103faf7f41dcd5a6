// The gate tries the same random cases each time, so that it tells of a change and not of luck; FC_SEED tries others, and
// `npm run torture` as many as one likes.

import fc from "fast-check"

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) })
