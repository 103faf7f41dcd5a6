// A format in which a root file system can be had. A new one is a record like those beside this file, and its place in formats.ts.

import type { Input, Layers, Output } from "../../graph/target.ts"
import type { Tool } from "../../graph/tool.ts"
import type { Machine, Wants } from "../machine.ts"
import type { DiskSizes } from "./size.ts"

/** What an image is made of. */
export interface ImageOf {
  readonly machine: Machine
  readonly root: Layers
  /** Modes (octal) by path, where 644 and 755 are not right. */
  readonly modes: Readonly<Record<string, string>>
  readonly sizes: DiskSizes
  /** What an image that starts by itself brings: the trees of a boot loader and a kernel, and the initramfs that finds the image again. */
  readonly start?: { readonly loader: Output; readonly kernel: Output; readonly live: Output }
}

/** One format. */
export interface Format<Name extends string = string> {
  /** The word that asks for it: `IMAGES=tar`. What is asked for by one word can be several files. */
  readonly name: Name
  /** What it is called in image/TRIPLE. */
  readonly file: string
  /** It is a directory, not one file. */
  readonly isDirectory?: boolean
  readonly about: string
  /** What the script runs besides the base tools. */
  readonly tools: readonly Tool[] | ((machine: Machine) => readonly Tool[])
  /** Options of the kernel (without CONFIG_, separated by blanks) that starting from it takes, besides those that every start does. */
  readonly kernel?: string | ((machine: Machine) => string)
  /** What a machine must have to be started from it, where not every one has it. */
  readonly wants?: Wants
  /** The image that it is made of; without one it is made of the root tree. */
  readonly from?: Format
  /** What it is made of besides. Throws a BuildError where that is not there. */
  readonly with?: (of: ImageOf) => Readonly<Record<string, Input>>
  /**
   * A shell text that writes `$image`. It starts in an empty directory, where `root` is the root tree with its modes and all of one
   * date; or `$from` is the image that it is made of. What is in `with` has its own name. The same content must give the same bits.
   */
  script(of: ImageOf): string
}

/** What a kernel takes that mounts a root from a device: nobody but itself puts devices into it before process 1 opens its console. */
export const rootDevice = "BLOCK DEVTMPFS_MOUNT"

/** What the script of a format for a machine runs besides the base tools. */
export const imageTools = ({ tools }: Format, machine: Machine): readonly Tool[] =>
  typeof tools === "function" ? tools(machine) : tools

/** Declares a format. */
export const format = <const Name extends string>(record: Format<Name>): Format<Name> => record
