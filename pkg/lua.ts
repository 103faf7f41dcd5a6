import { debian, plainMake, url } from "../lib/linux/mod.ts"

const sha256 = "9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30"

export default plainMake({
  name: "lua",
  version: "5.4.7",
  about: "the Lua language, as a library and a command",
  license: "MIT",
  // Only the manual has it.
  licenseText: ["doc/readme.html"],
  source: [url("https://www.lua.org/ftp/lua-5.4.7.tar.gz", sha256), debian("lua5.4", sha256, { suite: "trixie" })],
  seconds: 10,
  make: ['-C src all CC="$CC" AR="$AR rcD" RANLIB="$RANLIB" MYCFLAGS="$CFLAGS -DLUA_USE_POSIX" MYLDFLAGS="$LDFLAGS"'],
  install: () => `make INSTALL_TOP="$DESTDIR/usr" INSTALL_MAN="$SCRATCH" install`,
  // Its tests are an archive of their own.
  check:
    () => `[ "$($EMULATOR src/lua -e 'local t = {} for w in ("one two"):gmatch("%a+") do t[#t + 1] = w:upper() end print(table.concat(t, " "), 2^53 // 1)')" = "ONE TWO	9.007199254741e+15" ]
echo 'print "compiled"' >a.lua && $EMULATOR src/luac -o a.luac a.lua && $EMULATOR src/lua a.luac | grep compiled`,
})
