import { custom, debian, emulated, tools, url } from "../lib/linux/mod.ts"

const sha256 = "dfa20c2eef2b4af133525610bbb65dd13777ecf998c9c5b1ccf0d308e732ee3f"

export default custom({
  name: "perl",
  version: "5.40.1",
  about: "the Perl language",
  license: "Artistic-1.0-Perl OR GPL-1.0-or-later",
  licenseText: ["Artistic", "Copying"],
  source: [
    url("https://www.cpan.org/src/5.0/perl-5.40.1.tar.xz", sha256, { releases: /5\.\d*[02468]\.\d+/ }),
    debian("perl", sha256, { suite: "trixie" }),
  ],
  patches: ["perl/musl.patch"],
  tools: [tools.hostLibraries, tools.make],
  // All of it is one program, whose link would take longer than the rest of the build.
  lto: false,
  seconds: 200,
  phases: ({ source }) => ({
    // Most of perl is made by a small one that runs here, of the same source. It has the answers for musl, where another C library
    // has the same, and does without what only some have.
    prepare: `mkdir bin native machine
cp -a ${source}/. native; cp -a ${source}/. machine; chmod -R u+w native machine
cd native
sh musl/configure "$HOSTCC" cc="$HOSTCC" ld="$HOSTCC" libs=-lm perllibs=-lm optimize=-O1 d_crypt=undef d_crypt_r=undef d_strlcat=undef d_strlcpy=undef ccflags="-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DNO_LOCALE -w" >config.sh
sh ./Configure -S`,
    // perl remembers the names of the programs that it was built with: on the machine, those are the plain ones.
    configure: `printf '#!/bin/sh\\nexec %s %s --start-no-unused-arguments %s --end-no-unused-arguments "$@"\\n' "$CC" "$CFLAGS" "$LDFLAGS" >bin/cc
for program in ar nm ranlib; do printf '#!/bin/sh\\nexec llvm-%s "$@"\\n' $program >bin/$program; done
chmod +x bin/*; PATH="$PWD/bin:$PATH"
cd machine
sh musl/configure cc usecrosscompile=define hostperl="$PWD/../native/miniperl" hostgenerate="$PWD/../native/generate_uudmap" >config.sh
sh ./Configure -S`,
    // The new perl would only be run for the table of contents of its manual, and for what the small one does as well.
    build: `make -C native miniperl generate_uudmap
PATH="$PWD/bin:$PATH"; make -C machine RUN_PERL=true public=perl all utils/Makefile
make -C machine/utils PERL=../miniperl`,
    // Without manuals, what only serves to compile modules into another perl, and what was true of this build alone.
    install: `PATH="$PWD/bin:$PATH"; make -C machine DESTDIR="$DESTDIR" RUN_PERL=true public=perl install.perl
find "$DESTDIR" '(' -name '*.pod' -o -name '*.a' -o -name .packlist ')' -delete
rm -rf "$DESTDIR"/usr/lib/perl5/*/*/CORE
sed -i -e "s/^host\\(perl\\|generate\\)=.*/host\\1=''/" -e "s/^usecrosscompile=.*/usecrosscompile='undef'/" "$DESTDIR"/usr/lib/perl5/*/*/Config_heavy.pl`,
  }),
  // All tests of the language and what is built into it: a minute, but ten in an emulator, which gets the first half of it.
  check: () => `cd machine
${emulated("perl")}cd t && ln -s ../perl perl
set -- base cmd comp io opbasic uni mro class lib
[ -n "$EMULATOR" ] || set -- "$@" op re
./perl TEST $(for part; do echo "$part"/*.t; done)`,
})
