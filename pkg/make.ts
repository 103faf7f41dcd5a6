import { autotools, debian, emulated, gnu, tools } from "../lib/linux/mod.ts"

export default autotools({
  name: "make",
  version: "4.4.1",
  about: "GNU make: remakes what is out of date",
  license: "GPL-3.0-or-later",
  source: [
    gnu("make/make-4.4.1.tar.gz", "dd16fb1d67bfab79a72f5e8390735c49e3e8e70b4945a15ab1f81ddb78658fb3"),
    // Without its manual: its own digest.
    debian("make-dfsg", "3b16b00ea1079af9f8096bbc71ff7cc00c249fc6a862003da3c42308a0adb0fe", { suite: "trixie" }),
  ],
  patches: ["make/without-doc.patch"],
  seconds: 20,
  configure: ["--disable-nls --disable-dependency-tracking --without-guile"],
  checkTools: [tools.perl],
  // Two tests want a directory in which no file can be made: for root, who may write anywhere, that is /proc. One opens
  // files until it may open no more.
  check: ({ source }) => `${emulated("make")}cp -R ${source}/tests/. tests && chmod -R u+w tests && cd tests
sed -i 's|^mkdir(\\$tdir, 0500);|$tdir = "/proc";|' scripts/features/temp_stdin scripts/features/output-sync
ulimit -n 128 && perl run_make_tests.pl -srcdir ${source} -make ../make`,
})
