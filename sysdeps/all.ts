// The machines that there are. A new one is a record beside these, and a line here.

import type { Machine } from "../lib/linux/mod.ts"
import aarch64 from "./aarch64-linux-musl.ts"
import armv7 from "./armv7-linux-musleabihf.ts"
import i386 from "./i386-linux-musl.ts"
import riscv64 from "./riscv64-linux-musl.ts"
import x86_64 from "./x86_64-linux-musl.ts"

/** The first is the default. */
export const machines: readonly Machine[] = [armv7, aarch64, i386, riscv64, x86_64]
