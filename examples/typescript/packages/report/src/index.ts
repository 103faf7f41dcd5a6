import { mean, median, type Summary } from "@example/numbers"
import { table } from "@example/table"

const summaryOf = (numbers: readonly number[]): Summary => ({
  count: numbers.length,
  mean: mean(numbers),
  median: median(numbers),
})

/** A table of what is known of some numbers. */
export const report = (numbers: readonly number[]): string =>
  table(Object.entries(summaryOf(numbers)).map(([name, value]) => [name, String(value)]))
