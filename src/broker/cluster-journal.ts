import type { Journal } from '../host/index.ts'
import {
  type BrokerRegistration,
  type Change,
  type MetadataDelta,
  type MetadataSubscriber,
  NO_LEADER,
  type PartitionRegistration,
} from '../metadata/index.ts'

const EXAMPLES_MAX = 3

type Health = 'leaderless' | 'under-replicated' | 'whole'

/**
 * Tells the journal what becomes of brokers, one line each, and of the health of partitions, one line for all that a change hits. Of all
 * nodes the active controller alone: it is the one that decided it.
 */
export class ClusterJournal implements MetadataSubscriber {
  private readonly journal: Journal
  private readonly isActive: () => boolean

  constructor(journal: Journal, isActive: () => boolean) {
    this.journal = journal
    this.isActive = isActive
  }

  onMetadata(delta: MetadataDelta): void {
    if (delta.isEmpty || !this.isActive()) return
    for (const [broker, change] of delta.brokers) this.tellBroker(broker, change)
    this.tellPartitions(delta)
  }

  private tellBroker(broker: number, { before, after }: Change<BrokerRegistration>): void {
    const { journal } = this
    if (after === undefined) return journal.info('a broker is unregistered', { broker })
    const isNew = before?.incarnationId !== after.incarnationId
    if (isNew) journal.info('a broker is registered', { broker, epoch: after.epoch, fenced: after.fenced })
    const isLeaving = !isNew && before.inControlledShutdown
    if (after.inControlledShutdown && !isLeaving) journal.info('a broker is in controlled shutdown', { broker })
    const wasFenced = isNew || before.fenced
    if (!after.fenced && wasFenced) journal.info('a broker is unfenced', { broker })
    if (!after.fenced || wasFenced) return
    if (after.inControlledShutdown) journal.info('a broker is fenced: it may stop', { broker })
    else journal.warn('a broker is fenced: it leads nothing until it is unfenced', { broker })
  }

  private tellPartitions(delta: MetadataDelta): void {
    const told = new Map<string, { readonly isGood: boolean; count: number; readonly examples: string[] }>()
    for (const { topic, partitions } of delta.partitionsByTopic.values())
      for (const [index, { before, after }] of partitions) {
        if (before === undefined || after === undefined) continue
        const [from, to] = [healthOf(before), healthOf(after)]
        if (from === to) continue
        const message = newsOf(from, to)
        const news = told.get(message) ?? { isGood: from === 'leaderless' || to === 'whole', count: 0, examples: [] }
        if (++news.count <= EXAMPLES_MAX) news.examples.push(`${topic.name}-${index}`)
        told.set(message, news)
      }
    for (const [message, { isGood, count, examples }] of told) {
      const fields = { count, examples: `${examples.join(', ')}${count > EXAMPLES_MAX ? ', …' : ''}` }
      if (isGood) this.journal.info(message, fields)
      else this.journal.warn(message, fields)
    }
  }
}

/** A replica that a reassignment adds is still to come: it is not missed. */
const healthOf = ({ leader, replicas, addingReplicas, isr }: PartitionRegistration): Health => {
  if (leader === NO_LEADER) return 'leaderless'
  return replicas.every((id) => isr.includes(id) || addingReplicas.includes(id)) ? 'whole' : 'under-replicated'
}

const newsOf = (from: Health, to: Health): string => {
  if (from === 'leaderless') return 'partitions have a leader again'
  const words: Readonly<Record<Health, string>> = {
    leaderless: 'partitions are without a leader',
    'under-replicated': 'partitions are under-replicated',
    whole: 'partitions are fully replicated again',
  }
  return words[to]
}
