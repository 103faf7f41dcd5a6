// What the engine is known not to do yet. A gap that is true keeps the random projects away from it; test/torture.test.ts holds a
// failing test for each, which says so once it is closed: then the line goes, and so does whatever asks for it.

export const gaps = {
  /** What a removed or moved rule made stays, and a file of it is in the way of a directory. */
  inTheWay: true,
} as const
