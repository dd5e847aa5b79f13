import { assert } from '../base/index.ts'
import { Controller, defaultControllerTiming } from '../controller/index.ts'
import { bootstrapRecords, MetadataLoader, type MetadataRecord, newClusterFeatureLevels, supportedFeatures } from '../metadata/index.ts'
import type { Histogram } from '../metrics/index.ts'
import { openPartitionMetadataLog, openRaft, type RaftDriver, VoterSet } from '../raft/index.ts'
import type { BrokerOptions, CurrentConfig } from './broker-options.ts'
import { configRules } from './config-rules.ts'
import { LocalController } from './controller-client.ts'
import type { NodeSettings } from './node-settings.ts'

/** This node's part in the metadata quorum: raft, the metadata that it commits, and the controller that writes it. */
export interface MetadataQuorum {
  readonly raft: RaftDriver
  readonly loader: MetadataLoader
  readonly localController: Controller
  readonly controller: LocalController
}

/** Resolves when the metadata is caught up. `opened` closes what is open already. */
export const openMetadataQuorum = async (
  options: BrokerOptions,
  current: CurrentConfig,
  flushMs: Histogram,
  opened: AsyncDisposableStack,
): Promise<MetadataQuorum> => {
  const { host, config, settings, identity } = options
  const raft = await openRaft({
    host,
    logDirectory: settings.metadataLogDir,
    nodeId: settings.nodeId,
    directoryId: identity.directoryIds.get(settings.metadataLogDir)!,
    staticVoters: staticVotersOf(settings),
    endpoints: settings.listeners.filter(({ isController }) => isController).map(({ advertised }) => advertised),
    settings: {
      electionTimeoutMs: config.get('controller.quorum.election.timeout.ms'),
      fetchTimeoutMs: config.get('controller.quorum.fetch.timeout.ms'),
      maxBytesBetween: config.get('metadata.log.max.record.bytes.between.snapshots'),
      maxIntervalMs: config.get('metadata.log.max.snapshot.interval.ms'),
      retentionBytes: config.get('metadata.max.retention.bytes'),
      retentionMs: config.get('metadata.max.retention.ms'),
    },
    openLog: (directory, recoveryPoint) =>
      openPartitionMetadataLog(
        host,
        directory,
        recoveryPoint,
        { segmentBytes: config.get('metadata.log.segment.bytes'), segmentMs: config.get('metadata.log.segment.ms') },
        flushMs,
      ),
  })
  opened.defer(() => raft.close())
  const loader = new MetadataLoader(raft, host.journal.child('metadata', { node: settings.nodeId }))
  const localController = new Controller({
    host,
    quorum: raft,
    loader,
    settings: {
      clusterId: identity.clusterId,
      nodeId: settings.nodeId,
      supportedFeatures,
      bootstrapRecords: identity.bootstrap ?? ownBootstrap(),
      defaultReplicationFactor: config.get('default.replication.factor'),
      defaultPartitionCount: config.get('num.partitions'),
      sessionTimeoutMs: config.get('broker.session.timeout.ms'),
      deleteTopicEnable: config.get('delete.topic.enable'),
      staticConfig: config.layers.file,
      configRules: configRules(() => current.config),
    },
    timing: {
      ...defaultControllerTiming,
      idleIntervalMs: config.get('metadata.max.idle.interval.ms') || undefined,
      imbalanceCheckIntervalMs: config.get('auto.leader.rebalance.enable')
        ? config.get('leader.imbalance.check.interval.seconds') * 1000
        : undefined,
    },
  })
  opened.defer(() => localController.close())
  const caughtUp = metadataCaughtUp(loader)
  raft.register(loader)
  const controller = new LocalController(localController, () => raft.leaderAndEpoch.leaderId, host.clock, config.get('request.timeout.ms'))
  await caughtUp
  return { raft, loader, localController, controller }
}

/** A directory without bootstrap.checkpoint starts at the levels of this build. */
const ownBootstrap = (): MetadataRecord[] => {
  const levels = newClusterFeatureLevels()
  assert(typeof levels !== 'string', 'the levels of this build agree with each other')
  return bootstrapRecords(levels)
}

/** Resolves when the controller of a new leader has written what starts its term, and this node has read it. */
const metadataCaughtUp = (loader: MetadataLoader): Promise<void> =>
  new Promise((resolve, reject) => {
    const unsubscribe = loader.subscribe({
      onMetadata: (_delta, image) => {
        if (image.metadataVersion === 0 || image.transactionStartOffset >= 0 || !led) return
        unsubscribe()
        resolve()
      },
      onLeaderChange: ({ leaderId }) => {
        led = leaderId !== undefined
      },
      onFatal: reject,
    })
    let led = false
  })

const staticVotersOf = ({ voters, listeners }: NodeSettings): VoterSet => {
  const name = listeners.find(({ isController }) => isController)?.name ?? 'CONTROLLER'
  return new VoterSet(
    voters.map(({ id, host, port }) => ({
      id,
      directoryId: undefined,
      endpoints: [{ name, host, port }],
      kraftVersionMin: 0,
      kraftVersionMax: 0,
    })),
  )
}
