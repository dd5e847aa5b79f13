import type { Sample } from '../sample.ts'
import { type BrokerModel, followBrokers } from './brokers.ts'
import { type ClusterEvent, changedCluster, eventsBetween } from './events.ts'
import { followGroups, type GroupModel } from './groups.ts'
import { type Health, healthOf } from './health.ts'
import { followMoves, type MoveModel } from './moves.ts'
import { followTopics, type TopicModel } from './topics.ts'

/** What samples, one after the other, say about a cluster. A value: nothing changes it, its only clock is the samples'. */
export interface Model {
  /** The last one. */
  readonly sample: Sample
  readonly sampleCount: number
  readonly groups: ReadonlyMap<string, GroupModel>
  readonly topics: ReadonlyMap<string, TopicModel>
  readonly brokers: ReadonlyMap<number, BrokerModel>
  /** Null: not known. */
  readonly moves: readonly MoveModel[] | null
  readonly health: Health
  /** The oldest first. */
  readonly events: readonly ClusterEvent[]
}

const EVENTS_MAX = 500

/** The model after one more sample. Rates, trends and events come with the second. */
export function advance(last: Model | undefined, sample: Sample): Model {
  const change = last && changedCluster(last.sample, sample)
  const before = change === undefined ? last : undefined
  const then = before?.sample
  const groups = followGroups(before?.groups ?? new Map(), sample)
  const topics = followTopics(before?.topics ?? new Map(), then, sample)
  const brokers = followBrokers(before?.brokers ?? new Map(), then, sample)
  const moves = followMoves(before?.moves ?? null, sample)
  const health = healthOf(before?.health, { sample, topics, brokers, moves })
  const events = before === undefined ? (change ?? []) : eventsBetween(before, { sample, groups, brokers })
  return {
    sample,
    sampleCount: (before?.sampleCount ?? 0) + 1,
    ...{ groups, topics, brokers, moves, health },
    events: (last?.events ?? []).concat(events).slice(-EVENTS_MAX),
  }
}
