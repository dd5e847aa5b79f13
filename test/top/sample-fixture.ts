import type { GroupSample, MemberSample, PlaceSample, Sample, TopicSample } from '../../src/top/sample.ts'

/** A look at a cluster that is not there, as plain as it can be: tests say what differs. */
export function sampleAt(seconds: number, parts: Partial<Sample> = {}): Sample {
  return {
    timeMs: 1_700_000_000_000 + seconds * 1000,
    clusterId: 'cluster',
    controllerId: 1,
    brokers: [1, 2, 3].map((id) => ({ id, host: `host-${id}`, port: 9092, rack: null, fenced: false })),
    topics: [],
    ends: {},
    starts: {},
    groups: [],
    groupsFrom: [1, 2, 3],
    commits: {},
    shareLags: {},
    storage: null,
    quorum: null,
    moves: [],
    transactions: null,
    recordTimes: [],
    replicaEnds: null,
    latencies: null,
    failures: [],
    ...parts,
  }
}

export const placeOf = (parts: Partial<PlaceSample> = {}): PlaceSample => ({
  ...{ leader: 1, epoch: 0, replicas: [1, 2, 3], isr: [1, 2, 3], offline: [] },
  ...parts,
})

export const topicOf = (name: string, partitions: readonly PlaceSample[], parts: Partial<TopicSample> = {}): TopicSample => ({
  ...{ name, internal: false, minInsyncReplicas: 2, retentionMs: 604_800_000, partitions },
  ...parts,
})

export const memberOf = (id: string, assignment: MemberSample['assignment']): MemberSample => ({
  ...{ id, clientId: `client-${id}`, host: '/10.0.0.1', assignment },
})

export const groupOf = (id: string, parts: Partial<GroupSample> = {}): GroupSample => ({
  ...{
    id,
    type: 'classic',
    state: 'Stable',
    coordinator: 1,
    epoch: -1,
    assignor: 'range',
    members: [memberOf(`${id}-1`, { orders: [0] })],
  },
  ...parts,
})

/** One partition of `orders`, and a group that has read some of it. */
export const behind = (seconds: number, end: number, committed: number, parts: Partial<Sample> = {}): Sample =>
  sampleAt(seconds, {
    topics: [topicOf('orders', [placeOf()])],
    ends: { orders: [end] },
    starts: { orders: [0] },
    groups: [groupOf('billing')],
    commits: { billing: { orders: [0, committed] } },
    ...parts,
  })
