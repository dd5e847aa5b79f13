import { MetadataImage } from '../metadata/index.ts'
import { Histogram } from '../metrics/index.ts'
import { Server, type ServerConnection } from '../net/index.ts'
import { controllerHandlers } from './apis/index.ts'
import type { BrokerOptions } from './broker-options.ts'
import { ClusterJournal } from './cluster-journal.ts'
import { DirectoryLocks } from './directory-locks.ts'
import { Dispatcher } from './dispatch.ts'
import { connectionLimitsOf } from './dynamic-settings.ts'
import { FrameGate } from './frame-gate.ts'
import { listening } from './listening.ts'
import type { NodeSettings } from './node-settings.ts'
import { NodeStatus } from './node-status.ts'
import { QuorumNode } from './quorum-node.ts'
import { QuorumWatch } from './quorum-watch.ts'
import { TopicJournal } from './topic-journal.ts'

/** What every node stands on, in the order in which it is opened. */
export interface NodeGround {
  readonly options: BrokerOptions
  readonly locks: DirectoryLocks
  readonly status: NodeStatus | undefined
  readonly server: Server
  /** Of brokers' listeners; those of controllers serve already. */
  readonly frames: FrameGate
  readonly node: QuorumNode
  readonly quorumWatch: QuorumWatch
  /** Syncs of logs. */
  readonly flushMs: Histogram
}

/** `opened` closes what is open already when a step fails. */
export const openGround = async (options: BrokerOptions, opened: AsyncDisposableStack): Promise<NodeGround> => {
  const { host, config, settings, identity } = options
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
  const frames = new FrameGate()
  const controllerFrames = new FrameGate()
  const controllerListeners = new Set(settings.listeners.filter(({ isController }) => isController).map(({ name }) => name))
  const gateOf = ({ listener }: ServerConnection): FrameGate => (controllerListeners.has(listener.name) ? controllerFrames : frames)
  const server = await Server.open(host, {
    listeners: [],
    onFrame: (connection, frame, lease) => gateOf(connection).accept(connection, frame, lease),
    onClose: (connection) => gateOf(connection).closed(connection),
    frameBytesMax: config.get('socket.request.max.bytes'),
    idleMs: config.get('connections.max.idle.ms'),
    ...connectionLimitsOf(config, listenerNamesOf(settings), new MetadataImage()),
  })
  opened.defer(() => server.destroy())
  for (const listener of settings.listeners) await listening(listener, () => server.listen(listener))
  // The metadata log is one of the logs whose syncs are counted, as in Kafka; to the microsecond.
  const flushMs = new Histogram(1000)
  const node = await QuorumNode.open(options, flushMs)
  opened.defer(() => node.kill())
  const quorumWatch = new QuorumWatch(host, settings.nodeId, node.raft)
  opened.defer(() => quorumWatch.close())
  status?.watchQuorum(quorumWatch)
  const { localController } = node
  if (localController !== undefined) {
    const journal = host.journal.child('controller', { node: settings.nodeId })
    const isActive = (): boolean => localController.state !== undefined
    node.loader.subscribe(new TopicJournal(journal, isActive))
    node.loader.subscribe(new ClusterJournal(journal, isActive))
  }
  if (settings.roles.controller) controllerFrames.open(new Dispatcher(controllerHandlers, node, 'controller'))
  return { options, locks, status, server, frames, node, quorumWatch, flushMs }
}

const listenerNamesOf = ({ listeners }: NodeSettings): string[] => listeners.map(({ name }) => name)
