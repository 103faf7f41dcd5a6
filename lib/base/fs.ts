// What a build with nothing to do uses of node:fs. Importing that by name also makes `fs.promises`, and with it streams and readline: a
// tenth of such a build's time. Here it is not imported, and what is not used is not made.

export const {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  globSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} = process.getBuiltinModule("node:fs")
