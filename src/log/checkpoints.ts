/**
 * Checkpoints are small text files: a version line, a count line, one line per entry (CheckpointFile). Reading never throws:
 * a file that does not parse gives undefined, and its owner rebuilds what it held. Apache Kafka refuses to start on a bad
 * leader-epoch or cleaner checkpoint.
 */
const VERSION = '0'

const lines = (text: string): string[] | undefined => {
  const all = text.split('\n')
  if (all[all.length - 1] !== '') return undefined
  all.pop()
  if (all[0] !== VERSION || !/^\d{1,9}$/.test(all[1] ?? '') || Number(all[1]) !== all.length - 2) return undefined
  return all.slice(2)
}

const whole = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

const render = (entries: readonly string[]): string => `${VERSION}\n${entries.length}\n${entries.map((entry) => `${entry}\n`).join('')}`

/** Offsets by partition directory name (`topic-partition`). An empty file holds nothing: Kafka creates it that way. */
export const parseOffsetCheckpoint = (text: string): Map<string, number> | undefined => {
  if (text === '') return new Map()
  const entries = new Map<string, number>()
  for (const line of lines(text) ?? [' ']) {
    const [topic, partition, offset, more] = line.split(' ')
    const at = whole(offset)
    if (!topic || more !== undefined || at === undefined || at < 0 || !/^\d{1,10}$/.test(partition ?? '')) return undefined
    entries.set(`${topic}-${partition}`, at)
  }
  return entries
}

export interface OffsetCheckpointEntry {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export const formatOffsetCheckpoint = (entries: readonly OffsetCheckpointEntry[]): string =>
  render(entries.map((entry) => `${entry.topic} ${entry.partition} ${entry.offset}`))

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/** Undefined also when epochs or start offsets do not rise: such a cache would answer wrongly. */
export const parseEpochCheckpoint = (text: string): EpochEntry[] | undefined => {
  if (text === '') return []
  const entries: EpochEntry[] = []
  for (const line of lines(text) ?? [' ']) {
    const [first, second, more] = line.split(' ')
    const epoch = whole(first)
    const startOffset = whole(second)
    const last = entries.at(-1)
    if (epoch === undefined || startOffset === undefined || more !== undefined || epoch < 0 || epoch > 0x7fffffff || startOffset < 0)
      return undefined
    if (last !== undefined && (epoch <= last.epoch || startOffset < last.startOffset)) return undefined
    entries.push({ epoch, startOffset })
  }
  return entries
}

export const formatEpochCheckpoint = (entries: readonly EpochEntry[]): string =>
  render(entries.map((entry) => `${entry.epoch} ${entry.startOffset}`))

/** partition.metadata: the topic id in URL-safe base64. Undefined when it does not parse. */
export const parsePartitionMetadata = (text: string): string | undefined => /^version: 0\ntopic_id: ([A-Za-z0-9_-]{22})\n?$/.exec(text)?.[1]

export const formatPartitionMetadata = (topicId: string): string => `version: 0\ntopic_id: ${topicId}`

/** .kafka_cleanshutdown: the broker epoch of the last run; −1 when the file is there but says nothing (older versions). */
export const parseCleanShutdown = (text: string): number => {
  const match = /"brokerEpoch"\s*:\s*(-?\d{1,16})\b/.exec(text)
  return match === null ? -1 : Number(match[1])
}

export const formatCleanShutdown = (brokerEpoch: number): string => `{"version":0,"brokerEpoch":${brokerEpoch}}`
