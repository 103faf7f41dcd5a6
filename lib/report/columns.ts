// How much room text takes in a terminal, where letters are of different widths.

/** What takes two columns: most of East Asia's letters, and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const none = /\p{Mark}|\p{Cc}|\p{Cf}/u

/** As much of a line as fits into some columns of a terminal. */
export function cutTo(columns: number, line: string): string {
  let left = columns
  let cut = ""
  for (const letter of line) {
    left -= none.test(letter) ? 0 : wide.test(letter) ? 2 : 1
    if (left < 0) break
    cut += letter
  }
  return cut
}
