import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "6a474ac46e8b0b32916c4c60df694c82058d3297d8b385b74508030ca4a8f28a"

export default autotools({
  name: "dash",
  version: "0.5.12",
  about: "a small, fast shell, as POSIX has it",
  license: "BSD-3-Clause AND GPL-2.0-or-later",
  source: [url("http://gondor.apana.org.au/~herbert/dash/files/dash-0.5.12.tar.gz", sha256), debian("dash", sha256)],
  tools: [tools.hostLibraries, tools.nl],
  seconds: 10,
  configure: ["--disable-dependency-tracking"],
  // Upstream has no tests: each line of these is a part of the language, with the words that it prints.
  check: () => `cat >tried <<'END_OF_FILE'
f() { local a=$1; [ "$a" -le 1 ] && echo 1 || echo $((a * $(f $((a - 1))))); }; f 6 #=> 720
path=/usr/lib/libc.tar.gz; echo "\${path##*/} \${path#*/} \${path%%.*} \${path%.*} \${#path}" #=> libc.tar.gz usr/lib/libc.tar.gz /usr/lib/libc /usr/lib/libc.tar 20
echo "\${none-unset} \${none:=given} \${none:+set} $none"; (: "\${nothing:?is missing}") 2>&1 | sed 's/.*: //' #=> unset given set given is missing
echo $((0x1f + 010)) $((7 / 2 * -3 % 5)) $((1 << 4 | 3 ^ 2)) $((2 > 1 ? 5 : 6)) $((x = 4)) $((x += 3)) #=> 39 -4 17 5 4 7
set -- a 'b c' d; printf '<%s>' "$@"; printf '[%s]' $* "$*"; shift 2; echo " $# $1" #=> <a><b c><d>[a][b][c][d][a b c d] 1 d
IFS=:; list=a::b:c; set -- $list; echo "$# $1 $3" #=> 4 a b
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 5 ] && break; echo $i; done; until [ $i = 7 ]; do i=$((i + 1)); done; echo $i #=> 1 3 4 7
case foo.c in *.h | *.[!c]) echo header;; f?o.[a-c]) echo source;; *) echo neither;; esac #=> source
printf 'cat <<-END\\n\\tis $((1 + 1)) $(echo "in \\\\"it\\\\"")\\n\\tEND\\ncat <<"END"\\n$name\\nEND\\n' >file; . ./file #=> is 2 in "it" $name
printf 'one two\\\\\\nthree\\n' | { read a b; echo "$a/$b"; }; printf 'a\\\\tb\\n' | { read -r a; printf '%s' "$a"; } #=> one/twothree a\\tb
set -- -a -b value rest; while getopts ab: option; do echo "$option=$OPTARG"; done; shift $((OPTIND - 1)); echo "$1" #=> a= b=value rest
trap 'echo bye' EXIT; trap 'echo caught' USR1; kill -USR1 $$; trap '' TERM; kill $$; exit 3 #=> caught bye
sleep 0 & wait $!; echo $?; (exit 5) & wait $!; echo $?; ! true; echo $?; false | true; echo $? #=> 0 5 1 0
(set -e; false; echo no); echo $?; (set -u; echo $undefined) 2>/dev/null; echo $?; (set -C; : >file) 2>/dev/null || echo kept #=> 1 2 kept
exec 3>file; echo to three >&3; exec 3>&-; { cat <file; echo error >&2; } 2>&1 | sed s/e/E/ #=> to thrEe Error
mkdir dir; : >dir/a.x; : >dir/b.x; : >dir/.c; cd dir; echo *.x [!a]* .[a-z]*; set -f; echo *; cd ..; pwd | sed 's,.*/,,'; rm -r dir #=> a.x b.x b.x .c * build
eval 'a=$((1 + 2)); echo "$a"'; readonly r=1; (r=2) 2>/dev/null || echo "$r"; command -v cd; type f 2>/dev/null || echo none #=> 3 1 cd f: not found none
printf "alias say='echo said'\\nsay this\\nunalias say\\n" >file; . ./file #=> said this
cd -P /; umask 027; umask; umask -S; echo $PWD; ulimit -n 64; ulimit -n #=> 0027 u=rwx,g=rx,o= / 64
printf '%5.2s|%-4d|%x|%o|%c|%b\\n' abc 7 255 8 xyz 'a\\0101'; test a != b -a -d / && echo yes #=> ab|7 |ff|10|x|aA yes
if true; then; echo no; fi #=> src/dash: 1: Syntax error: ";" unexpected
END_OF_FILE
while read -r line; do
  [ "$(set -f; printf '%s ' $($EMULATOR src/dash -c "\${line%% #=>*}" 2>&1))" = "\${line##*#=> } " ] || { printf 'not so: %s\\n' "$line"; false; }
done <tried
[ "$(echo 'echo "$1 $2"' | $EMULATOR src/dash -s one two)" = "one two" ]
[ "$(echo 'echo yes' | $EMULATOR src/dash -n)" = "" ]`,
})
