import { cmake, debian, url } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "974d6b2f4eeefa25625d34da3cb36bdcebe7fbce40f4c16ac0835fd1c0cbae17"

export default cmake({
  name: "ninja",
  version: "1.13.2",
  about: "a small, fast build system",
  license: "Apache-2.0",
  source: [
    url("https://github.com/ninja-build/ninja/archive/refs/tags/v1.13.2.tar.gz", sha256),
    debian("ninja-build", sha256, { suite: "sid" }),
  ],
  needs: [libcxx],
  seconds: 40,
  // Its tests are for a framework (GoogleTest) that it would download.
  define: { BUILD_TESTING: false },
  check: () => `$EMULATOR ./ninja --version
$EMULATOR ./ninja -n -d explain | grep -F "no work to do"
[ "$($EMULATOR ./ninja -t targets all)" = "$(ninja -t targets all)" ]`,
})
