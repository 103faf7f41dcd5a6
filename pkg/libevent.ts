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
  // Two want an /etc/resolv.conf, which the sandbox does not have: without one, there is nothing for initialize_nameservers to read, and
  // musl asks 127.0.0.1 for a name until bufferevent_connect_hostname is stopped. Those of http wait 6 to 13 s each for a server that
  // never answers. Those of util and test-ratelim measure how exactly and how fast a machine works, and fail on a busy one.
  check: () => `for backend in EPOLL POLL SELECT; do
  others=$(for other in EPOLL POLL SELECT; do [ $other = $backend ] || echo EVENT_NO$other=yes; done)
  for part in changelist closed dumpevents eof fdleak init time weof; do env $others $EMULATOR test/test-$part; done
  env $others $EMULATOR test/regress :dns/bufferevent_connect_hostname :dns/initialize_nameservers :http/cancel_by_host_.. \\
    :http/cancel_inactive_server :util/monotonic_.. :util/usleep
done`,
})
