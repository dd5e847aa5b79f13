import type { GroupSample, GroupType, MemberSample, Sample } from '../sample.ts'
import { type CommitTrack, followCommits, judgePartition, type PartitionStatus } from './partition-lag.ts'
import { extended, lastOf, RATE_HORIZON_MS, rateOf, TREND_POINTS, type Track } from './track.ts'

/** A group as a whole: the worst of its partitions, or what its state says. */
export type GroupStatus = PartitionStatus | 'REBALANCING' | 'EMPTY' | 'DEAD'

export interface GroupModel {
  readonly id: string
  readonly type: GroupType
  readonly state: string
  readonly stateSinceMs: number
  readonly coordinator: number
  readonly epoch: number
  readonly assignor: string
  /** Null: not known. */
  readonly members: readonly MemberSample[] | null
  readonly partitions: readonly GroupPartition[]
  /** Sum over the partitions where it is known; null when it is known of none that has a commit. */
  readonly lag: number | null
  /** Records a second. */
  readonly lagRate: number | null
  readonly inRate: number | null
  readonly outRate: number | null
  /** Until nothing is left at these rates. Null: nothing is left, or nothing is known. */
  readonly eta: number | 'never' | null
  readonly age: Age | null
  readonly trend: readonly number[]
  readonly worst: GroupPartition | null
  /** The most loaded partition, by what comes in, as a multiple of the mean. */
  readonly skew: number | null
  /** Null: not known. */
  readonly status: GroupStatus | null
  readonly tracks: GroupTracks
}

/** How old the oldest record is that was not read. */
export interface Age {
  readonly ms: number
  /** Of some partitions it is not known: it may be more. */
  readonly isAtLeast: boolean
}

export interface GroupPartition {
  readonly topic: string
  readonly partition: number
  /** Null: nothing committed. */
  readonly committed: number | null
  readonly startOffset: number | null
  readonly endOffset: number | null
  readonly lag: number | null
  readonly ageMs: number | null
  readonly member: MemberSample | null
  readonly status: PartitionStatus | null
  readonly track: CommitTrack | null
}

interface GroupTracks {
  readonly produced: Track
  readonly consumed: Track
  readonly lag: Track
}

const rebalancing: ReadonlySet<string> = new Set(['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'])
const severity: readonly PartitionStatus[] = ['OK', 'WARN', 'REWIND', 'STOP', 'STALL', 'LOST']
const noTracks: GroupTracks = { produced: [], consumed: [], lag: [] }

export function followGroups(before: ReadonlyMap<string, GroupModel>, sample: Sample): ReadonlyMap<string, GroupModel> {
  // Groups that nobody could list are still there, as far as is known.
  if (sample.groups === null) return before
  const recordTimes = new Map(
    sample.recordTimes.map(({ topic, partition, offset, timestamp }) => [`${topic}-${partition}@${offset}`, timestamp]),
  )
  return new Map(sample.groups.map((group) => [group.id, followGroup(before.get(group.id), group, sample, recordTimes)]))
}

type RecordTimes = ReadonlyMap<string, number>

function followGroup(before: GroupModel | undefined, group: GroupSample, sample: Sample, recordTimes: RecordTimes): GroupModel {
  const { timeMs } = sample
  const partitions = partitionsOf(before, group, sample, recordTimes)
  const known = partitions.filter(({ lag }) => lag !== null)
  const lag =
    known.length === 0 && partitions.some(({ committed }) => committed !== null) ? null : known.reduce((sum, each) => sum + each.lag!, 0)
  const moved = movement(before, partitions)
  const { produced, consumed, lag: lags } = before?.tracks ?? noTracks
  const tracks: GroupTracks = {
    produced: extended(produced, timeMs, (produced.at(-1)?.value ?? 0) + moved.produced, RATE_HORIZON_MS),
    consumed: extended(consumed, timeMs, (consumed.at(-1)?.value ?? 0) + moved.consumed, RATE_HORIZON_MS),
    lag: lag === null ? lags : extended(lags, timeMs, lag, RATE_HORIZON_MS),
  }
  const status = judgeGroup(group, partitions, lag)
  const inRate = rateOf(tracks.produced)
  const outRate = rateOf(tracks.consumed)
  return {
    id: group.id,
    type: group.type,
    state: group.state,
    stateSinceMs: before?.state === group.state ? before.stateSinceMs : timeMs,
    coordinator: group.coordinator,
    epoch: group.epoch,
    assignor: group.assignor,
    members: group.members,
    partitions,
    lag,
    lagRate: rateOf(tracks.lag),
    inRate,
    outRate,
    eta: etaOf(lag, inRate, outRate),
    age: ageOf(partitions),
    trend: lag === null ? (before?.trend ?? []) : lastOf(before?.trend ?? [], lag, TREND_POINTS),
    worst: known.reduce<GroupPartition | null>((worst, each) => (each.lag! > (worst?.lag ?? 0) ? each : worst), null),
    skew: skewOf(before, partitions),
    status,
    tracks,
  }
}

