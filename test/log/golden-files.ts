import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A file that a cleanly stopped Apache Kafka 4.3.1 broker left, with its content as Kafka's own classes decode it. */
export interface GoldenFile {
  readonly file: string
  readonly base64: string
  readonly batches?: readonly {
    readonly baseOffset: number
    readonly lastOffset: number
    readonly sizeInBytes: number
    readonly maxTimestamp: number
  }[]
  readonly entries?: readonly Record<string, number>[]
  readonly producers?: readonly Record<string, number>[]
}

const all = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/log-files.json.gz'))).toString()) as GoldenFile[]

export const goldenFiles = (prefix: string): GoldenFile[] => all.filter((each) => each.file.startsWith(prefix))

export const goldenBytes = (file: string): Buffer => {
  const found = all.find((each) => each.file === file)
  if (found === undefined) throw new Error(`no golden file ${file}`)
  return Buffer.from(found.base64, 'base64')
}

/** Lays the golden files below `prefix` out under `directory`. */
export const layOut = (prefix: string, directory: string, keep: (name: string) => boolean = () => true): void => {
  for (const golden of goldenFiles(prefix)) {
    const name = golden.file.slice(prefix.length)
    if (!keep(name)) continue
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), Buffer.from(golden.base64, 'base64'))
  }
}

export const directoryContent = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name)).toString('hex')]),
  )

export const goldenContent = (prefix: string): Record<string, string> =>
  Object.fromEntries(
    goldenFiles(prefix)
      .map((each) => [each.file.slice(prefix.length), Buffer.from(each.base64, 'base64').toString('hex')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
