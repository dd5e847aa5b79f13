import type { Admin, ItemResult, TopicDescription, TopicPartition } from '../../client/index.ts'
import { answered } from '../java/client-failure.ts'
import { illegalArgument } from '../java/exception.ts'

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** `topic:0,1,2`. @throws JavaException */
export function parseTopicPartitions(argument: string): TopicPartition[] {
  const parts = argument.split(':')
  while (parts.at(-1) === '') parts.pop()
  const [topic, partitions] = parts
  if (parts.length !== 2 || topic === undefined || partitions === undefined)
    throw illegalArgument(`Invalid topic arg '${argument}', expected topic name and partitions`)
  return partitions.split(',').map((partition) => {
    if (!/^[+-]?\d+$/.test(partition)) throw illegalArgument(`Invalid partition '${partition}' specified in topic arg '${argument}''`)
    return { topic, partition: Number(partition) }
  })
}

export const describeTopicsOf = (
  admin: Admin,
  topics: readonly string[],
  timeoutMs?: number,
): Promise<ItemResult<string, TopicDescription>[]> =>
  answered('describeTopicPartitions', admin.describeTopics(topics, timeoutMs === undefined ? {} : { timeoutMs }))
