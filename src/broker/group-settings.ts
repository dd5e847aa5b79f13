import type { BrokerConfig } from '../config/index.ts'
import type { GroupConfig } from '../coordinator/group/index.ts'

/** `partitionCount`: of __consumer_offsets when there is one. A group is found in it by that number, whatever the settings say by now. */
export const groupConfigOf = (config: BrokerConfig, partitionCount: number | undefined): GroupConfig => ({
  partitionCount: partitionCount ?? config.get('offsets.topic.num.partitions'),
  sessionTimeoutMinMs: config.get('group.min.session.timeout.ms'),
  sessionTimeoutMaxMs: config.get('group.max.session.timeout.ms'),
  initialRebalanceDelayMs: config.get('group.initial.rebalance.delay.ms'),
  groupSizeMax: config.get('group.max.size'),
  offsetMetadataMax: config.get('offset.metadata.max.bytes'),
  offsetsRetentionMs: config.get('offsets.retention.minutes') * 60_000,
  offsetsRetentionCheckIntervalMs: config.get('offsets.retention.check.interval.ms'),
  commitTimeoutMs: config.get('offsets.commit.timeout.ms'),
  compressionCodec: config.get('offsets.topic.compression.codec'),
  loadBytes: config.get('offsets.load.buffer.size'),
  appendLingerMs: config.get('group.coordinator.append.linger.ms'),
})
