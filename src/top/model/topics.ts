import type { PlaceSample, Sample, StorageSample, TopicSample } from '../sample.ts'
import { extended, GROWTH_HORIZON_MS, lastOf, RATE_HORIZON_MS, rateOf, TREND_POINTS, type Track } from './track.ts'

export interface TopicModel {
  readonly name: string
  readonly internal: boolean
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly minInsyncReplicas: number | null
  readonly retentionMs: number | null
  readonly underReplicated: number
  /** Null: min.insync.replicas is not known. */
  readonly underMinIsr: number | null
  readonly atMinIsr: number | null
  readonly offline: number
  readonly nonPreferred: number
  /** Records that are there, at most: compaction and transactions leave gaps. Null when a partition did not answer. */
  readonly recordCount: number | null
  /** Records a second. */
  readonly inRate: number | null
  readonly trend: readonly number[]
  /** Bytes of the largest replica of each partition. */
  readonly sizeBytes: number | null
  /** Bytes a second that came, by how its logs grew; what was deleted meanwhile counts as nothing. */
  readonly bytesRate: number | null
  /** Bytes by which it grows a day, what is deleted taken off. */
  readonly growthPerDay: number | null
  readonly tracks: TopicTracks
}

interface TopicTracks {
  readonly produced: Track
  readonly written: Track
  readonly size: Track
  /** By partition, of the largest replica, in the last look at storage. */
  readonly sizes: readonly number[]
}

const DAY_MS = 86_400_000
const noTracks: TopicTracks = { produced: [], written: [], size: [], sizes: [] }

export function followTopics(
  before: ReadonlyMap<string, TopicModel>,
  then: Sample | undefined,
  sample: Sample,
): ReadonlyMap<string, TopicModel> {
  const { storage } = sample
  const sizes = storage === null || storage.timeMs === then?.storage?.timeMs ? undefined : largestReplicas(storage)
  return new Map(
    sample.topics.map((topic) => [topic.name, followTopic(before.get(topic.name), topic, then, sample, sizes?.get(topic.name))]),
  )
}

function followTopic(
  before: TopicModel | undefined,
  topic: TopicSample,
  then: Sample | undefined,
  sample: Sample,
  sizes: readonly number[] | undefined,
): TopicModel {
  const { name, internal, minInsyncReplicas, retentionMs, partitions } = topic
  const ends = sample.ends[name] ?? []
  const { produced, written, size, sizes: sizesBefore } = before?.tracks ?? noTracks
  const tracks: TopicTracks = {
    produced: extended(produced, sample.timeMs, (produced.at(-1)?.value ?? 0) + growth(then?.ends[name] ?? [], ends), RATE_HORIZON_MS),
    ...(sizes === undefined
      ? { written, size, sizes: sizesBefore }
      : {
          written: extended(
            written,
            sample.storage!.timeMs,
            (written.at(-1)?.value ?? 0) + growth(sizesBefore, sizes),
            RATE_HORIZON_MS * 2,
          ),
          size: extended(size, sample.storage!.timeMs, sum(sizes), GROWTH_HORIZON_MS),
          sizes,
        }),
  }
  const inRate = rateOf(tracks.produced)
  const growthRate = rateOf(tracks.size)
  const minimum = minInsyncReplicas
  return {
    name,
    internal,
    partitionCount: partitions.length,
    replicationFactor: partitions.reduce((most, { replicas }) => Math.max(most, replicas.length), 0),
    minInsyncReplicas,
    retentionMs,
    underReplicated: partitions.filter(isUnderReplicated).length,
    underMinIsr: minimum === null ? null : partitions.filter((each) => each.isr.length < minimumOf(each, minimum)).length,
    atMinIsr:
      minimum === null ? null : partitions.filter((each) => each.isr.length === minimumOf(each, minimum) && isUnderReplicated(each)).length,
    offline: partitions.filter(({ leader }) => leader < 0).length,
    nonPreferred: partitions.filter(isNotPreferred).length,
    recordCount: recordCount(sample.starts[name] ?? [], ends),
    inRate,
    trend: inRate === null ? [] : lastOf(before?.trend ?? [], inRate, TREND_POINTS),
    sizeBytes: tracks.size.at(-1)?.value ?? null,
    bytesRate: rateOf(tracks.written),
    growthPerDay: growthRate === null ? null : (growthRate * DAY_MS) / 1000,
    tracks,
  }
}

export const isUnderReplicated = ({ isr, replicas }: PlaceSample): boolean => isr.length < replicas.length
/** Led by somebody, but not by its first replica. */
export const isNotPreferred = ({ leader, replicas }: PlaceSample): boolean => leader >= 0 && replicas.length > 0 && leader !== replicas[0]
/** A topic with fewer replicas than the setting asks for needs all that it has. */
export const minimumOf = ({ replicas }: PlaceSample, minInsyncReplicas: number): number => Math.min(minInsyncReplicas, replicas.length)

/** What values grew by, those that shrank or were not known left out. */
function growth(before: readonly (number | null)[], now: readonly (number | null)[]): number {
  let total = 0
  for (const [index, value] of now.entries()) {
    const then = before[index] ?? null
    if (value !== null && then !== null && value > then) total += value - then
  }
  return total
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function recordCount(starts: readonly (number | null)[], ends: readonly (number | null)[]): number | null {
  let total = 0
  for (const [index, end] of ends.entries()) {
    const start = starts[index] ?? null
    if (end === null || start === null) return null
    total += Math.max(0, end - start)
  }
  return total
}

function largestReplicas({ replicaBytes }: StorageSample): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const topics of Object.values(replicaBytes)) {
    for (const [topic, list] of Object.entries(topics)) {
      const sizes = found.get(topic) ?? []
      found.set(topic, sizes)
      for (let at = 0; at < list.length; at += 2) sizes[list[at]!] = Math.max(sizes[list[at]!] ?? 0, list[at + 1]!)
    }
  }
  return found
}
