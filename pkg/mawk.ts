import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"

const sha256 = "51bcb82d577b141d896d9d9c3077d7aaa209490132e9f2b9573ba8511b3835be"

export default autotools({
  name: "mawk",
  version: "1.3.4-20250131",
  about: "a fast awk",
  license: "GPL-2.0-only",
  source: [
    url("https://invisible-island.net/archives/mawk/mawk-1.3.4-20250131.tgz", sha256),
    debian("mawk", sha256, { suite: "trixie" }),
  ],
  tools: [tools.bison, tools.hostLibraries, tools.m4],
  seconds: 10,
  // Its manual is not found from elsewhere.
  inSource: true,
  check: () => `${emulated("mawk")}make check`,
  after: 'ln -sf mawk "$DESTDIR/usr/bin/awk"',
})
