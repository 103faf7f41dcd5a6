// Where a package's source comes from. A download is named by its SHA-256, never by its address; several locations may offer it,
// and one that was repacked has a digest of its own. What counts is the tree after unpacking and patching.

import { isDigest } from "../base/digest.ts"
import { shell } from "../graph/command.ts"
import { source, type Target, target, tree } from "../graph/target.ts"
import { download, downloadModule } from "./download.ts"
import { type Download, downloadTarget } from "./fetch.ts"
import type { Location } from "./location.ts"
import { baseTools, bzip2, gzip, patch, tar, xz } from "./tools.ts"

/** An archive with its patches. Recipes that name the same value share the unpacked tree. */
export interface Source {
  readonly locations: readonly Location[]
  /** Paths of patch files in the workspace, applied in order with -p1. */
  readonly patches: readonly string[]
  /** Paths below the archive's top directory to unpack; default: all. */
  readonly only: readonly string[]
  /** It has no top directory: its files lie in it side by side. */
  readonly isFlat: boolean
}

/** Puts an archive's locations together with what is done to it. */
export const archive = (
  locations: readonly Location[],
  { patches = [], only = [], isFlat = false }: Partial<Source> = {},
): Source => ({ locations, patches, only, isFlat })

/** The locations whose digest is no digest. */
export const unsound = ({ locations }: Source): Location | undefined =>
  locations.find(({ digest }) => !isDigest(digest))

/** The download of an archive, and its tree. */
export interface SourceTargets {
  readonly download: Download
  readonly unpacked: Target<{ tree: ReturnType<typeof tree> }>
}

/** The targets of sources, each made when first asked for. Packages of several machines share them. */
export type Sources = Map<Source, SourceTargets>

/** The targets of a source; `name` is that of the package that first asked for it. */
export function sourceTargets(from: Source, name: string, where: string | undefined): SourceTargets {
  const downloaded = downloadTarget({
    name,
    about: `the source archive of ${name}`,
    where,
    module: downloadModule,
    parameters: [...new Set(from.locations.map(({ digest }) => digest))].sort().join(" "),
    expectedMs: 5000,
    bring: (path, running) => download(name, from.locations, path, running),
  })
  const unpacked = target({
    name: `source/${name}/unpack`,
    about: `the patched source of ${name}`,
    where,
    inputs: { archive: downloaded.outputs.archive, patches: from.patches.map(source) },
    outputs: { tree: tree() },
    tools: [...baseTools, tar, gzip, bzip2, xz, patch],
    expectedMs: 15_000,
    run: ({ archive, patches }, { tree }) => shell(unpackScript({ archive, patches, tree }, from), "unpack"),
  })
  return { download: downloaded, unpacked }
}

// tar says what it does about a path that leads out of the archive, and then ends with 0: whatever it says is a failure.
const unpackScript = (
  { archive, patches, tree }: { readonly archive: string; readonly patches: readonly string[]; readonly tree: string },
  { only, isFlat }: Source,
) => `
tar --extract --file ${archive} --directory ${tree} --strip-components ${isFlat ? 0 : 1} --no-same-owner --no-same-permissions --delay-directory-restore \\
  ${only.length > 0 ? `--wildcards --no-wildcards-match-slash ${only.map((path) => `'${isFlat ? "" : "*/"}${path}'`).join(" ")}` : ""} 2>"$SCRATCH/said" && status=0 || status=$?
cat "$SCRATCH/said"
case $(cat "$SCRATCH/said") in *"Removing leading"*) echo "the archive holds paths that lead out of it"; exit 1;; esac
[ $status = 0 ] && [ ! -s "$SCRATCH/said" ]
top=$(realpath ${tree})
find ${tree} -type l | while read -r link; do
  to=$(readlink "$link")
  case $to in /*) echo "the archive holds a link that leads out of it: $link -> $to"; exit 1;; esac
  case $(realpath -m "$(dirname "$link")/$to") in
    "$top" | "$top"/*) ;;
    *) echo "the archive holds a link that leads out of it: $link -> $to"; exit 1;;
  esac
done
${patches.map((path) => `echo "patch ${path}"\npatch --directory ${tree} --strip 1 --batch --forward --fuzz 0 --no-backup-if-mismatch <${path}`).join("\n")}
`
