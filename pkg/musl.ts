import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4"

export default autotools({
  name: "musl",
  version: "1.2.5",
  about: "the C library",
  license: "MIT",
  source: [
    url("https://musl.libc.org/releases/musl-1.2.5.tar.gz", sha256),
    debian("musl", sha256, { suite: "trixie" }),
  ],
  patches: ["musl/iconv.patch", "musl/qsort.patch"],
  isFoundation: true,
  // The compiler emits calls to memcpy and its like after symbols are resolved: they must not be in files that LTO may drop.
  lto: false,
  seconds: 35,
  configure: ["--syslibdir=/usr/lib --disable-shared --disable-wrapper"],
  // The static library is made without compiler-rt, which itself is made with musl's headers.
  answers: { LIBCC: '" "' },
  // Its tests are an archive of their own, which Debian does not have; every other package's tests are linked with it. This is what its
  // patches mend, in a program that calls nothing of compiler-rt, which is not there yet.
  check: ({ source }) => `make DESTDIR="$PWD/installed" install-headers install-libs
cat >own.c <<'END'
#include "${source}/src/stdlib/qsort.c"
#include <iconv.h>

static int order(const void *a, const void *b) { return *(const unsigned char *)a - *(const unsigned char *)b; }

int main(void) {
  for (size_t bit = 1; bit < 16 * sizeof(size_t); bit++) {
    size_t p[2] = {1, 0};
    p[bit / (8 * sizeof(size_t))] |= (size_t)1 << bit % (8 * sizeof(size_t));
    if (pntz(p) != (int)bit) return 1;
  }
  static unsigned char bytes[100000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = i * 7919 >> 3;
  qsort(bytes, sizeof bytes, 1, order);
  for (size_t i = 1; i < sizeof bytes; i++) if (bytes[i - 1] > bytes[i]) return 2;
  const char *texts[] = {"\\xc6\\x52", "\\xc6\\x53", "\\xc8\\x41", "\\xfe\\x41"};
  for (int i = 0; i < 4; i++) {
    char output[8], *in = (char *)texts[i], *out = output;
    size_t inLeft = 2, outLeft = sizeof output;
    iconv_t korean = iconv_open("UTF-8", "EUC-KR");
    if ((iconv(korean, &in, &inLeft, &out, &outLeft) == 0) != (i == 0) || out - output != (i == 0 ? 3 : 0)) return 3 + i;
  }
  return 0;
}
END
lib=installed/usr/lib
arch=${source}/arch/$(sed -n 's/^ARCH = //p' config.mak)
"$CC" $CFLAGS -nostdlib -I$arch -I${source}/src/include -I${source}/src/internal -Iinstalled/usr/include -o own own.c $lib/crt1.o $lib/libc.a -Wl,--unresolved-symbols=ignore-all
$EMULATOR ./own`,
})
