import { LogDirectories, type LogDirectory } from '../log/index.ts'
import { ConfigResourceTypes, directoryOf } from '../metadata/index.ts'
import { type BrokerOptions, directoryPathOf } from './broker-options.ts'
import { logConfigOf, logRoomConfigOf } from './log-settings.ts'
import { type NodeGround, openGround } from './node-ground.ts'

/** What a broker stands on, in the order in which it is opened. */
export interface OpenedParts extends NodeGround {
  readonly logs: LogDirectories
  readonly directoryFailed: { callback: ((directory: LogDirectory) => void) | undefined }
}

/** `opened` closes what is open already when a step fails. */
export const openParts = async (options: BrokerOptions, opened: AsyncDisposableStack): Promise<OpenedParts> => {
  const { host, config, settings } = options
  const ground = await openGround(options, opened)
  const { node } = ground
  await node.caughtUp()
  const directoryFailed: OpenedParts['directoryFailed'] = { callback: undefined }
  const { image } = node.loader
  const logs = await LogDirectories.open(
    { ...host, disk: ground.locks.diskWithin(host.disk) },
    {
      paths: settings.logDirs,
      configFor: (topic) => logConfigOf(image.configs.of(ConfigResourceTypes.TOPIC, topic), node.config),
      room: logRoomConfigOf(config),
      flushMs: ground.flushMs,
      assigned: (log) => {
        const topic = log.topicId === undefined ? undefined : image.topicById(log.topicId)
        const registration = topic?.partitions.get(log.partition)
        if (registration === undefined || !registration.replicas.includes(settings.nodeId)) return undefined
        return directoryPathOf(options, directoryOf(registration, settings.nodeId))
      },
      directoryFailed: (directory) => directoryFailed.callback?.(directory),
    },
  )
  opened.defer(() => logs.abandon())
  return { ...ground, logs, directoryFailed }
}
