import { Apis, type ErrorCode, Errors, type MessageInput } from '../../protocol/index.ts'
import { AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse } from '../../protocol/messages/alter-replica-log-dirs.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type TopicResult = NonNullable<MessageInput<typeof AlterReplicaLogDirsResponse>['results']>[number]

/** What a file name may have, without what the name of a copy has besides topic and partition (KAFKA-4893). */
const NAME_BYTES_MAX = 255 - '.'.length - 32 - '-future'.length - '-'.length

/** AlterReplicaLogDirs (KIP-113): moves replicas to other log directories of this broker. The answer says that moves have begun. */
export const alterReplicaLogDirs = apiHandler({
  api: Apis.AlterReplicaLogDirs,
  request: AlterReplicaLogDirsRequest,
  response: AlterReplicaLogDirsResponse,
  handle: async ({ dirs }, _context, broker) => {
    const directories = new Map<string, Map<number, string>>()
    for (const { path, topics } of dirs) {
      for (const { name, partitions } of topics) {
        let ofTopic = directories.get(name)
        if (ofTopic === undefined) directories.set(name, (ofTopic = new Map()))
        for (const index of partitions) ofTopic.set(index, path)
      }
    }
    const results: TopicResult[] = []
    for (const [topicName, ofTopic] of directories) {
      const partitions = await Promise.all(
        [...ofTopic].map(async ([partitionIndex, path]) => ({
          partitionIndex,
          errorCode: await move(topicName, partitionIndex, path, broker),
        })),
      )
      results.push({ topicName, partitions })
    }
    return { results }
  },
  refuse: (errorCode, _message, { dirs }) => ({
    results: dirs.flatMap(({ topics }) =>
      topics.map(({ name, partitions }) => ({
        topicName: name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    ),
  }),
})

const move = async (topic: string, index: number, path: string, broker: BrokerParts): Promise<ErrorCode> => {
  const { logs, partitions, image, config, mover } = broker
  if (topic.length + String(index).length > NAME_BYTES_MAX) return Errors.INVALID_TOPIC_EXCEPTION
  const directory = logs.directories.find((each) => each.path === path)
  if (directory === undefined) return Errors.LOG_DIR_NOT_FOUND
  if (!directory.online) return Errors.KAFKA_STORAGE_ERROR
  if (config.get('cordoned.log.dirs').includes(path)) return Errors.INVALID_REPLICA_ASSIGNMENT
  const partition = partitions.findByName(topic, index)
  if (partition !== undefined) return mover.move(partition, path)
  const known = image.topic(topic)
  const missing = known === undefined ? Errors.UNKNOWN_TOPIC_OR_PARTITION : partitions.missing(known.id, index)
  if (missing === Errors.KAFKA_STORAGE_ERROR) return missing
  // A reassignment says where before it says what: the replica is made there when it comes.
  partitions.prefer(topic, index, path)
  return missing === Errors.NOT_LEADER_OR_FOLLOWER ? Errors.REPLICA_NOT_AVAILABLE : missing
}
