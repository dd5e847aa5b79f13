import type { Journal } from '../host/index.ts'
import {
  ConfigResourceTypes,
  type MetadataDelta,
  type MetadataImage,
  type MetadataSubscriber,
  type TopicChange,
} from '../metadata/index.ts'

/**
 * Tells the journal what becomes of topics, one line a topic. Of all nodes the active controller alone: it is the one that decided it.
 */
export class TopicJournal implements MetadataSubscriber {
  private readonly journal: Journal
  private readonly isActive: () => boolean

  constructor(journal: Journal, isActive: () => boolean) {
    this.journal = journal
    this.isActive = isActive
  }

  onMetadata(delta: MetadataDelta, image: MetadataImage): void {
    if (delta.isEmpty || !this.isActive()) return
    const settingsOf = (name: string): object => Object.fromEntries(image.configs.of(ConfigResourceTypes.TOPIC, name))
    for (const { name, id } of delta.topicsDeleted.values()) {
      this.journal.info('a topic is deleted', { topic: name, id, ...extentOf(delta.partitionsByTopic.get(id)) })
    }
    for (const { name, id } of delta.topicsCreated.values()) {
      const settings = settingsOf(name)
      this.journal.info('a topic is created', {
        ...{ topic: name, id, ...extentOf(delta.partitionsByTopic.get(id)) },
        ...(Object.keys(settings).length > 0 && { settings }),
      })
    }
    for (const [id, { topic, partitions }] of delta.partitionsByTopic) {
      if (delta.topicsCreated.has(id) || delta.topicsDeleted.has(id)) continue
      const added = [...partitions.values()].filter(({ before }) => before === undefined).length
      if (added > 0) this.journal.info('a topic has more partitions', { topic: topic.name, id, partitions: topic.partitions.size, added })
    }
    const told = new Set([...delta.topicsCreated.values(), ...delta.topicsDeleted.values()].map(({ name }) => name))
    for (const { type, name } of delta.configs) {
      const id = image.topic(name)?.id
      if (type !== ConfigResourceTypes.TOPIC || id === undefined || told.has(name)) continue
      this.journal.info('the settings of a topic are changed', { topic: name, id, settings: settingsOf(name) })
    }
  }
}

/** How many partitions came or went with a topic, and how many replicas the first of them has. */
const extentOf = (change: TopicChange | undefined): { partitions: number; replicationFactor: number } => {
  const changes = [...(change?.partitions.values() ?? [])]
  const first = changes[0]?.after ?? changes[0]?.before
  return { partitions: changes.length, replicationFactor: first?.replicas.length ?? 0 }
}
