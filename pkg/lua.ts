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
  // Upstream's tests are an archive of their own, which Debian has not: these try the language, and then each library.
  check: () => `cat >tried.lua <<'END_OF_FILE'
assert(7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5 and 2 ^ 10 == 1024.0 and 0x7fffffffffffffff + 1 == math.mininteger)
assert(5 & 3 | 8 ~ 1 == 9 and ~0 >> 60 == 15 and 1 << 62 == 0x4000000000000000 and "10" + 5 == 15 and 10 .. 20 == "1020" and 1 < 1.5)
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end local function counter() local n = 0; return function() n = n + 1; return n end end
local first, second, closed = counter(), counter(), ""
assert(fib(20) == 6765 and first() + first() + second() == 4 and select("#", nil, nil) == 2 and select(-1, 1, 2) == 2)
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto next end assert(j ~= 2) ::next:: end end
local Account = setmetatable({}, { __call = function(class, sum) return setmetatable({ sum = sum }, class) end })
Account.__index, Account.__add, Account.__lt = Account, function(a, b) return Account(a.sum + b.sum) end, function(a, b) return a.sum < b.sum end
Account.__tostring, Account.__len = function(a) return "account of " .. a.sum end, function(a) return a.sum end
assert(tostring(Account(3) + Account(4)) == "account of 7" and Account(1) < Account(2) and #Account(5) == 5)
do local a <const> = "b"; local b <close> = setmetatable({}, { __close = function() closed = closed .. a end }) end assert(closed == "b" and rawlen({ 1, 2 }) == 2 and not rawequal({}, {}))
local thread = coroutine.wrap(function(a) local b = coroutine.yield(a * 2); error({ code = a + b }) end)
assert(thread(4) == 8 and select(2, pcall(thread, 5)).code == 9)
assert(select(2, xpcall(error, debug.traceback, "bad")):find("^bad\\nstack traceback") and select(2, pcall(error)) == nil)
assert(select(2, load("x = = 1", "=chunk")):find("chunk:1: unexpected symbol near '='", 1, true) and load("return ...", "c", "t", {})(7) == 7)
assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key" and ("hello"):gsub("l+", { ll = "LL" }) == "heLLo" and ("x"):rep(3, ",") == "x,x,x")
assert(("%5.2f|%-4d|%q|%x|%s"):format(3.14159, 7, 'a"b', 255, true) == ' 3.14|7   |"a\\\\"b"|ff|true' and ("%a"):format(1) == "0x1p+0")
assert(("abc"):byte(-1) == 99 and ("f(a(b)c)d"):match("%b()") == "(a(b)c)" and ("THE (quick) fox"):find("%((%a+)%)") == 5)
assert(string.unpack("<i4", string.pack("<i4", -2)) == -2 and string.packsize("!8 b i8") == 16 and string.pack(">s2", "ab") == "\\0\\2ab")
local sorted = { 5, 2, 8, 1 } table.sort(sorted, function(a, b) return a > b end)
assert(table.concat(sorted, " ") == "8 5 2 1" and table.unpack(table.move(sorted, 2, 3, 1)) == 5 and table.remove(sorted, 1) == 5 and table.pack(1, nil).n == 2)
assert(math.type(1) == "integer" and math.type(1.0) == "float" and math.tointeger(3.0) == 3 and math.ult(1, -1) and math.abs(math.sin(math.pi / 6) - 0.5) < 1e-15)
assert(utf8.char(72, 228, 8364, 128512) == "H\\u{E4}\\u{20AC}\\u{1F600}" and utf8.len("\\u{20AC}\\u{E4}") == 2 and utf8.codepoint("\\u{20AC}") == 8364 and not utf8.len("\\xff"))
local file = assert(io.open("file", "w+"))
assert(file:write("one\\n", 2, "\\n0x1p4\\nrest"):seek("set") == 0 and file:read("L") == "one\\n")
assert(file:read("n") + file:read("n") == 18.0 and file:read("a") == "\\nrest" and file:close() and io.type(file) == "closed file" and not io.open("none/none"))
assert(io.lines("file", 1)() == "o" and io.popen("echo from a shell"):read() == "from a shell" and select(3, os.execute("exit 3")) == 3)
assert(os.rename("file", "moved") and os.remove("moved") and os.time({ year = 2024, month = 2, day = 30, hour = 12 }) == 1709294400)
assert(os.date("!%Y-%m-%d %H:%M:%S", 0) == "1970-01-01 00:00:00" and os.getenv("TZ") == "UTC" and os.tmpname():find("^/tmp/"))
local weak = setmetatable({ {} }, { __mode = "v" }) assert(collectgarbage() == 0 and #weak == 0 and collectgarbage("count") > 0)
assert(not pcall(require, "none") and debug.getinfo(1, "l").currentline > 30 and arg[1] == "given")
print(_VERSION, ...)
END_OF_FILE
cat >tried.c <<'END_OF_FILE'
#include "lauxlib.h"
#include "lualib.h"
static int twice(lua_State *L) { return lua_pushinteger(L, 2 * luaL_checkinteger(L, 1)), 1; }
int main(void) {
    lua_State *L = luaL_newstate(); luaL_openlibs(L); lua_register(L, "twice", twice);
    return luaL_dostring(L, "assert(not pcall(twice, {})) return twice(21)") || lua_tointeger(L, -1) != 42;
}
END_OF_FILE
"$CC" $CFLAGS -Isrc tried.c $LDFLAGS -Lsrc -llua -lm -o tried; $EMULATOR ./tried
[ "$($EMULATOR src/lua tried.lua given)" = "Lua 5.4	given" ]
$EMULATOR src/luac -o tried.luac tried.lua; $EMULATOR src/lua tried.luac given; $EMULATOR src/luac -p -l tried.luac | grep -c CLOSURE
echo 'return { name = ... }' >mine.lua; LUA_PATH="./?.lua" $EMULATOR src/lua -l mine -e 'assert(mine.name == "mine")'
echo '1 + 1' | $EMULATOR src/lua -i | grep -x '> 2'
[ "$(echo 'error("no")' | $EMULATOR src/lua - 2>&1 | head -n 1 | sed 's/^[^:]*lua: //')" = "stdin:1: no" ]`,
})
