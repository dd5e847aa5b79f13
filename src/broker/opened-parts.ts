import { LogDirectories, type LogDirectory } from '../log/index.ts'
import { ConfigResourceTypes, directoryOf } from '../metadata/index.ts'
import { Histogram } from '../metrics/index.ts'
import { Server } from '../net/index.ts'
import type { BrokerOptions, CurrentConfig } from './broker-options.ts'
import { DirectoryLocks } from './directory-locks.ts'
import { connectionLimitsOf } from './dynamic-settings.ts'
import { FrameGate } from './frame-gate.ts'
import { listening } from './listening.ts'
import { logConfigOf, logRoomConfigOf } from './log-settings.ts'
import { type MetadataQuorum, openMetadataQuorum } from './metadata-quorum.ts'
import type { NodeSettings } from './node-settings.ts'
import { NodeStatus } from './node-status.ts'

/** What a broker stands on, in the order in which it is opened. */
export interface OpenedParts extends MetadataQuorum {
  readonly options: BrokerOptions
  readonly current: CurrentConfig
  readonly locks: DirectoryLocks
  readonly status: NodeStatus | undefined
  readonly logs: LogDirectories
  readonly server: Server
  readonly frames: FrameGate
  readonly directoryFailed: { callback: ((directory: LogDirectory) => void) | undefined }
}

/** `opened` closes what is open already when a step fails. */
export const openParts = async (options: BrokerOptions, opened: AsyncDisposableStack): Promise<OpenedParts> => {
  const { host, config, settings, identity } = options
  const current: CurrentConfig = { config }
  const locks = await DirectoryLocks.take(host.disk, new Set([...settings.logDirs, settings.metadataLogDir]))
  opened.defer(() => locks.release())
  const status = await NodeStatus.open({
    host,
    config,
    listenerNames: listenerNamesOf(settings),
    version: options.version,
  })
  opened.defer(() => status?.close())
  await options.onOpening?.({ settings, clusterId: identity.clusterId, status: status?.address })
  // The metadata log is one of the logs whose syncs are counted, as in Kafka; to the microsecond.
  const flushMs = new Histogram(1000)
  const quorum = await openMetadataQuorum(options, current, flushMs, opened)
  const directoryFailed: OpenedParts['directoryFailed'] = { callback: undefined }
  const { image } = quorum.loader
  const logs = await LogDirectories.open(
    { ...host, disk: locks.diskWithin(host.disk) },
    {
      paths: settings.logDirs,
      configFor: (topic) => logConfigOf(image.configs.of(ConfigResourceTypes.TOPIC, topic), current.config),
      room: logRoomConfigOf(config),
      flushMs,
      isStray: (log) => {
        const topic = log.topicId === undefined ? image.topic(log.topic) : image.topicById(log.topicId)
        return !(topic?.partitions.get(log.partition)?.replicas.includes(settings.nodeId) ?? false)
      },
      assigned: (log) => {
        const topic = log.topicId === undefined ? image.topic(log.topic) : image.topicById(log.topicId)
        const registration = topic?.partitions.get(log.partition)
        if (registration === undefined || !registration.replicas.includes(settings.nodeId)) return undefined
        const directoryId = directoryOf(registration, settings.nodeId)
        return settings.logDirs.find((path) => identity.directoryIds.get(path) === directoryId)
      },
      directoryFailed: (directory) => directoryFailed.callback?.(directory),
    },
  )
  opened.defer(() => logs.abandon())
  const frames = new FrameGate()
  const server = await Server.open(host, {
    listeners: [],
    onFrame: (connection, frame, lease) => frames.accept(connection, frame, lease),
    onClose: (connection) => frames.closed(connection),
    frameBytesMax: config.get('socket.request.max.bytes'),
    idleMs: config.get('connections.max.idle.ms'),
    ...connectionLimitsOf(config, listenerNamesOf(settings), image),
  })
  opened.defer(() => server.destroy())
  for (const listener of settings.listeners) await listening(listener, () => server.listen(listener))
  return { options, current, locks, status, ...quorum, logs, server, frames, directoryFailed }
}

const listenerNamesOf = ({ listeners }: NodeSettings): string[] => listeners.map(({ name }) => name)
