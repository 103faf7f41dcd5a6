// The formats that there are, by the words that ask for them.

import { isFor, type Machine } from "../machine.ts"
import { initramfs, tarball, zstdTarball } from "./archive.ts"
import { disk, qcow2 } from "./disk.ts"
import { iso } from "./iso.ts"
import { ociArchive, ociLayout } from "./oci.ts"
import { squashfs } from "./squashfs.ts"

/** In the order in which help lists them. */
export const formats = [tarball, zstdTarball, initramfs, disk, qcow2, squashfs, iso, ociLayout, ociArchive] as const

/** A word of IMAGES=. */
export type ImageName = (typeof formats)[number]["name"]

export const imageNames: readonly ImageName[] = [...new Set(formats.map(({ name }) => name))]

/** Those that a machine can have. */
export const formatsFor = (machine: Machine) => formats.filter((format) => isFor(machine, format))

/** What `system` stands for among the words of IMAGES=, of a system that starts from them. */
export const standardImages: readonly ImageName[] = ["tar", "initramfs", "disk"]

/** What can be asked for. */
export type ImageWord = ImageName | "system"

export const imageWords: readonly ImageWord[] = ["system", ...imageNames]
