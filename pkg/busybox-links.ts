import { files } from "../lib/linux/mod.ts"
import busybox from "./busybox.ts"

/** What builds call, and no other package of the base system brings. */
const names = ["dd", "expr", "fold", "gzip", "stty", "tr"]

export default files({
  name: "busybox-links",
  version: "1",
  about: "names of busybox for what toybox does not have",
  license: "0BSD",
  needs: [busybox],
  files: () => Object.fromEntries(names.map((name) => [`usr/bin/${name}`, "-> busybox"])),
})
