import { files } from "../lib/linux/mod.ts"
import busybox from "./busybox.ts"
import { script } from "./live-init/script.ts"

export default files({
  name: "live-init",
  version: "1",
  about: "the first program of a system on a read-only medium",
  license: "MIT",
  needs: [busybox],
  modes: { init: "755" },
  seconds: 1,
  files: () => ({
    init: script,
    bin: "-> usr/bin",
    "usr/bin/sh": "-> busybox",
    ...Object.fromEntries(["dev", "medium", "new", "over", "proc", "sys", "system"].map((name) => [`${name}/`, ""])),
  }),
})