function partitionsOf(before: GroupModel | undefined, group: GroupSample, sample: Sample, recordTimes: RecordTimes): GroupPartition[] {
  const { timeMs } = sample
  const owners = ownersOf(group.members)
  const commits = sample.commits[group.id]
  // Commits that could not be asked for are those of before: a coordinator that moves is no loss of offsets.
  const committed = commits === undefined ? commitsOf(before) : unpacked(commits)
  const shareLags = unpacked(sample.shareLags[group.id] ?? {})
  const tracks = new Map(before?.partitions.map((each) => [`${each.topic}-${each.partition}`, each.track]))
  const rows: GroupPartition[] = []
  const add = (topic: string, partition: number, offset: number | null): void => {
    const key = `${topic}-${partition}`
    const startOffset = sample.starts[topic]?.[partition] ?? null
    const endOffset = sample.ends[topic]?.[partition] ?? null
    const member = owners.get(topic)?.get(partition) ?? null
    const place = { topic, partition, startOffset, endOffset, member }
    if (offset === null) {
      rows.push({ ...place, committed: null, lag: null, ageMs: null, status: null, track: null })
      return
    }
    // Commits are read a moment before or after the end is: a commit beyond it counts as none left.
    const lag = shareLags.get(topic)?.get(partition) ?? (endOffset === null ? null : Math.max(0, endOffset - offset))
    const observation = { timeMs, committed: offset, lag }
    const track = followCommits(tracks.get(key) ?? undefined, observation)
    const owner =
      group.members === null ? 'unknown' : member === null && (group.type !== 'share' || group.members.length === 0) ? 'nobody' : 'member'
    const writtenMs = lag === 0 ? undefined : recordTimes.get(`${key}@${offset}`)
    const ageMs = writtenMs === undefined ? null : Math.max(0, timeMs - writtenMs)
    rows.push({ ...place, committed: offset, lag, ageMs, status: judgePartition(track, observation, startOffset, owner), track })
  }
  for (const [topic, list] of committed) for (const [partition, offset] of list) add(topic, partition, offset)
  for (const [topic, list] of owners)
    for (const partition of list.keys()) if (!committed.get(topic)?.has(partition)) add(topic, partition, null)
  return rows.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

type ByPartition<V> = Map<string, Map<number, V>>

function ownersOf(members: GroupSample['members']): ByPartition<MemberSample> {
  const owners: ByPartition<MemberSample> = new Map()
  for (const member of members ?? []) {
    for (const [topic, partitions] of Object.entries(member.assignment)) {
      const list = owners.get(topic) ?? new Map<number, MemberSample>()
      owners.set(topic, list)
      for (const partition of partitions) list.set(partition, member)
    }
  }
  return owners
}

/** Partition, value, partition, value, … by topic. */
function unpacked(topics: Readonly<Record<string, readonly number[]>>): ByPartition<number> {
  const found: ByPartition<number> = new Map()
  for (const [topic, list] of Object.entries(topics)) {
    const values = new Map<number, number>()
    for (let at = 0; at < list.length; at += 2) values.set(list[at]!, list[at + 1]!)
    found.set(topic, values)
  }
  return found
}

function commitsOf(group: GroupModel | undefined): ByPartition<number> {
  const found: ByPartition<number> = new Map()
  for (const { topic, partition, committed } of group?.partitions ?? []) {
    if (committed === null) continue
    const list = found.get(topic) ?? new Map<number, number>()
    found.set(topic, list.set(partition, committed))
  }
  return found
}

/** Records that came and that were read since the sample before, of the partitions that both have. */
function movement(before: GroupModel | undefined, partitions: readonly GroupPartition[]): { produced: number; consumed: number } {
  const known = new Map(before?.partitions.map((each) => [`${each.topic}-${each.partition}`, each]))
  let produced = 0
  let consumed = 0
  for (const { topic, partition, committed, endOffset } of partitions) {
    const then = known.get(`${topic}-${partition}`)
    if (then === undefined) continue
    if (endOffset !== null && then.endOffset !== null) produced += Math.max(0, endOffset - then.endOffset)
    if (committed !== null && then.committed !== null) consumed += Math.max(0, committed - then.committed)
  }
  return { produced, consumed }
}

function etaOf(lag: number | null, inRate: number | null, outRate: number | null): GroupModel['eta'] {
  if (lag === null || lag === 0 || inRate === null || outRate === null || outRate === 0) return null
  return outRate > inRate ? (lag * 1000) / (outRate - inRate) : 'never'
}

function ageOf(partitions: readonly GroupPartition[]): Age | null {
  const behind = partitions.filter(({ lag }) => lag !== null && lag > 0)
  const known = behind.flatMap(({ ageMs }) => ageMs ?? [])
  return known.length === 0 ? null : { ms: Math.max(...known), isAtLeast: known.length < behind.length }
}

function skewOf(before: GroupModel | undefined, partitions: readonly GroupPartition[]): number | null {
  const then = new Map(before?.partitions.map((each) => [`${each.topic}-${each.partition}`, each.endOffset]))
  const loads = partitions.flatMap(({ topic, partition, endOffset }) => {
    const earlier = then.get(`${topic}-${partition}`) ?? null
    return endOffset === null || earlier === null ? [] : [Math.max(0, endOffset - earlier)]
  })
  const sum = loads.reduce((total, load) => total + load, 0)
  return sum === 0 ? null : (loads.reduce((most, load) => Math.max(most, load), 0) * loads.length) / sum
}

function judgeGroup(group: GroupSample, partitions: readonly GroupPartition[], lag: number | null): GroupStatus | null {
  if (group.state === 'Dead') return 'DEAD'
  const worst = partitions.reduce((most, { status }) => (status === null ? most : Math.max(most, severity.indexOf(status))), -1)
  if (worst > severity.indexOf('WARN')) return severity[worst]!
  if (rebalancing.has(group.state)) return 'REBALANCING'
  if (group.state === 'Empty' && (lag === 0 || lag === null)) return 'EMPTY'
  if (worst < 0) return lag === null ? null : 'OK'
  return severity[worst]!
}
