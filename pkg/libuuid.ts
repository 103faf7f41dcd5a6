import { autotools, debian } from "../lib/linux/mod.ts"

const sha256 = "f586e35d320ff537aab3ffeca37e9ecd482ccbe013590db4429a414d8aa6a728"

export default autotools({
  name: "libuuid",
  version: "2.41.5",
  about: "identifiers that are unlike all others (of util-linux)",
  license: "BSD-3-Clause",
  licenseText: ["Documentation/licenses/COPYING.BSD-3-Clause"],
  source: [debian("util-linux", sha256, { suite: "trixie" })],
  seconds: 30,
  configure: ["--disable-all-programs --enable-libuuid --disable-shared --disable-nls --disable-dependency-tracking"],
  // Both are links in a root file system.
  after: 'rmdir "$DESTDIR/bin" "$DESTDIR/sbin"',
  check: () => `make test_uuid_parser && $EMULATOR ./test_uuid_parser`,
})
