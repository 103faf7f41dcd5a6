import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import { upstreamsTests } from "./dropbear/check.ts"
import zlib from "./zlib.ts"

const sha256 = "0d1f7ca711cfc336dc8a85e672cab9cfd8223a02fe2da0a4a7aeb58c9e113634"
const programs = 'PROGRAMS="dropbear dbclient dropbearkey scp" MULTI=1'

export default autotools({
  name: "dropbear",
  version: "2025.89",
  about: "a small SSH server and client",
  license: "MIT AND BSD-2-Clause AND BSD-3-Clause",
  source: [
    url("https://matt.ucc.asn.au/dropbear/releases/dropbear-2025.89.tar.bz2", sha256),
    debian("dropbear", sha256, { suite: "trixie" }),
  ],
  needs: [zlib],
  seconds: 40,
  configure: [
    "--enable-static --disable-harden --disable-lastlog --disable-utmp --disable-utmpx --disable-wtmp --disable-wtmpx",
  ],
  make: [programs],
  // What rsync and git start.
  after: 'ln -s dbclient "$DESTDIR/usr/bin/ssh"',
  checkTools: [tools.python],
  check: upstreamsTests,
})
