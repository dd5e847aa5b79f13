import { batchBytes, LOG_OVERHEAD } from '../../../src/records/index.ts'
import type { SeededRandom, Storage } from '../../../src/sim/index.ts'

type StoredFile = ReturnType<Storage['files']>[number][1]

/**
 * Changes bits of files on a disk that nobody uses: of logs and their indexes, snapshots and checkpoints, and of a broker that does not
 * vote also of what it has of the metadata, and of its quorum state. It stays with bits that can be noticed: Kafka's formats cover
 * neither the base offset and the leader epoch of a batch with its checksum, nor anything in files of text, of which a byte is made one that no
 * text has. Recovery points go: they would say of what lies below them that it need not be looked at.
 */
export const flipBits = (
  storage: Storage,
  random: SeededRandom,
  { count, isVoter }: { readonly count: number; readonly isVoter: boolean },
): void => {
  for (const name of ['recovery-point-offset-checkpoint', '.kafka_cleanshutdown']) storage.remove(`/data/${name}`)
  const byKind = new Map<string, [string, StoredFile][]>()
  for (const [path, file] of storage.files()) {
    if (file.bytes === 0 || untouched.test(path) || (isVoter && (!isOfPartition(path) || decides.test(path)))) continue
    const kind = path.slice(path.lastIndexOf(path.includes('.', path.lastIndexOf('/')) ? '.' : '/'))
    byKind.set(kind, [...(byKind.get(kind) ?? []), [path, file]])
  }
  const kinds = [...byKind.values()]
  for (let left = count; left > 0 && kinds.length > 0; left--) {
    const files = kinds[random.below(kinds.length)]!
    const [path, file] = files[random.below(files.length)]!
    flipOne(path, file, random)
  }
}

/** A node with another cluster.id waits and says so for as long as somebody lets it. */
const untouched = /\/(\.lock|meta\.properties)$/

/** Without it nobody knows whose records a partition holds, and the node refuses its directory; a voter's is not wiped for that. */
const decides = /\/partition\.metadata$/

const isOfPartition = (path: string): boolean => /^\/data\/[^/]+-\d+\//.test(path) && !path.startsWith('/data/__cluster_metadata-0/')

const flipOne = (path: string, file: StoredFile, random: SeededRandom): void => {
  if (/\.(index|timeindex|txnindex|snapshot)$/.test(path)) return file.flip(random.below(file.bytes), random.below(8))
  if (!/\.(log|checkpoint)$/.test(path)) return file.flip(random.below(file.bytes), 7)
  const position = random.below(file.bytes)
  if (isChecked(file, position)) file.flip(position, random.below(8))
}

/** Of a file of batches: what is there belongs to one, and its checksum or its size would tell. */
const isChecked = (file: StoredFile, position: number): boolean => {
  const bytes = Buffer.alloc(file.bytes)
  file.read(bytes, 0)
  for (let at = 0; at + LOG_OVERHEAD <= bytes.length; ) {
    const size = batchBytes(bytes, at)
    if (size <= LOG_OVERHEAD) return false
    if (position < at + size) return position - at >= 16 || (position - at >= 8 && position - at < 12)
    at += size
  }
  return false
}
