// The base system of the bootstrap: what it has besides the compiler, and which recipe brings what others declare as a tool.

import { type BaseSystem, type Recipe, tools } from "../../lib/linux/mod.ts"
import { recipes } from "../all.ts"

const { bash, bc, bison, bzip2, diffutils, flex, gperf, grep, libffi, m4, make, mawk } = recipes
const { ncurses, ninja, pkgconf, readline, rsync, toybox, xz, zlib } = recipes

const parts: readonly Recipe[] = [
  ...[bash, bc, bison, bzip2, diffutils, flex, gperf, grep, libffi, m4, make, mawk],
  ...[ncurses, ninja, pkgconf, readline, rsync, toybox, xz, zlib],
]

export const baseSystem: BaseSystem = {
  recipes: parts,
  providers: new Map([
    [tools.awk, [mawk]],
    [tools.bash, [bash]],
    [tools.bc, [bc]],
    [tools.bison, [bison]],
    [tools.bzip2, [bzip2]],
    [tools.coreutils, [toybox]],
    [tools.cpio, [toybox]],
    [tools.diffutils, [diffutils]],
    [tools.findutils, [toybox]],
    [tools.flex, [flex]],
    [tools.grep, [grep]],
    [tools.m4, [m4]],
    [tools.make, [make]],
    [tools.ninja, [ninja]],
    [tools.nl, [toybox]],
    [tools.patch, [toybox]],
    [tools.pkgConfig, [pkgconf]],
    [tools.rsync, [rsync]],
    [tools.sed, [toybox]],
    [tools.tar, [toybox]],
    [tools.tic, [ncurses]],
    [tools.xz, [xz]],
  ]),
  without: new Map([
    [
      toybox,
      ["bunzip2", "bzcat", "clear", "cmp", "egrep", "fgrep", "grep", "readelf", "reset", "strings"].map(
        (name) => `usr/bin/${name}`,
      ),
    ],
  ]),
}
