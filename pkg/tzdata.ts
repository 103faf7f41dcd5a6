import { archive, custom, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "114543d9f19a6bfeb5bca43686aea173d38755a3db1f2eec112647ae92c6f544"

const regions = "africa antarctica asia australasia europe northamerica southamerica etcetera factory backward"

// In 2099 it is by a rule that the first two have summer time; the third was nobody's in 1970, and has changed once.
const program = `#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int count, char **words) {
  for (int i = 1; i < count; i++) {
    time_t at = atoll(words[i]);
    char text[64];
    strftime(text, sizeof text, "%F %R %Z", localtime(&at));
    puts(text);
  }
}`
const times = "0 1767268800 1782907200 4086590400"
const expected = `1970-01-01 01:00 CET
2026-01-01 13:00 CET
2026-07-01 14:00 CEST
2099-07-01 14:00 CEST
1969-12-31 19:00 EST
2026-01-01 07:00 EST
2026-07-01 08:00 EDT
2099-07-01 08:00 EDT
1970-01-01 00:00 -00
2026-01-01 09:00 -03
2026-07-01 09:00 -03
2099-07-01 09:00 -03`

export default custom({
  name: "tzdata",
  version: "2026b",
  about: "the time zones of the world",
  // It is in the public domain, for which SPDX has no other word.
  license: "CC-PDDC",
  source: archive(
    [url("https://data.iana.org/time-zones/releases/tzdata2026b.tar.gz", sha256), debian("tzdata", sha256)],
    { isFlat: true },
  ),
  tools: [tools.zic],
  seconds: 2,
  // In the slim form a zone that changed once has one entry, and musl takes what holds since then for what held before, too.
  phases: ({ source }) => ({
    build: `for region in ${regions}; do zic -b fat -d zoneinfo ${source}/$region; done`,
    install: `mkdir -p "$DESTDIR/usr/share"
cp -R zoneinfo "$DESTDIR/usr/share"
cp ${source}/iso3166.tab ${source}/zone.tab ${source}/zone1970.tab "$DESTDIR/usr/share/zoneinfo"`,
  }),
  // musl looks there, too.
  check: () => `mkdir /share
ln -s "$PWD/zoneinfo" /share/zoneinfo
cat >at.c <<'END'\n${program}\nEND
"$CC" $CFLAGS $LDFLAGS -o at at.c
for zone in Europe/Berlin US/Eastern Antarctica/Rothera; do TZ=$zone $EMULATOR ./at ${times}; done >said
diff said - <<'END'\n${expected}\nEND`,
})
