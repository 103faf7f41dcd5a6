import { autotools, debian, emulated, gnu, tools } from "../lib/linux/mod.ts"
import openssl from "./openssl.ts"
import zlib from "./zlib.ts"

const sha256 = "766e48423e79359ea31e41db9e5c289675947a7fcf2efdcedb726ac9d0da3784"

export default autotools({
  name: "wget",
  version: "1.25.0",
  about: "fetches files by HTTP and FTP",
  license: "GPL-3.0-or-later",
  source: [gnu("wget/wget-1.25.0.tar.gz", sha256), debian("wget", sha256, { suite: "trixie" })],
  tools: [tools.perl, tools.pkgConfig],
  needs: [openssl, zlib],
  seconds: 45,
  configure: [
    "--disable-dependency-tracking --disable-iri --disable-nls --disable-pcre --disable-pcre2",
    "--with-ssl=openssl --without-libpsl --without-libuuid",
  ],
  make: ["MAKEINFO=true"],
  // Those of its tests in Perl that speak HTTP want HTTP::Daemon, which Perl does not come with; iri is international names, left out above.
  // Its unit tests would compile most of it once more.
  check: ({ source }) => `${emulated("src/wget")}make -C testenv check
[ "$(grep -l ':test-result: PASS' testenv/*.trs | wc -l)" -ge 45 ]
make -C tests check-TESTS TESTS="$(cd ${source}/tests && ls Test-ftp*.px Test-i-ftp.px | grep -v iri | tr '\\n' ' ')"`,
  checkTools: [tools.perl, tools.python],
})
