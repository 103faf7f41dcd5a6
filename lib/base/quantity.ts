// Sizes and spans of time as people write them: `20GB`, `512 MiB`, `256M`, `36h`, `30d`. A letter alone is what it is to GNU's programs
// and to those that make disks: a power of 1024.

const bytesIn: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
}

const msIn: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A size in bytes; undefined for a text that is none. A bare number is bytes. */
export const sizeIn = (text: string): number | undefined => quantityIn(text, bytesIn)

/** A span of time in ms; undefined for a text that is none. */
export const spanIn = (text: string): number | undefined => quantityIn(text, msIn)

function quantityIn(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  const found = Math.round(Number(number) * (factor ?? Number.NaN))
  return Number.isSafeInteger(found) ? found : undefined
}

/** `0 B`, `12.3 kB`, `4.5 GB`. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"]
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}
