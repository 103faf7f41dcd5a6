// An ext4 file system made from a directory, the same bits each time, as functions of the shell. mke2fs -d would take over when the
// build machine wrote the files, so debugfs puts in one after the other, with its times. It passes over what it cannot do: what it
// said is read afterwards. A file system that is too small is made larger until all fits, to say by how much.

import { epochSeconds } from "../../graph/command.ts"

/** Any fixed value does: it decides in which order a directory's names are found. */
const hashSeed = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
/** One size for all: what the content takes is then the same in any file system. */
const blockBytes = 4096
const blocksPerMiB = 2 ** 20 / blockBytes

const options = `hash_seed=${hashSeed},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard`

/** Shell functions. `ext4 FILE MIB LABEL UUID DIRECTORY VARIABLE` makes a file system; MIB is what VARIABLE gave. */
export const ext4Functions = `
# FILE MIB LABEL UUID: a file system without content.
empty() {
  rm -f "$1"
  truncate --size="$2M" "$1"
  E2FSPROGS_FAKE_TIME=${epochSeconds} mke2fs -q -t ext4 -b ${blockBytes} -e remount-ro -F -L "$3" -U "$4" -E ${options} -O ^metadata_csum_seed "$1" >made 2>&1
}
# FILE blocks|inodes: how many are free.
free() {
  debugfs -R stats "$1" 2>/dev/null | sed -n "s/^Free $2: *//p"
}
# DIRECTORY: how debugfs is told to put in what is there, and then to set all times, since each name changes its directory's.
filling() {
  find "$1" -mindepth 1 -printf '%P\\t%y\\t%m\\t%l\\n' | sort | awk -F '\\t' -v directory="$1" -v mode="$(stat -c %a "$1")" '
    function has(path, field, value) { print "set_inode_field " path " " field " " value }
    function date(path) { for (i = 1; i <= 4; i++) has(path, field[i], "@${epochSeconds}") }
    BEGIN { print "set_current_time @${epochSeconds}"; has("/", "mode", sprintf("04%04d", mode)) }
    { path = paths[NR] = "\\"/" $1 "\\"" }
    $2 == "l" { print "symlink " path " \\"" $4 "\\"" }
    $2 == "d" { print "mkdir " path; has(path, "mode", sprintf("04%04d", $3)) }
    $2 == "f" { print "write \\"" directory "/" $1 "\\" " path; has(path, "mode", sprintf("010%04d", $3)) }
    END {
      split("atime ctime mtime crtime", field, " ")
      for (n = 1; n <= NR; n++) date(paths[n])
      date("/"); date("/lost+found")
      split("mtime wtime lastcheck mkfs_time", field, " ")
      for (i = 1; i <= 4; i++) print "set_super_value " field[i] " @${epochSeconds}"
      print "set_super_value kbytes_written 0"
    }'
}
# FILE: puts in what \`filling\` says; fails if debugfs complained.
fill() {
  debugfs -w -f filling "$1" >said 2>&1 || return 1
  ! grep -v -e '^$' -e '^debugfs' -e '^Allocated inode' -e '^Setting current time' said >complaints
}
# As ext4, for what did not fit: says by how much.
too_small() {
  large=$(find "$5" -printf '%s\\n' | awk '{ n += $1 + 4 * ${blockBytes} } END { print int(n / 2 ^ 20) * 2 + 64 }')
  empty large "$large" "$3" "$4" || { cat made; exit 1; }
  blocks=$(free large blocks) inodes=$(free large inodes)
  # It is something else that debugfs complains of.
  fill large || { head -n 20 complaints; exit 1; }
  blocks=$((blocks - $(free large blocks))) inodes=$((inodes - $(free large inodes)))
  rm large
  size=$2 room=
  until fits "$1" "$size" "$3" "$4"; do
    room=\${room:-$free_blocks $free_inodes}
    size=$((size + missing))
  done
  echo "$6=$2M is $((size - $2)) MiB too small; $6=\${size}M will do"
  echo "content: $(mebibytes "$blocks") MiB in $inodes files and directories"
  echo "room:    $(mebibytes "\${room% *}") MiB for \${room#* } of them"
  exit 1
}
# FILE MIB LABEL UUID: whether that is enough for \`blocks\` and \`inodes\`; if not, at least \`missing\` MiB are.
fits() {
  missing=1 free_blocks=0 free_inodes=0
  empty "$1" "$2" "$3" "$4" || return 1
  free_blocks=$(free "$1" blocks) free_inodes=$(free "$1" inodes)
  [ "$free_blocks" -ge "$blocks" ] || { missing=$(((blocks - free_blocks + ${blocksPerMiB} - 1) / ${blocksPerMiB})); return 1; }
  [ "$free_inodes" -ge "$inodes" ] && fill "$1"
}
# BLOCKS: with one decimal.
mebibytes() {
  echo "$(($1 / ${blocksPerMiB})).$(($1 % ${blocksPerMiB} * 10 / ${blocksPerMiB}))"
}
ext4() {
  filling "$5" >filling
  { empty "$1" "$2" "$3" "$4" && fill "$1"; } || too_small "$@"
  e2fsck -f -n "$1"
}`
