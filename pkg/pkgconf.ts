import { autotools, debian, emulated, url } from "../lib/linux/mod.ts"

const sha256 = "644361ada2942be05655d4452eb018791647c31bba429b287f1f68deb2dc6840"

// What its tests, which are for a framework (kyua, atf) that is not at hand, call of that. As there, a program is to end with 0 and to
// write nothing unless something else is said.
const atf = `atf_get_srcdir() { echo "$PWD/tests"; }
atf_test_case() { :; }
atf_check() {
  status=0 out=empty err=empty code=0 OPTIND=1
  while getopts s:o:e: option; do
    case $option in s) status=\${OPTARG#*:} ;; o) out=$OPTARG ;; e) err=$OPTARG ;; esac
  done
  shift $((OPTIND - 1))
  "$@" >out 2>err || code=$?
  [ "$code" = "$status" ] && holds out "$out" && holds err "$err" && return
  echo "$* ended with $code and wrote:"
  cat out err
  exit 1
}
holds() {
  case $2 in
    ignore) ;;
    empty) [ ! -s "$1" ] ;;
    inline:*) printf %b "\${2#inline:}" | cmp - "$1" ;;
    match:*) grep -q -e "\${2#match:}" "$1" ;;
  esac
}
`

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
  // All the tests that its Kyuafile names. One of them writes beside itself.
  check: ({ source }) => `${atf}${emulated("pkgconf")}cp -R ${source}/tests/. tests
chmod -R u+w tests
sed -i "s|^selfdir=.*|selfdir=$PWD/tests|" tests/test_env.sh
export PATH="$PWD:$PATH"
unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
for program in $(sed -n "s/.*test_program{name='\\(.*\\)'}/\\1/p" tests/Kyuafile); do
  . "$PWD/tests/$program.sh"
  for test in $TESTS; do echo "$program: $test"; ("$test"_body); done
done`,
  after: 'ln -s pkgconf "$DESTDIR/usr/bin/pkg-config"',
})
