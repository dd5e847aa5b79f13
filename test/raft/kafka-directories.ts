import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Disk } from '../../src/host/index.ts'

/**
 * What two cleanly stopped brokers of Apache Kafka 4.3.1 left of their metadata log: meta.properties, bootstrap.checkpoint and
 * `__cluster_metadata-0`. `dynamic`: kraft.version 1, formatted with --standalone; `static`: kraft.version 0.
 */
export const kafkaFiles = new Map<string, Buffer>(
  Object.entries(
    JSON.parse(gunzipSync(readFileSync(new URL('../vectors/disk/metadata.json.gz', import.meta.url))).toString()) as Record<string, string>,
  ).map(([path, base64]) => [path, Buffer.from(base64, 'base64')]),
)

export const kafkaFile = (path: string): Buffer => {
  const bytes = kafkaFiles.get(path)
  if (bytes === undefined) throw new Error(`no such vector: ${path}`)
  return bytes
}

/** Puts the files of `dynamic` or `static` into a directory. */
export const layOut = async (disk: Disk, kind: 'dynamic' | 'static', directory: string): Promise<void> => {
  await disk.makeDirectory(`${directory}/__cluster_metadata-0`)
  for (const [path, bytes] of kafkaFiles) {
    if (path.startsWith(`${kind}/`)) await disk.replaceFile(`${directory}/${path.slice(kind.length + 1)}`, bytes)
  }
}
