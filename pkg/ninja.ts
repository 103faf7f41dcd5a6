import { cmake, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "974d6b2f4eeefa25625d34da3cb36bdcebe7fbce40f4c16ac0835fd1c0cbae17"

export default cmake({
  name: "ninja",
  version: "1.13.2",
  about: "a small, fast build system",
  license: "Apache-2.0",
  source: [
    url("https://github.com/ninja-build/ninja/archive/refs/tags/v1.13.2.tar.gz", sha256),
    debian("ninja-build", sha256, { suite: "forky" }),
  ],
  needs: [libcxx],
  seconds: 40,
  // Its tests are for a framework (GoogleTest) that it would download.
  define: { BUILD_TESTING: false },
  checkTools: [tools.googletest, tools.python, tools.script],
  // Besides its own tests, upstream has some in Python. Left out are, as what they want depends on how busy the machine is,
  // misc/jobserver_test.py, which counts how many commands of 50 ms run at once, and test_issue_2681, which interrupts ninja 0.2 s after
  // its start.
  check: ({ source }) => `cmake -D BUILD_TESTING=ON -D FETCHCONTENT_SOURCE_DIR_GOOGLETEST=/usr/src/googletest .
ninja -j"$JOBS" ninja_test
${emulated("ninja", "ninja_test")}./ninja_test
python3 ${source}/misc/ninja_syntax_test.py
python3 ${source}/misc/output_test.py $(sed -n 's/^    def \\(test_[a-z0-9_]*\\)(.*/Output.\\1/p' ${source}/misc/output_test.py | grep -v test_issue_2681)`,
})
