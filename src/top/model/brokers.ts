import type { BrokerLatency, BrokerSample, Sample, StorageSample } from '../sample.ts'
import { isUnderReplicated } from './topics.ts'
import { extended, GROWTH_HORIZON_MS, lastOf, RATE_HORIZON_MS, rateOf, TREND_POINTS, type Track } from './track.ts'

export interface BrokerModel {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** `silent`: the cluster counts on it, it does not answer here. `gone`: it was there, and the cluster does not name it any more. */
  readonly state: 'up' | 'silent' | 'fenced' | 'gone'
  readonly isController: boolean
  readonly leaders: number
  readonly replicas: number
  /** Replicas here that are not in sync. */
  readonly outOfSync: number
  /** Records a second of the partitions that it leads. */
  readonly inRate: number | null
  readonly trend: readonly number[]
  /** Bytes a second by which its replicas grew. */
  readonly bytesRate: number | null
  readonly sizeBytes: number | null
  readonly disk: DiskModel | null
  readonly offlineDirectories: number
  readonly latency: BrokerLatency | null
  readonly requestRate: number | null
  readonly tracks: BrokerTracks
}

/** The fullest log directory. */
export interface DiskModel {
  readonly path: string
  /** 0 to 1. */
  readonly used: number
  readonly totalBytes: number
  /** Until it is full at the rate of the last minutes; null: it does not grow, or is not known yet. */
  readonly fullInMs: number | null
}

interface BrokerTracks {
  readonly produced: Track
  readonly written: Track
  readonly requests: Track
  /** Used bytes by directory. */
  readonly used: Readonly<Record<string, Track>>
}

interface Places {
  leaders: number
  replicas: number
  outOfSync: number
  produced: number
}

/** A broker that says no is there. */
const ofSilence: ReadonlySet<string> = new Set(['REQUEST_TIMED_OUT', 'NETWORK_EXCEPTION'])
const noTracks: BrokerTracks = { produced: [], written: [], requests: [], used: {} }

export function followBrokers(
  before: ReadonlyMap<number, BrokerModel>,
  then: Sample | undefined,
  sample: Sample,
): ReadonlyMap<number, BrokerModel> {
  const places = placesOf(then, sample)
  const silent = new Set(sample.failures.flatMap(({ broker, name }) => (broker === null || !ofSilence.has(name) ? [] : [broker])))
  const isNewStorage = sample.storage !== null && sample.storage.timeMs !== then?.storage?.timeMs
  const written = isNewStorage ? writtenOf(then?.storage ?? null, sample.storage!) : undefined
  const known = new Map<number, BrokerModel>()
  const named = new Map(sample.brokers.map((each) => [each.id, each]))
  for (const id of [...new Set([...before.keys(), ...named.keys()])].sort((a, b) => a - b)) {
    const place = places.get(id) ?? { leaders: 0, replicas: 0, outOfSync: 0, produced: 0 }
    known.set(id, followBroker(before.get(id), named.get(id), sample, place, silent, written?.get(id)))
  }
  return known
}

function followBroker(
  before: BrokerModel | undefined,
  named: BrokerSample | undefined,
  sample: Sample,
  { leaders, replicas, outOfSync, produced: came }: Places,
  silent: ReadonlySet<number>,
  written: number | undefined,
): BrokerModel {
  const { id, host, port, rack } = (named ?? before)!
  const { timeMs, storage } = sample
  const tracks = before?.tracks ?? noTracks
  const latency = sample.latencies?.[id] ?? null
  const produced = extended(tracks.produced, timeMs, (tracks.produced.at(-1)?.value ?? 0) + came, RATE_HORIZON_MS)
  const bytes =
    written === undefined || storage === null
      ? tracks.written
      : extended(tracks.written, storage.timeMs, (tracks.written.at(-1)?.value ?? 0) + written, RATE_HORIZON_MS * 2)
  const requests =
    latency === null || latency.requests === null ? tracks.requests : extended(tracks.requests, timeMs, latency.requests, RATE_HORIZON_MS)
  const directories = storage?.directories.filter(({ broker }) => broker === id) ?? []
  const used = usedOf(tracks.used, directories, storage)
  const inRate = rateOf(produced)
  return {
    ...{ id, host, port, rack },
    state: named === undefined ? 'gone' : named.fenced === true ? 'fenced' : silent.has(id) ? 'silent' : 'up',
    isController: sample.quorum === null ? false : sample.quorum.leaderId === id,
    ...{ leaders, replicas, outOfSync, inRate },
    trend: inRate === null ? [] : lastOf(before?.trend ?? [], inRate, TREND_POINTS),
    bytesRate: rateOf(bytes),
    sizeBytes: storage?.replicaBytes[id] === undefined ? null : sizeOf(storage.replicaBytes[id]),
    disk: fullest(directories, used),
    offlineDirectories: directories.filter(({ online }) => !online).length,
    latency,
    requestRate: latency === null ? null : rateOf(requests),
    tracks: { produced, written: bytes, requests, used },
  }
}

