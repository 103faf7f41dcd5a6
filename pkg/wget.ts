import { autotools, debian, gnu, tools } from "../lib/linux/mod.ts"
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
  // Its tests start servers written in Perl and Python.
  check: () => `$EMULATOR src/wget --version | grep -F "+https"`,
})
