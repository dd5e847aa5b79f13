import type { ClusterShape } from '../cluster.ts'
import type { Weights } from './schedule.ts'

export interface Profile {
  readonly weights: Weights
  readonly shapes: readonly ClusterShape[]
  readonly durationMs: number
  readonly everyMs: number
  /** What goes on beside the faults. */
  readonly load: 'busy' | 'steady' | 'light'
  readonly admin: 'fuzz' | 'elections' | 'flips' | 'none'
}

/** Short sessions and patience, so that a minute holds many failovers; snapshots after a few kilobytes. */
const settings = {
  'min.insync.replicas': '2',
  'default.replication.factor': '3',
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '1000',
  'replica.lag.time.max.ms': '5000',
  'leader.imbalance.check.interval.seconds': '7',
  'group.initial.rebalance.delay.ms': '100',
  'metadata.log.max.record.bytes.between.snapshots': '4096',
  'metadata.max.retention.bytes': '8192',
  'controller.quorum.fetch.max.bytes': '1500',
  'controller.quorum.fetch.snapshot.max.bytes': '2000',
  'log.segment.bytes': '1048576',
  'request.timeout.ms': '5000',
}

export const combined: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3], settings }
export const apart: ClusterShape = { brokers: [1, 2, 3], controllers: [11, 12, 13], settings }
const dynamic: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3], isDynamic: true, settings }
const wide: ClusterShape = { brokers: [1, 2, 3, 4], controllers: [11, 12, 13], isDynamic: true, settings }

/** Followers leave and join all the time, brokers are missed at once. */
const hasty = {
  ...settings,
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '300',
  'replica.lag.time.max.ms': '1500',
}
const hastyApart: ClusterShape = { ...apart, settings: hasty }
const hastyCombined: ClusterShape = { ...combined, settings: hasty }

/** Five voters, and a log that stands still while nobody asks for anything: who was cut off may hold all of it. */
const five: ClusterShape = {
  ...{ brokers: [1, 2, 3], controllers: [11, 12, 13, 14, 15] },
  settings: { ...settings, 'metadata.max.idle.interval.ms': '0' },
}
const quiet: ClusterShape = { ...apart, settings: five.settings! }

const raft: Weights = {
  ...{
    kill: 3,
    'kill all': 1,
    'kill within': 4,
    'power loss': 3,
    blackout: 2,
    stop: 2,
    pause: 2,
    'cut off': 3,
    split: 3,
    'one way': 2,
    'no link': 3,
  },
  ...{ swizzle: 1, 'slow links': 2, loss: 1, repeats: 2, 'slow sync': 3, 'clock jump': 1 },
}
const replication: Weights = {
  ...{ kill: 3, 'kill all': 3, 'kill within': 4, 'power loss': 4, stop: 2, pause: 3, 'cut off': 2, 'one way': 2, 'no link': 4 },
  ...{ 'slow links': 2, loss: 1, repeats: 3, 'slow disk': 3, 'clock jump': 1, 'slow reader': 1 },
}
const disk: Weights = {
  ...{
    'kill within': 4,
    'power loss': 8,
    'slow disk': 2,
    'slow sync': 3,
    'disk error': 4,
    'disk full': 2,
    'lying disk': 3,
    stop: 4,
    wipe: 1,
  },
}
/** Two things at once: answers that are lost, requests that come late, and somebody who dies meanwhile; while leaders change. */
const races: Weights = {
  ...{ ambush: 10, 'late metadata': 6, resets: 4, held: 4, repeats: 3, 'slow sync': 3, 'slow links': 3, 'slow disk': 3, pause: 3, stop: 3 },
  ...{ kill: 1, 'kill within': 2, 'kill all': 1, 'one way': 1, 'no link': 3, 'power loss': 1 },
}
/** One election after the other, of voters that were cut off, and of such that are slow to sync what they have written when they die. */
const elections: Weights = {
  ...{ 'slow election': 5, 'unsynced voter': 5, 'no link': 4, 'one way': 3, 'cut off': 3, split: 2, 'slow sync': 2, 'slow links': 2 },
  ...{ 'kill within': 3, kill: 2, repeats: 3, held: 2, resets: 2, pause: 2, stop: 1, 'kill all': 1, 'power loss': 1, blackout: 1 },
}
/** Nodes that stop and come back while what they said before is still on its way, or what they are told. */
const returns: Weights = {
  ...{ rejoining: 8, 'late farewell': 8, 'last words': 8, stop: 4, repeats: 4, ambush: 4, resets: 2, held: 2, 'late metadata': 2 },
  ...{ kill: 2, 'slow links': 3, pause: 1, 'power loss': 2 },
}
const network: Weights = {
  ...{ 'cut off': 3, split: 4, 'one way': 4, 'no link': 5, swizzle: 2, 'slow links': 3, loss: 3, repeats: 4, 'slow reader': 3, pause: 1 },
}
const admin: Weights = {
  kill: 2,
  'kill within': 2,
  'power loss': 2,
  stop: 2,
  'cut off': 1,
  'no link': 2,
  'slow links': 1,
  wipe: 1,
  repeats: 2,
}

const sum = (...all: Weights[]): Weights => {
  const weights: Record<string, number> = {}
  for (const each of all) for (const [kind, weight] of Object.entries(each)) weights[kind] = (weights[kind] ?? 0) + weight
  return weights
}

export const profiles = {
  raft: { weights: raft, shapes: [combined, apart, dynamic], durationMs: 30_000, everyMs: 1500, load: 'light', admin: 'elections' },
  replication: { weights: replication, shapes: [combined, apart], durationMs: 30_000, everyMs: 2000, load: 'steady', admin: 'elections' },
  disk: { weights: disk, shapes: [combined, apart], durationMs: 30_000, everyMs: 2500, load: 'steady', admin: 'none' },
  network: { weights: network, shapes: [combined, apart], durationMs: 30_000, everyMs: 1500, load: 'steady', admin: 'elections' },
  races: { weights: races, shapes: [hastyApart, hastyCombined], durationMs: 20_000, everyMs: 700, load: 'busy', admin: 'flips' },
  elections: { weights: elections, shapes: [five, quiet], durationMs: 30_000, everyMs: 2000, load: 'light', admin: 'elections' },
  returns: { weights: returns, shapes: [hastyApart], durationMs: 30_000, everyMs: 1500, load: 'steady', admin: 'elections' },
  admin: { weights: admin, shapes: [wide, dynamic], durationMs: 30_000, everyMs: 3000, load: 'steady', admin: 'fuzz' },
  all: {
    weights: sum(raft, replication, disk, network, races, admin),
    shapes: [combined, apart, dynamic, wide],
    ...{ durationMs: 30_000, everyMs: 1800, load: 'steady', admin: 'fuzz' },
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
