import type { ForeignClient, ReadRecord } from '../interop/foreign-client.ts'

export interface ObservedTopic {
  readonly id: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
  readonly start: Readonly<Record<string, number>>
  readonly end: Readonly<Record<string, number>>
  readonly records: readonly ReadRecord[]
}

export interface ObservedCluster {
  readonly topics: Readonly<Record<string, ObservedTopic>>
  /** Committed offsets by group. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly brokerConfigs: Readonly<Record<string, string>>
}

const inOrder = (a: ReadRecord, b: ReadRecord): number => a.partition - b.partition || a.offset - b.offset

/** When the cleaner runs is its own affair: only the last record of each key must be there. */
const latestOfKeys = (records: readonly ReadRecord[]): ReadRecord[] => {
  const latest = new Map(records.map((record) => [`${record.partition} ${record.key}`, record]))
  return [...latest.values()].filter(({ value }) => value !== null).sort(inOrder)
}

/** Everything that a client can know of a cluster. */
export const observe = async (client: ForeignClient): Promise<ObservedCluster> => {
  const topics: Record<string, ObservedTopic> = {}
  for (const topic of await client.ask('listTopics')) {
    if (topic.startsWith('__')) continue
    const { id, partitions } = await client.ask('describeTopic', { topic })
    const configs = await client.ask('describeConfigs', { topic })
    const { start, end } = await client.ask('listOffsets', { topic })
    const records = [...(await client.ask('read', { topic }))].sort(inOrder)
    const isCompacted = configs['cleanup.policy'] === 'compact'
    topics[topic] = { id: id!, partitions, configs, start, end, records: isCompacted ? latestOfKeys(records) : records }
  }
  const groups: Record<string, Readonly<Record<string, string>>> = {}
  for (const group of await client.ask('listGroups')) groups[group] = await client.ask('committed', { group })
  return { topics, groups, brokerConfigs: await client.ask('describeConfigs', { type: 'BROKER', name: '' }) }
}
