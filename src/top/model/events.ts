import type { Sample } from '../sample.ts'
import type { BrokerModel } from './brokers.ts'
import type { GroupModel } from './groups.ts'

/** Something that happened between two samples. */
export interface ClusterEvent {
  readonly timeMs: number
  readonly kind: EventKind
  /** What it happened to: `orders-1`, `broker 3`, `billing`. */
  readonly subject: string
  readonly detail: string
  readonly isBad: boolean
}

export type EventKind =
  | 'cluster'
  | 'leader'
  | 'isr shrink'
  | 'isr expand'
  | 'offline'
  | 'broker'
  | 'controller'
  | 'group'
  | 'rebalance'
  | 'topic'
  | 'move'

interface Parts {
  readonly sample: Sample
  readonly groups: ReadonlyMap<string, GroupModel>
  readonly brokers: ReadonlyMap<number, BrokerModel>
}

/** Of one sample, at most: a broker that dies changes thousands of partitions, of which some say enough. */
const OF_A_SAMPLE_MAX = 200

export function eventsBetween(before: Parts, now: Parts): ClusterEvent[] {
  const { timeMs } = now.sample
  const event = (kind: EventKind, subject: string, detail: string, isBad = false): ClusterEvent => ({
    timeMs,
    kind,
    subject,
    detail,
    isBad,
  })
  const events: ClusterEvent[] = []
  for (const [id, { state }] of now.brokers) {
    const then = before.brokers.get(id)?.state
    if (then === undefined) events.push(event('broker', `broker ${id}`, 'joined'))
    else if (then !== state)
      events.push(event('broker', `broker ${id}`, state === 'up' ? `is up again, was ${then}` : `is ${state}`, state !== 'up'))
  }
  const [led, leads] = [before.sample.quorum?.leaderId, now.sample.quorum?.leaderId]
  if (led !== undefined && leads !== undefined && led !== leads)
    events.push(event('controller', `controller ${leads}`, `took over from ${led}`, leads < 0))
  events.push(...topicEvents(before.sample, now.sample, event), ...groupEvents(before.groups, now.groups, event))
  events.push(...moveEvents(before.sample, now.sample, event))
  if (events.length <= OF_A_SAMPLE_MAX) return events
  const left = events.length - OF_A_SAMPLE_MAX
  return [...events.slice(0, OF_A_SAMPLE_MAX), event('topic', `${left} more`, 'changes at the same time', true)]
}

/** Where one cluster answered another one does now: of all that was known of the first, nothing holds. */
export const changedCluster = (before: Sample, now: Sample): ClusterEvent | undefined =>
  before.clusterId === null || now.clusterId === null || before.clusterId === now.clusterId
    ? undefined
    : {
        timeMs: now.timeMs,
        kind: 'cluster',
        subject: now.clusterId,
        detail: `answers where ${before.clusterId} did: what is shown begins anew`,
        isBad: true,
      }

type NewEvent = (kind: EventKind, subject: string, detail: string, isBad?: boolean) => ClusterEvent

function topicEvents(before: Sample, now: Sample, event: NewEvent): ClusterEvent[] {
  const events: ClusterEvent[] = []
  const known = new Map(before.topics.map((topic) => [topic.name, topic]))
  for (const { name, partitions } of now.topics) {
    const then = known.get(name)
    known.delete(name)
    if (then === undefined) {
      events.push(event('topic', name, `was created with ${partitions.length} partitions`))
      continue
    }
    if (partitions.length > then.partitions.length)
      events.push(event('topic', name, `has ${partitions.length} partitions, had ${then.partitions.length}`))
    for (const [index, place] of partitions.entries()) {
      const earlier = then.partitions[index]
      if (earlier === undefined) continue
      if (place === earlier || (place.leader === earlier.leader && isSame(place.isr, earlier.isr))) continue
      const subject = `${name}-${index}`
      if (place.leader !== earlier.leader) {
        if (place.leader < 0) events.push(event('offline', subject, `has no leader, was led by ${earlier.leader}`, true))
        else
          events.push(
            event(
              'leader',
              subject,
              earlier.leader < 0 ? `is led by ${place.leader} again` : `is led by ${place.leader}, was by ${earlier.leader}`,
            ),
          )
      }
      const isrs = `{${earlier.isr.join(',')}} → {${place.isr.join(',')}}`
      const lost = earlier.isr.filter((id) => !place.isr.includes(id))
      // What was moved away did not fall behind.
      const left = lost.filter((id) => !place.replicas.includes(id))
      if (lost.length > left.length) events.push(event('isr shrink', subject, isrs, true))
      else if (left.length > 0) events.push(event('move', subject, `left broker ${left.join(',')}: ${isrs}`))
      else if (place.isr.length > earlier.isr.length) events.push(event('isr expand', subject, isrs))
    }
  }
  for (const name of known.keys()) events.push(event('topic', name, 'was deleted'))
  return events
}

const isSame = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((id, index) => id === b[index])

function groupEvents(before: ReadonlyMap<string, GroupModel>, now: ReadonlyMap<string, GroupModel>, event: NewEvent): ClusterEvent[] {
  if (before === now) return []
  const events: ClusterEvent[] = []
  for (const [id, group] of now) {
    const then = before.get(id)
    if (then === undefined) {
      events.push(event('group', id, `is there, ${group.state}`))
      continue
    }
    if (then.state !== group.state) {
      const isCalm = group.state === 'Stable' || group.state === 'Empty'
      const members = group.members === null ? '' : `, ${group.members.length} members`
      events.push(event(isCalm ? 'group' : 'rebalance', id, `${then.state} → ${group.state}${members}`, group.state === 'Empty'))
    } else if (group.epoch !== then.epoch && then.epoch >= 0) events.push(event('rebalance', id, `epoch ${then.epoch} → ${group.epoch}`))
    else if (group.members !== null && then.members !== null && group.members.length !== then.members.length)
      events.push(event('rebalance', id, `${then.members.length} → ${group.members.length} members`))
  }
  for (const id of before.keys()) if (!now.has(id)) events.push(event('group', id, 'is gone', true))
  return events
}

function moveEvents(before: Sample, now: Sample, event: NewEvent): ClusterEvent[] {
  if (before.moves === null || now.moves === null) return []
  const keyOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}-${partition}`
  const then = new Set(before.moves.map(keyOf))
  const still = new Set(now.moves.map(keyOf))
  return [
    ...now.moves.filter((each) => !then.has(keyOf(each))).map((each) => event('move', keyOf(each), `to ${each.replicas.join(',')} began`)),
    ...before.moves.filter((each) => !still.has(keyOf(each))).map((each) => event('move', keyOf(each), 'is over')),
  ]
}
