// From formats to targets. No step needs to be root, or a loop device: the sandbox maps the user to root, and each format has a tool
// that writes it as a file. An image is made in the store; only what was asked for is put into the workspace.

import { quoted } from "../../base/quote.ts"
import { copy, epochSeconds, shell } from "../../graph/command.ts"
import { file, type Output, type OutputDeclaration, type Target, target, tree } from "../../graph/target.ts"
import type { Machine } from "../machine.ts"
import { baseTools } from "../tools.ts"
import { type Format, type ImageOf, imageTools } from "./format.ts"

type ImageTarget = Target<{ image: OutputDeclaration }>

/** The images of one root file system. */
export class Images {
  readonly #name: string
  readonly #of: ImageOf
  readonly #made = new Map<Format, Output>()

  /** `name`: what the names of the targets that make them start with. */
  constructor(name: string, of: ImageOf) {
    this.#name = name
    this.#of = of
  }

  /** An image in the store. */
  made(format: Format): Output {
    let made = this.#made.get(format)
    if (made === undefined) {
      made = this.#make(format).outputs.image
      this.#made.set(format, made)
    }
    return made
  }

  /** A target that puts an image into image/TRIPLE. */
  placed(format: Format): ImageTarget {
    const { triple } = this.#of.machine
    const { file: name, about, isDirectory } = format
    const at = `image/${triple}/${name}`
    return target({
      name: `${triple}/${name}`,
      about,
      inputs: { made: this.made(format) },
      outputs: { image: isDirectory ? tree(at) : file(at) },
      run: ({ made }, { image }) => copy(made, image),
    })
  }

  #make(format: Format): ImageTarget {
    const { root, modes, machine } = this.#of
    const { file: name, from, about, isDirectory } = format
    return target({
      name: `${this.#name}-${name}`,
      about: `${about}, in the store`,
      inputs: { from: from === undefined ? root : this.made(from), ...format.with?.(this.#of) },
      outputs: { image: isDirectory ? tree() : file() },
      tools: [...baseTools, ...imageTools(format, machine)],
      run: (inputs, { image }) => {
        const words = Object.entries({ ...inputs, image }).map(([name, at]) => `${name}='${at}'`)
        const start = from === undefined ? rootScript(modes) : ""
        return shell(`${words.join(" ")}\n${start}${format.script(this.#of)}`, name)
      },
    })
  }
}

/** The kernel's image beside the others. */
export const kernelImage = (machine: Machine, kernel: Output) =>
  target({
    name: `${machine.triple}/kernel-image`,
    about: "the kernel",
    inputs: { kernel },
    outputs: { kernel: `image/${machine.triple}/kernel` },
    tools: baseTools,
    run: ({ kernel: from }, { kernel }) => shell(`cp ${from}/boot/kernel ${kernel}`, "kernel-image"),
  })

/** A copy of the root tree with its modes, and all of one date; files that are not there need no mode. */
const rootScript = (modes: Readonly<Record<string, string>>): string =>
  [
    'cp -R --no-dereference --preserve=timestamps "$from" root',
    "find root -type d -exec chmod 755 {} +",
    "find root -type f -perm -100 -exec chmod 755 {} +",
    "find root -type f ! -perm -100 -exec chmod 644 {} +",
    ...Object.entries(modes).map(
      ([path, mode]) => `[ ! -e ${quoted(`root/${path}`)} ] || chmod ${mode} ${quoted(`root/${path}`)}`,
    ),
    `find root -exec touch --no-dereference --date=@${epochSeconds} {} +\n`,
  ].join("\n")
