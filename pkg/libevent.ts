import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "92e6de1be9ec176428fd2367677e61ceffc2ee1cb119035037a27d346b0403bb"

export default autotools({
  name: "libevent",
  version: "2.1.12",
  about: "waiting for events, with buffers around them",
  license: "BSD-3-Clause",
  source: [
    url(
      "https://github.com/libevent/libevent/releases/download/release-2.1.12-stable/libevent-2.1.12-stable.tar.gz",
      sha256,
    ),
    debian("libevent", sha256),
  ],
  tools: [tools.pkgConfig],
  without: ["usr/bin/event_rpcgen.py"],
  seconds: 20,
  // Its makefile writes there before it makes it.
  prepare: () => "mkdir test",
  configure: [
    "--disable-shared --disable-dependency-tracking --disable-openssl --disable-samples --disable-debug-mode",
  ],
  // Its tests want a network and exact times; those of its buffers and lists do not.
  check: () => "$EMULATOR test/regress evbuffer/.. util/..",
})
