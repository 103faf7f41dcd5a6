import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import openssl from "./openssl.ts"
import zlib from "./zlib.ts"

const sha256 = "6766ada7101d292b42b8b15681120acd68effa4a9660935853cf6d61f0d984d4"

const servers = ["dnsd", "mqttd", "resolve", "rtspd", "sockfilt", "socksd", "sws", "tftpd"]

export default autotools({
  name: "curl",
  version: "8.14.1",
  about: "transfers by many protocols, as a library and a command",
  license: "curl",
  source: [url("https://curl.se/download/curl-8.14.1.tar.gz", sha256), debian("curl", sha256, { suite: "trixie" })],
  tools: [tools.pkgConfig],
  needs: [openssl, zlib],
  without: ["usr/bin/curl-config"],
  seconds: 60,
  configure: [
    "--disable-shared --disable-dependency-tracking --disable-docs --disable-ldap --disable-manual",
    '--with-openssl --with-zlib="$SYSROOT/usr" --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt',
    "--without-brotli --without-libidn2 --without-libpsl --without-nghttp2 --without-zstd",
  ],
  // Its servers and clients speak with each other on localhost. Left out by keyword: what is measured in time, what curl's authors call
  // flaky, and documentation, which is left out above; those of programs that use the library (libtest) and of its parts (unit) would
  // compile for some minutes.
  checkTools: [tools.perl, tools.python],
  check: ({ source }) => `make -C tests/server
${emulated("src/curl", "src/curlinfo", ...servers.map((name) => `tests/server/${name}`))}cd tests
export srcdir=${source}/tests
perl -I$srcdir -I. $srcdir/runtests.pl -a -n -s -j4 '!documentation' '!flaky' '!timing-dependent' 1 to 9999 >results || { cat results; false; }
tail results`,
})
