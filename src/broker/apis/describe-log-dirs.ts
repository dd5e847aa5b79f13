import type { LogDirectory, PartitionLog } from '../../log/index.ts'
import { supportsCordonedLogDirs } from '../../metadata/index.ts'
import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/messages/describe-log-dirs.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type Result = NonNullable<MessageInput<typeof DescribeLogDirsResponse>['results']>[number]

const wanted = (request: Message<typeof DescribeLogDirsRequest>): ((log: PartitionLog) => boolean) => {
  if (request.topics === null) return () => true
  const partitions = new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
  return (log) => partitions.get(log.topic)?.has(log.partition) ?? false
}

const describe = async (directory: LogDirectory, isWanted: (log: PartitionLog) => boolean, broker: BrokerParts): Promise<Result> => {
  if (!directory.online) return { logDir: directory.path, errorCode: Errors.KAFKA_STORAGE_ERROR }
  const topics = new Map<
    string,
    { name: string; partitions: { partitionIndex: number; partitionSize: number; offsetLag: number; isFutureKey: boolean }[] }
  >()
  for (const log of directory.logs) {
    if (!isWanted(log)) continue
    // One whose place another has taken, or that is being deleted, may lie there for a moment.
    if (!log.isFuture && broker.logs.get(log.topic, log.partition) !== log) continue
    let topic = topics.get(log.topic)
    if (topic === undefined) topics.set(log.topic, (topic = { name: log.topic, partitions: [] }))
    const current = log.isFuture ? broker.logs.get(log.topic, log.partition) : undefined
    const offsetLag = log.isFuture
      ? current === undefined
        ? -1
        : current.logEndOffset - log.logEndOffset
      : Math.max(log.highWatermark - log.logEndOffset, 0)
    topic.partitions.push({ partitionIndex: log.partition, partitionSize: log.bytes, offsetLag, isFutureKey: log.isFuture })
  }
  const space = await broker.host.disk.space(directory.path).catch(() => undefined)
  return {
    logDir: directory.path,
    errorCode: Errors.NONE,
    topics: [...topics.values()],
    totalBytes: space?.totalBytes ?? -1,
    usableBytes: space?.usableBytes ?? -1,
    isCordoned: supportsCordonedLogDirs(broker.image.metadataVersion) && broker.logs.cordoned.has(directory.path),
  }
}

/** DescribeLogDirs (KIP-113, 827): what lies in each log directory, and how much room there is. */
export const describeLogDirs = apiHandler({
  api: Apis.DescribeLogDirs,
  request: DescribeLogDirsRequest,
  response: DescribeLogDirsResponse,
  handle: async (request, _context, broker) => ({
    results: await Promise.all(broker.logs.directories.map((directory) => describe(directory, wanted(request), broker))),
  }),
  refuse: (errorCode, _message, _request, { version }) => (version >= 3 ? { errorCode } : {}),
})
