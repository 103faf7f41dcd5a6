// Upstream's tests, run by what would be installed, with the modules that are for tests alone linked in.

import { emulated, type Setting } from "../../lib/linux/mod.ts"

const testModules = "_testbuffer _testcapi _testinternalcapi _xxtestfuzz"

// musl knows one locale's numbers and one encoding, and asks no file descriptor about pathconf.
const ofGlibc = ["test.test_c_locale_coercion.*", "test_fpathconf", "test_lc_numeric_*", "test_locale_c[ao]*"]
// A static program loads no modules.
const ofModules = [
  "test_issue16421_*",
  "test_issue24748_*",
  "test_load_module_extension_file_is_None",
  "*MultiPhaseExtensionModuleTests*",
]
// The sandbox has one user, to whom files cannot be given that belong to others, and no /etc/services.
const ofSystem = [
  ...["test_extract_directory", "test_extract_pathlike_name", "test_extractall*", "test_*chown", "test_initgroups"],
  ...["test_setgroups", "test_user", "testGetServBy", "testGetaddrinfo", "test_create_connection_service_name"],
]
// OpenSSL 3.5 is newer than this Python, and words these errors otherwise; the last depends on who hangs up first.
const ofOpenssl = [
  "test_connect_cadata",
  "test_load_verify_cadata",
  "test_wrong_cert_tls13",
  "test_pha_required_nocert",
]
const leftOut = [...ofGlibc, ...ofModules, ...ofSystem, ...ofOpenssl]

// In an emulator all would take hours: these are of the language, and of every library and system call that it is linked with.
const inEmulator = [
  "abc audioop base64 binascii bisect builtin bytes bz2 class cmath codeccallbacks codecs collections complex configparser",
  "contextlib copy crypt csv dataclasses datetime decimal descr difflib enum epoll errno file float fnmatch fork1 fractions",
  "functools generators getopt glob grp gzip hash hashlib heapq hmac html int ipaddress itertools json linecache list locale long",
  "lzma math memoryview minidom mmap openpty operator optparse ordered_dict pathlib patma platform plistlib popen posixpath pow pty",
  "pwd pyexpat quopri random range readline resource secrets select set shlex shutil slice sort spwd stat statistics strftime",
  "string stringprep strptime struct sysconfig syslog tempfile textwrap threading_local threadsignals timeout tokenize tomllib",
  "tracemalloc types typing unicodedata urlparse uuid wait3 wait4 weakset zipimport zlib zoneinfo",
]

export const upstreamsTests = ({ source }: Setting): string => `mv Modules/Setup.local before
{ sed '/^\\*disabled/,$d' before
sed 's/^#*@MODULE_[A-Z0-9_]*_TRUE@//' ${source}/Modules/Setup.stdlib.in | grep -E '^(${testModules.replaceAll(" ", "|")}) '
sed -n '/^\\*disabled/,$p' before; } >Modules/Setup.local
make LINKFORSHARED="" && make DESTDIR="$PWD/installed" install LINKFORSHARED=""
lib=installed/usr/lib/python3.11
cp -R ${source}/Lib/test $lib
for tests in distutils/tests lib2to3/tests unittest/test; do cp -R ${source}/Lib/$tests $lib/$tests; done
chmod -R u+w $lib
unset PYTHONHOME PYTHONPATH
python=installed/usr/bin/python3.11
${emulated("$python")}$python -c 'import bz2, curses, hashlib, lzma, readline, ssl, zlib; print(ssl.OPENSSL_VERSION)'
[ -n "$EMULATOR" ] && tests="${inEmulator.join(" ").replace(/\w+/g, "test_$&")}" || tests=
$python -m test -j4 -W --timeout 1800 ${leftOut.map((name) => `-i '${name}'`).join(" ")} $tests`
