import { assert } from '../base/index.ts'
import { type MetadataMessage, type MetadataRecord, metadataRecord, NO_LEADER } from '../metadata/index.ts'
import { changePartition } from './partition-change.ts'
import type { ControllerState } from './state.ts'

interface BrokerUpdate {
  /** Leaves ISRs and leaderships. */
  readonly remove?: number
  /** May lead, though the image does not say so yet. */
  readonly add?: number
  /** As `remove`, and is not eligible either. */
  readonly uncleanShutdown?: number
}

/** Leaders and ISRs of partitions after something happened to a broker. */
export const leaderAndIsrUpdates = (
  state: ControllerState,
  partitions: Iterable<readonly [topicId: string, partitionId: number]>,
  { remove = NO_LEADER, add = NO_LEADER, uncleanShutdown = NO_LEADER }: BrokerUpdate,
): MetadataRecord[] => {
  const records: MetadataRecord[] = []
  const isAcceptableLeader = (id: number): boolean => id !== remove && id !== uncleanShutdown && (id === add || state.isActive(id))
  for (const [topicId, partitionId] of partitions) {
    const topic = state.image.topicById(topicId)
    const partition = topic?.partitions.get(partitionId)
    assert(topic !== undefined && partition !== undefined, 'the index knows only partitions that exist')
    const record = changePartition(state, topic, partitionId, partition, {
      isr: partition.isr.filter((id) => id !== remove && id !== uncleanShutdown),
      election: state.allowsUncleanElection(topic.name) ? 'unclean' : 'online',
      uncleanShutdownReplicas: uncleanShutdown === NO_LEADER ? [] : [uncleanShutdown],
      isAcceptableLeader,
    })
    if (record !== undefined) records.push(record)
  }
  return records
}

const registrationChange = (
  state: ControllerState,
  brokerId: number,
  version: number,
  change: Partial<Omit<MetadataMessage<'BrokerRegistrationChangeRecord'>, 'brokerId' | 'brokerEpoch'>>,
): MetadataRecord =>
  metadataRecord('BrokerRegistrationChangeRecord', version, { brokerId, brokerEpoch: state.image.brokerEpoch(brokerId), ...change })

const FENCE = 1
const UNFENCE = -1

/** First it loses its leaderships, then it is fenced. */
export const fenceBroker = (state: ControllerState, brokerId: number): MetadataRecord[] => [
  ...leaderAndIsrUpdates(state, state.index.withBrokerInIsr(brokerId), { remove: brokerId }),
  registrationChange(state, brokerId, 0, { fenced: FENCE }),
]

/** First it is unfenced, then it may lead what has no leader. */
export const unfenceBroker = (state: ControllerState, brokerId: number): MetadataRecord[] => [
  registrationChange(state, brokerId, 0, { fenced: UNFENCE }),
  ...leaderAndIsrUpdates(state, state.index.leaderless, { add: brokerId }),
]

export const beginControlledShutdown = (state: ControllerState, brokerId: number): MetadataRecord[] => [
  ...(state.image.brokers.get(brokerId)?.inControlledShutdown ? [] : [registrationChange(state, brokerId, 1, { inControlledShutdown: 1 })]),
  ...leaderAndIsrUpdates(state, state.index.withBrokerInIsr(brokerId), { remove: brokerId }),
]

export const unregisterBrokerRecords = (state: ControllerState, brokerId: number): MetadataRecord[] => [
  ...leaderAndIsrUpdates(state, state.index.withBrokerInIsr(brokerId), { remove: brokerId }),
  ...leaderAndIsrUpdates(state, state.index.withBrokerInElr(brokerId), { remove: brokerId }),
  metadataRecord('UnregisterBrokerRecord', 0, { brokerId, brokerEpoch: state.image.brokerEpoch(brokerId) }),
]

/** What an earlier life of a broker leaves behind. Only a clean end keeps its replicas eligible. */
export const brokerShutdownRecords = (state: ControllerState, brokerId: number, isClean: boolean): MetadataRecord[] => {
  if (!state.image.isElrEnabled || isClean) return leaderAndIsrUpdates(state, state.index.withBrokerInIsr(brokerId), { remove: brokerId })
  return [
    ...leaderAndIsrUpdates(state, state.index.withBrokerInIsr(brokerId), { uncleanShutdown: brokerId }),
    ...leaderAndIsrUpdates(state, state.index.withBrokerInElr(brokerId), { uncleanShutdown: brokerId }),
  ]
}

/** Directories that a broker reports offline and that were online until now. */
export const offlineDirectoryRecords = (state: ControllerState, brokerId: number, offline: readonly string[]): MetadataRecord[] => {
  const known = state.image.brokers.get(brokerId)?.directories ?? []
  const lost = known.filter((id) => offline.includes(id))
  if (lost.length === 0) return []
  return [
    ...lost.flatMap((id) => leaderAndIsrUpdates(state, state.index.inDirectory(id), { remove: brokerId })),
    registrationChange(state, brokerId, 2, { logDirs: known.filter((id) => !offline.includes(id)) }),
  ]
}

/** `cordoned` is null until the broker has read its own settings. */
export const cordonedDirectoryRecords = (
  state: ControllerState,
  brokerId: number,
  cordoned: readonly string[] | null,
): MetadataRecord[] => {
  if (cordoned === null) return []
  const known = state.image.brokers.get(brokerId)?.cordonedDirectories ?? null
  if (known !== null && new Set(known).symmetricDifference(new Set(cordoned)).size === 0) return []
  return [registrationChange(state, brokerId, 3, { cordonedLogDirs: [...cordoned] })]
}