function placesOf(then: Sample | undefined, sample: Sample): Map<number, Places> {
  const places = new Map<number, Places>()
  const of = (id: number): Places => {
    const known = places.get(id) ?? { leaders: 0, replicas: 0, outOfSync: 0, produced: 0 }
    places.set(id, known)
    return known
  }
  for (const { name, partitions } of sample.topics) {
    const ends = sample.ends[name]
    const before = then?.ends[name]
    for (const [index, place] of partitions.entries()) {
      for (const id of place.replicas) of(id).replicas++
      if (isUnderReplicated(place)) for (const id of place.replicas) if (!place.isr.includes(id)) of(id).outOfSync++
      if (place.leader < 0) continue
      const leader = of(place.leader)
      leader.leaders++
      const now = ends?.[index] ?? null
      const earlier = before?.[index] ?? null
      if (now !== null && earlier !== null && now > earlier) leader.produced += now - earlier
    }
  }
  return places
}

/** Bytes by which the replicas of each broker grew between two looks at storage. */
function writtenOf(then: StorageSample | null, now: StorageSample): Map<number, number> {
  const grown = new Map<number, number>()
  for (const [broker, topics] of Object.entries(now.replicaBytes)) {
    let total = 0
    for (const [topic, list] of Object.entries(topics)) {
      const before = then?.replicaBytes[broker]?.[topic]
      if (before === undefined) continue
      const sizes = new Map<number, number>()
      for (let at = 0; at < before.length; at += 2) sizes.set(before[at]!, before[at + 1]!)
      for (let at = 0; at < list.length; at += 2) total += Math.max(0, list[at + 1]! - (sizes.get(list[at]!) ?? list[at + 1]!))
    }
    grown.set(Number(broker), total)
  }
  return grown
}

function sizeOf(topics: Readonly<Record<string, readonly number[]>>): number {
  let total = 0
  for (const list of Object.values(topics)) for (let at = 1; at < list.length; at += 2) total += list[at]!
  return total
}

type Directories = StorageSample['directories']

function usedOf(before: BrokerTracks['used'], directories: Directories, storage: StorageSample | null): BrokerTracks['used'] {
  if (storage === null) return before
  const used: Record<string, Track> = {}
  for (const { path, totalBytes, usableBytes } of directories) {
    const track = before[path] ?? []
    if (totalBytes === null || usableBytes === null) continue
    used[path] =
      track.at(-1)?.timeMs === storage.timeMs ? track : extended(track, storage.timeMs, totalBytes - usableBytes, GROWTH_HORIZON_MS)
  }
  return used
}

function fullest(directories: Directories, used: BrokerTracks['used']): DiskModel | null {
  let worst: DiskModel | null = null
  for (const { path, totalBytes, usableBytes } of directories) {
    if (totalBytes === null || usableBytes === null || totalBytes === 0) continue
    const share = 1 - usableBytes / totalBytes
    if (worst !== null && worst.used >= share) continue
    const rate = rateOf(used[path] ?? [])
    worst = { path, used: share, totalBytes, fullInMs: rate === null || rate <= 0 ? null : (usableBytes * 1000) / rate }
  }
  return worst
}

/** Bytes of a replica; null: not known. */
export function replicaBytesOf(storage: StorageSample | null, broker: number, topic: string, partition: number): number | null {
  const list = storage?.replicaBytes[broker]?.[topic]
  for (let at = 0; list !== undefined && at < list.length; at += 2) if (list[at] === partition) return list[at + 1]!
  return null
}
