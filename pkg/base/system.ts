// The base system of the bootstrap: what it has besides the compiler, and which recipe brings what others declare as a tool.

import { type BaseSystem, type Recipe, tools } from "../../lib/linux/mod.ts"
import { recipes } from "../all.ts"

const { bash, bc, bison, bzip2, cmake, curl, diffutils, flex, git, gperf, grep, libffi, m4, make, mawk, meson } =
  recipes
const { ncurses, ninja, openssl, perl, pkgconf, python, readline, rsync, toybox, wget, xz, zlib } = recipes
const links = recipes["busybox-links"]

const parts: readonly Recipe[] = [
  ...[bash, bc, bison, bzip2, cmake, curl, diffutils, flex, git, gperf, grep, libffi, links, m4, make, mawk, meson],
  ...[ncurses, ninja, openssl, perl, pkgconf, python, readline, rsync, toybox, wget, xz, zlib],
]

export const baseSystem: BaseSystem = {
  recipes: parts,
  providers: new Map([
    [tools.awk, [mawk]],
    [tools.bash, [bash]],
    [tools.bc, [bc]],
    [tools.bison, [bison]],
    [tools.bzip2, [bzip2]],
    [tools.cmake, [cmake]],
    [tools.coreutils, [toybox, links]],
    [tools.cpio, [toybox]],
    [tools.diffutils, [diffutils]],
    [tools.findutils, [toybox]],
    [tools.flex, [flex]],
    [tools.grep, [grep]],
    [tools.gzip, [links]],
    [tools.m4, [m4]],
    [tools.make, [make]],
    [tools.ninja, [ninja]],
    [tools.nl, [toybox]],
    [tools.patch, [toybox]],
    [tools.perl, [perl]],
    [tools.pkgConfig, [pkgconf]],
    [tools.python, [python]],
    [tools.rsync, [rsync]],
    [tools.sed, [toybox]],
    [tools.tar, [toybox]],
    [tools.tic, [ncurses]],
    [tools.xz, [xz]],
  ]),
  // No recipe calls these two.
  absent: ["join", "pathchk"],
}
