import type { GroupSample, MemberSample, PlaceSample, Sample, TopicSample } from '../../src/top/sample.ts'

export interface ClusterShape {
  readonly brokers: number
  readonly topics: number
  readonly partitionsOfTopic: number
  readonly groups: number
  readonly everyMs: number
}

export const small: ClusterShape = { brokers: 3, topics: 8, partitionsOfTopic: 6, groups: 40, everyMs: 2000 }
/** What a screen has to cope with: 5,000 partitions, 500 groups. */
export const large: ClusterShape = { brokers: 9, topics: 250, partitionsOfTopic: 20, groups: 500, everyMs: 2000 }

const pad = (index: number): string => String(index).padStart(3, '0')
const topicName = (index: number): string => `topic-${pad(index)}`

/** A cluster in which everything moves, the same one each time: the sample of moment `tick`. */
export function syntheticSample(shape: ClusterShape, tick: number): Sample {
  const { brokers, topics: topicCount, partitionsOfTopic, groups: groupCount, everyMs } = shape
  const timeMs = 1_700_000_000_000 + tick * everyMs
  const ids = Array.from({ length: brokers }, (_, index) => index + 1)
  const topics: TopicSample[] = []
  const ends: Record<string, number[]> = {}
  const starts: Record<string, number[]> = {}
  for (let index = 0; index < topicCount; index++) {
    const name = topicName(index)
    const partitions: PlaceSample[] = []
    for (let partition = 0; partition < partitionsOfTopic; partition++) {
      const replicas = [0, 1, 2].map((each) => ((index + partition + each) % brokers) + 1)
      // Now and then a broker is out for a while.
      const out = tick % 20 > 15 && index % 10 === 0 ? replicas[2] : undefined
      partitions.push({ leader: replicas[0]!, epoch: 5, replicas, isr: replicas.filter((id) => id !== out), offline: [] })
    }
    topics.push({ name, internal: false, minInsyncReplicas: 2, retentionMs: 604_800_000, partitions })
    ends[name] = partitions.map((_, partition) => 100_000 + tick * rateOf(index, partition))
    starts[name] = partitions.map(() => 0)
  }
  const commits: Record<string, Record<string, number[]>> = {}
  const groups: GroupSample[] = []
  for (let index = 0; index < groupCount; index++) {
    const topicIndex = index % topicCount
    const name = topicName(topicIndex)
    const offsets: number[] = []
    for (let partition = 0; partition < partitionsOfTopic; partition++) {
      const end = ends[name]![partition]!
      // A third keeps up, a third falls behind, a third stands still.
      const lag = index % 3 === 0 ? (tick * 7 + partition) % 40 : index % 3 === 1 ? tick * 3 + partition : end - 90_000
      offsets.push(partition, Math.max(0, end - lag))
    }
    const half = Math.ceil(partitionsOfTopic / 2)
    const all = Array.from({ length: partitionsOfTopic }, (_, partition) => partition)
    const member = (which: number): MemberSample => ({
      id: `consumer-${pad(index)}-${which}-5f3a9c`,
      clientId: `consumer-${which}`,
      host: `/10.0.${index % 256}.${which}`,
      assignment: { [name]: which === 0 ? all.slice(0, half) : all.slice(half) },
    })
    const id = `group-${pad(index)}`
    commits[id] = { [name]: offsets }
    const state = tick % 15 === 3 && index % 50 === 0 ? 'PreparingRebalance' : 'Stable'
    groups.push({
      id,
      type: 'classic',
      state,
      coordinator: ids[index % brokers]!,
      epoch: -1,
      assignor: 'range',
      members: [member(0), member(1)],
    })
  }
  const storedTick = Math.floor(tick / 5) * 5
  return {
    timeMs,
    clusterId: 'synthetic',
    controllerId: 1,
    brokers: ids.map((id) => ({ id, host: `broker-${id}.example.org`, port: 9092, rack: `rack-${id % 3}`, fenced: false })),
    topics,
    ends,
    starts,
    groups,
    groupsFrom: ids,
    commits,
    shareLags: {},
    storage: {
      timeMs: 1_700_000_000_000 + storedTick * everyMs,
      directories: ids.map((broker) => ({
        broker,
        path: '/var/lib/kafka',
        online: true,
        totalBytes: 1e12,
        usableBytes: 4e11 - storedTick * 1e7,
      })),
      replicaBytes: Object.fromEntries(
        ids.map((broker) => [
          broker,
          Object.fromEntries(
            topics.map(({ name, partitions }) => [
              name,
              partitions.flatMap(({ replicas }, partition) => (replicas.includes(broker) ? [partition, 1e8 + storedTick * 5000] : [])),
            ]),
          ),
        ]),
      ),
    },
    quorum: {
      leaderId: 1,
      epoch: 41,
      highWatermark: 1000 + tick,
      replicas: [1, 2, 3].map((id) => ({
        ...{ id, status: id === 1 ? ('Leader' as const) : ('Follower' as const), logEndOffset: 1000 + tick, lag: 0 },
        ...{ lagMs: 0, silentMs: 100, fault: null },
      })),
    },
    moves: [],
    transactions: [],
    recordTimes: groups.map(({ id }, index) => {
      const name = topicName(index % topicCount)
      return { topic: name, partition: 0, offset: commits[id]![name]![1]!, timestamp: timeMs - 1000 * (index + tick) }
    }),
    replicaEnds: null,
    latencies: null,
    failures: [],
  }
}

const rateOf = (topic: number, partition: number): number => ((topic * 31 + partition * 17) % 97) * 10
