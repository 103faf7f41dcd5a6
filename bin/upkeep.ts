// `gc` and `verify`: looking after the store.

import { sizeIn, spanIn } from "../lib/base/quantity.ts"
import { withMachinery } from "../lib/exec/open.ts"
import { verifyOutputs } from "../lib/exec/verify.ts"
import * as errors from "../lib/graph/errors.ts"
import { upkeepReporter } from "../lib/report/upkeep.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { collect } from "../lib/store/gc.ts"
import { Store } from "../lib/store/store.ts"
import { noteCheckout, withReserve } from "../lib/store/sweep.ts"
import { verifyStore } from "../lib/store/verify.ts"
import type { Asked } from "./make.ts"
import { screen } from "./stderr.ts"

const standardBytes = 20e9
const sizeWords = "a size: 20GB, 512MiB"

/** Frees what no checkout needs. Throws a BuildError for a size in the environment that is none. */
export async function gc(asked: Asked): Promise<number> {
  const { maxSize, olderThan, dryRun } = asked.typed
  const limitBytes = quantity("--max-size", maxSize, sizeIn, sizeWords) ?? standardSize()
  const olderThanMs = quantity("--older-than", olderThan, spanIn, "a time: 12h, 30d, 8w")
  await collect(await openStore(asked), { limitBytes, olderThanMs, isDryRun: dryRun, emit: reporterFor(asked) })
  return 0
}

/** Reads everything against its digest. Exits with 1 if anything is wrong. */
export async function verify(asked: Asked): Promise<number> {
  const isRepair = asked.typed.repair
  const emit = reporterFor(asked)
  const stored = await verifyStore(await openStore(asked), { isRepair, emit })
  const here = await withMachinery(asked.engine, (machinery) => verifyOutputs(machinery, { isRepair, emit }))
  const wrong = stored.wrong + here.wrong
  emit({ type: "verified", ...stored, outputs: here.outputs, wrong, isRepaired: isRepair })
  return wrong === 0 ? 0 : 1
}

function quantity(
  option: string,
  typed: string | undefined,
  parse: (text: string) => number | undefined,
  expected: string,
): number | undefined {
  const found = typed === undefined ? undefined : parse(typed)
  if (typed !== undefined && found === undefined) throw errors.optionValueError(option, typed, expected)
  return found
}

function standardSize(given = process.env.HASHMAKE_STORE_SIZE): number {
  if (given === undefined || given === "") return standardBytes
  const bytes = sizeIn(given)
  if (bytes === undefined) throw errors.environmentValueError("HASHMAKE_STORE_SIZE", given, sizeWords)
  return bytes
}

async function openStore({ root }: Asked): Promise<Store> {
  const store = new Store(storeDirectory(process.env))
  await withReserve(store.root, () => noteCheckout(store.root, root))
  return store
}

const reporterFor = ({ typed, print }: Asked) =>
  upkeepReporter({
    output: screen(),
    print,
    isColoured: typed.isColoured,
    isJson: typed.json,
    isQuiet: typed.level === "quiet",
  })
