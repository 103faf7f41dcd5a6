// The digests of many files, by as many threads as there are processors. A thread runs this same module.

import { availableParallelism } from "node:os"
import { parentPort, Worker, workerData } from "node:worker_threads"
import { type Digest, digestFile } from "./digest.ts"
import { ifThere } from "./files.ts"

/** A file to be read, and how long it is. */
export interface ToRead {
  readonly path: string
  readonly sizeBytes: number
}

const role = "hashmake digests"
const batchFiles = 64
const batchBytes = 32 << 20

if (workerData === role)
  parentPort?.on("message", (files: readonly ToRead[]) =>
    parentPort?.postMessage(files.map(({ path, sizeBytes }) => ifThere(() => digestFile(path, sizeBytes)))),
  )

/** Reads all of them and tells each one's digest, in no order; undefined for one that is not there. Throws what reading throws. */
export async function digestAll<T extends ToRead>(
  files: readonly T[],
  tell: (file: T, digest: Digest | undefined) => void,
): Promise<void> {
  const batches = batchesOf(files)
  const read = async () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: role })
    try {
      for (const batch of batches) {
        const digests = await answerOf(worker, batch)
        for (const [i, file] of batch.entries()) tell(file, digests[i])
      }
    } finally {
      await worker.terminate()
    }
  }
  const threads = Math.min(availableParallelism(), Math.ceil(files.length / batchFiles))
  await Promise.all(Array.from({ length: threads }, read))
}

/** One iterator: each thread takes the next batch from it. */
function* batchesOf<T extends ToRead>(files: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < files.length; ) {
    let to = from
    for (let bytes = 0; to < files.length && to - from < batchFiles && bytes < batchBytes; to++)
      bytes += files[to]?.sizeBytes ?? 0
    yield files.slice(from, to)
    from = to
  }
}

const answerOf = (worker: Worker, files: readonly ToRead[]): Promise<readonly (Digest | undefined)[]> =>
  new Promise((resolve, reject) => {
    worker.removeAllListeners().once("message", resolve).once("error", reject)
    worker.postMessage(files.map(({ path, sizeBytes }) => ({ path, sizeBytes })))
  })
