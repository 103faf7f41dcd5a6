/** The arithmetic mean; NaN of nothing. */
export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

/** What half of the numbers are below; NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const below = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const above = sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN
  return (below + above) / 2
}
