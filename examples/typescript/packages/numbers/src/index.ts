export { mean, median } from "./middle"

/** What is known of a list of numbers. */
export interface Summary {
  readonly count: number
  readonly mean: number
  readonly median: number
}
