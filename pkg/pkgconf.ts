import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "644361ada2942be05655d4452eb018791647c31bba429b287f1f68deb2dc6840"

export default autotools({
  name: "pkgconf",
  version: "1.8.1",
  about: "tells compilers where libraries are (pkg-config)",
  license: "ISC",
  source: [url("https://distfiles.ariadne.space/pkgconf/pkgconf-1.8.1.tar.xz", sha256), debian("pkgconf", sha256)],
  seconds: 10,
  configure: [
    "--disable-shared --disable-dependency-tracking",
    "--with-pkg-config-dir=/usr/lib/pkgconfig:/usr/share/pkgconfig --with-system-libdir=/usr/lib --with-system-includedir=/usr/include",
  ],
  // Its tests are for a framework (kyua, atf) that is not at hand.
  check: ({ source }) => `export PKG_CONFIG_PATH=${source}/tests/lib1
[ "$($EMULATOR ./pkgconf --libs --static foo)" = "-L/test/lib -lfoo " ]
[ "$($EMULATOR ./pkgconf --modversion foo)" = 1.2.3 ]`,
  after: 'ln -s pkgconf "$DESTDIR/usr/bin/pkg-config"',
})
