import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "d66c56ad259a82cf2a9dfc408b32bf5da52371500b84745f7fb8b645712df676"

export default autotools({
  name: "libffi",
  version: "3.4.4",
  about: "calling functions whose types are known only at run time",
  license: "MIT",
  source: [
    url("https://github.com/libffi/libffi/releases/download/v3.4.4/libffi-3.4.4.tar.gz", sha256),
    debian("libffi", sha256),
  ],
  // tramp.c calls a function that its header declares only for other systems; 3.4.5 has it right.
  flags: ["-Wno-implicit-function-declaration"],
  seconds: 10,
  configure: ["--disable-shared --disable-docs --disable-multi-os-directory --disable-dependency-tracking"],
  // Its tests are for a framework (DejaGnu) that is not at hand; these are some of them.
  check: ({ source }) => `for test in float many strlen return_ll struct1 negint; do
  echo "$test"
  "$CC" $CFLAGS $LDFLAGS -I. -Iinclude -I${source}/testsuite/libffi.call -I${source}/include -o "$test" ${source}/testsuite/libffi.call/$test.c .libs/libffi.a
  $EMULATOR "./$test"
done`,
})
