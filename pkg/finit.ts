import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import { startsServices } from "./finit/check.ts"
import libite from "./libite.ts"
import libuev from "./libuev.ts"

const sha256 = "7c128119129324050ff7e5b56d0f33fa152fe254d035c0d0c6f72dc75d6786f3"

export default autotools({
  name: "finit",
  version: "4.14",
  about: "process 1: starts, watches and ends everything else",
  license: "MIT",
  source: [
    url("https://github.com/finit-project/finit/releases/download/4.14/finit-4.14.tar.gz", sha256),
    debian("finit", sha256, { suite: "forky" }),
  ],
  tools: [tools.pkgConfig],
  needs: [libite, libuev],
  isInit: true,
  seconds: 10,
  configure: ["--disable-shared --enable-static --disable-contrib --disable-doc --with-bash-completion-dir=no"],
  // libtool takes -static for "of our own libraries"; the plugins ask for a shared module unless they are told again. In a static program
  // they are known by what runs before main(), which nothing else refers to: all of their library is linked in.
  make: [
    "AM_LDFLAGS=-static",
    'LDFLAGS="-all-static $LDFLAGS"',
    `finit_LDADD='$(lite_LIBS) $(uev_LIBS) -Wl,--whole-archive,../plugins/.libs/libplug.a,--no-whole-archive'`,
  ],
  check: startsServices,
})
