// A container image of one layer, which is the root file system without its empty passwords. Formats: the OCI image specification 1.0
// (image-layout, image-index, manifest, config), and for `docker load` before 25 Docker's own manifest.json, which lies beside as
// `docker save` puts it.

import { epochSeconds } from "../../graph/command.ts"
import { gzip, tar } from "../tools.ts"
import { sameTar } from "./archive.ts"
import { format, type ImageOf } from "./format.ts"

const layerType = "application/vnd.oci.image.layer.v1.tar+gzip"
const configType = "application/vnd.oci.image.config.v1+json"
const manifestType = "application/vnd.oci.image.manifest.v1+json"
const indexType = "application/vnd.oci.image.index.v1+json"

const repository = "rootfs"

/** The files with passwords, for `find`, which follows no link out of the tree. */
const accounts = "-type f '(' -path root/etc/passwd -o -path root/etc/shadow ')'"

/** A file that the shell finds: what it is called by others is known only then. */
const digest = (file: string): string => `$(digest ${file})`
const descriptor = (mediaType: string, file: string) => ({
  mediaType,
  digest: `sha256:${digest(file)}`,
  size: `$(size ${file})`,
})

/** Writes a JSON text into a file; the shell puts in what only it knows. Sizes are numbers. */
const write = (file: string, value: unknown): string =>
  `cat >${file} <<END\n${JSON.stringify(value).replace(/"(\$\(size \S+\))"/g, "$1")}\nEND`

export const ociLayout = format({
  name: "oci",
  file: "oci",
  isDirectory: true,
  about: "the root file system as a container image, an OCI layout",
  tools: [gzip, tar],
  script: ({ machine: { triple, platform } }: ImageOf) => {
    const runsOn = { ...platform, os: "linux" }
    const run = { Env: ["PATH=/usr/bin:/usr/sbin"], Cmd: ["$program"], WorkingDir: "/" }
    const annotations = {
      "io.containerd.image.name": `docker.io/library/${repository}:${triple}`,
      "org.opencontainers.image.ref.name": triple,
    }
    return [
      "digest() { sha256sum <$1 | cut -c 1-64; }",
      "size() { stat -c %s $1; }",
      // Where a link leads to is not looked at: it may be absolute.
      "if [ -e root/bin/sh ] || [ -L root/bin/sh ]; then program=/bin/sh; else program=/sbin/init; fi",
      // They are for a machine's console. A container has none, and whatever else is put into it that logs in would let anyone in.
      `find root ${accounts} -exec sed -i -E 's/^([^:]+)::/\\1:*:/' {} +`,
      `tar ${sameTar} --file contents --directory root .`,
      "gzip -9n <contents >layer",
      write("config", {
        created: new Date(epochSeconds * 1000).toISOString(),
        ...runsOn,
        config: run,
        rootfs: { type: "layers", diff_ids: [`sha256:${digest("contents")}`] },
      }),
      write("manifest", {
        schemaVersion: 2,
        mediaType: manifestType,
        config: descriptor(configType, "config"),
        layers: [descriptor(layerType, "layer")],
      }),
      'mkdir -p "$image/blobs/sha256"',
      write('"$image/oci-layout"', { imageLayoutVersion: "1.0.0" }),
      write('"$image/index.json"', {
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [{ ...descriptor(manifestType, "manifest"), platform: runsOn, annotations }],
      }),
      write('"$image/manifest.json"', [
        {
          Config: `blobs/sha256/${digest("config")}`,
          RepoTags: [`${repository}:${triple}`],
          Layers: [`blobs/sha256/${digest("layer")}`],
        },
      ]),
      'for blob in layer config manifest; do cp $blob "$image/blobs/sha256/$(digest $blob)"; done',
    ].join("\n")
  },
})

export const ociArchive = format({
  name: "oci",
  file: "oci.tar",
  about: "the container image as one file, for `docker load`",
  tools: [tar],
  from: ociLayout,
  script: () => `tar ${sameTar} --file "$image" --directory "$from" blobs index.json manifest.json oci-layout`,
})
