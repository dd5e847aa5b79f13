import type { QuotaEntity } from './client-quotas.ts'
import { ConfigResourceTypes, NO_CONFIGS } from './configs.ts'
import {
  METADATA_VERSION,
  METADATA_VERSION_LATEST,
  supportsControllerRegistration,
  supportsDelegationTokens,
  supportsScram,
} from './features.ts'
import type { MetadataImage } from './image.ts'
import type { TopicImage } from './observer.ts'
import { type PartitionRegistration, partitionToRecord, type RecordOptions } from './partition.ts'
import { type MetadataRecord, metadataRecord } from './records.ts'
import { brokerToRecord, controllerToRecord } from './registration.ts'

export interface SnapshotOptions {
  /** Level to write for; the image's own when left out. */
  readonly metadataVersion?: number
  /** Told of what that level cannot express; throws when left out. */
  readonly onLoss?: (what: string) => void
}

const refuse = (what: string): void => {
  throw new Error(`metadata has been lost because the following could not be represented: ${what}`)
}

/** The records of a snapshot, in the order in which Kafka writes them. Replayed into an empty image they make the same image. */
export function* imageToRecords(
  image: MetadataImage,
  { metadataVersion, onLoss = refuse }: SnapshotOptions = {},
): Generator<MetadataRecord> {
  const level = metadataVersion ?? image.metadataVersion
  const options: RecordOptions = { metadataVersion: level, elrEnabled: image.isElrEnabled, onLoss }
  if (level > 0) yield featureRecord(METADATA_VERSION, level)
  for (const [name, featureLevel] of image.features) if (name !== METADATA_VERSION) yield featureRecord(name, featureLevel)
  for (const broker of image.brokers.values()) yield brokerToRecord(broker, options)
  if (supportsControllerRegistration(level)) for (const controller of image.controllers.values()) yield controllerToRecord(controller)
  else if (image.controllers.size > 0) onLoss('controller registration data')
  for (const topic of image.topicsById.values()) yield* topicToRecords(topic, options)
  for (const [{ type, name }, configs] of image.configs.entries())
    for (const [key, value] of configs) yield configRecord(type, name, key, value)
  for (const { entity, quotas } of image.clientQuotas.values())
    for (const [key, value] of quotas) yield clientQuotaRecord(entity, key, value)
  if (image.nextProducerId >= 0)
    yield metadataRecord('ProducerIdsRecord', 0, { brokerId: -1, brokerEpoch: -1, nextProducerId: image.nextProducerId })
  for (const acl of image.acls.values()) yield metadataRecord('AccessControlEntryRecord', 0, acl)
  if (supportsScram(level)) yield* scramToRecords(image)
  else if (image.scram.byMechanism.size > 0) onLoss('SCRAM credentials')
  if (supportsDelegationTokens(level)) {
    for (const token of image.delegationTokens.values()) yield metadataRecord('DelegationTokenRecord', 0, token)
  } else if (image.delegationTokens.size > 0) onLoss('delegation tokens')
}

export function* topicToRecords(topic: TopicImage, options: RecordOptions): Generator<MetadataRecord> {
  yield metadataRecord('TopicRecord', 0, { name: topic.name, topicId: topic.id })
  for (const [partitionId, partition] of topic.partitions) yield partitionToRecord(topic.id, partitionId, partition, options)
}
function* scramToRecords(image: MetadataImage): Generator<MetadataRecord> {
  for (const [mechanism, users] of image.scram.byMechanism)
    for (const [name, credential] of users)
      yield metadataRecord('UserScramCredentialRecord', 0, {
        name,
        mechanism,
        salt: credential.salt,
        storedKey: credential.storedKey,
        serverKey: credential.serverKey,
        iterations: credential.iterations,
      })
}

export const featureRecord = (name: string, featureLevel: number): MetadataRecord =>
  metadataRecord('FeatureLevelRecord', 0, { name, featureLevel })
export const configRecord = (resourceType: number, resourceName: string, name: string, value: string | null): MetadataRecord =>
  metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value })
/** A null value removes the quota. */
export const clientQuotaRecord = (entity: QuotaEntity, key: string, value: number | null): MetadataRecord =>
  metadataRecord('ClientQuotaRecord', 0, {
    entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
    key,
    value: value ?? 0,
    remove: value === null,
  })

/**
 * Records that turn one image into another; what lies between a node that fell behind and the snapshot it loads. Controllers that left
 * are not in it: no record says so.
 */
export function* differenceToRecords(from: MetadataImage, to: MetadataImage): Generator<MetadataRecord> {
  const options: RecordOptions = { metadataVersion: to.metadataVersion || METADATA_VERSION_LATEST, elrEnabled: true, onLoss: () => {} }
  for (const name of from.features.keys()) if (!to.features.has(name) && name !== METADATA_VERSION) yield featureRecord(name, 0)
  for (const [name, level] of to.features) if (from.features.get(name) !== level) yield featureRecord(name, level)
  for (const broker of from.brokers.values())
    if (!to.brokers.has(broker.id)) yield metadataRecord('UnregisterBrokerRecord', 0, { brokerId: broker.id, brokerEpoch: broker.epoch })
  for (const broker of to.brokers.values())
    if (!same(from.brokers.get(broker.id), { ...broker, recordOffset: from.brokers.get(broker.id)?.recordOffset ?? -1 }))
      yield brokerToRecord(broker, options)
  for (const controller of to.controllers.values())
    if (!same(from.controllers.get(controller.id), controller)) yield controllerToRecord(controller)
  const removed = topicsToRemove(from, to)
  for (const { id } of removed) yield metadataRecord('RemoveTopicRecord', 0, { topicId: id })
  yield* topicDifference(from, to, new Set(removed.map(({ id }) => id)), options)
  yield* configDifference(from, to, new Set(removed.map(({ name }) => name)))
  yield* quotaDifference(from, to)
  if (to.nextProducerId !== from.nextProducerId)
    yield metadataRecord('ProducerIdsRecord', 0, { brokerId: -1, brokerEpoch: -1, nextProducerId: to.nextProducerId })
  yield* credentialDifference(from, to)
}

const topicsToRemove = (from: MetadataImage, to: MetadataImage): TopicImage[] =>
  [...from.topicsById.values()].filter((topic) => !isGrownTopic(topic, to.topicsById.get(topic.id)))
/** A topic keeps its name and its partitions as long as it lives. */
const isGrownTopic = (before: TopicImage, after: TopicImage | undefined): boolean =>
  after?.name === before.name && [...before.partitions.keys()].every((partitionId) => after.partitions.has(partitionId))

function* topicDifference(
  from: MetadataImage,
  to: MetadataImage,
  removedIds: ReadonlySet<string>,
  options: RecordOptions,
): Generator<MetadataRecord> {
  for (const topic of to.topicsById.values()) {
    const known = removedIds.has(topic.id) ? undefined : from.topicsById.get(topic.id)
    if (known === undefined) yield* topicToRecords(topic, options)
    else
      for (const [partitionId, partition] of topic.partitions)
        if (!samePartition(known.partitions.get(partitionId), partition)) yield partitionToRecord(topic.id, partitionId, partition, options)
  }
}

/** A removed topic took its settings along: of one that was made again under its name every setting is told. */
function* configDifference(from: MetadataImage, to: MetadataImage, removedTopics: ReadonlySet<string>): Generator<MetadataRecord> {
  const wentAlong = (type: number, name: string) => type === ConfigResourceTypes.TOPIC && removedTopics.has(name)
  for (const [{ type, name }, configs] of from.configs.entries()) {
    if (wentAlong(type, name)) continue
    const next = to.configs.of(type, name)
    for (const key of [...configs.keys()]) if (!next.has(key)) yield configRecord(type, name, key, null)
  }
  for (const [{ type, name }, configs] of to.configs.entries()) {
    const known = wentAlong(type, name) ? NO_CONFIGS : from.configs.of(type, name)
    for (const [key, value] of configs) if (known.get(key) !== value) yield configRecord(type, name, key, value)
  }
}
function* quotaDifference(from: MetadataImage, to: MetadataImage): Generator<MetadataRecord> {
  for (const { entity, quotas } of from.clientQuotas.values()) {
    const next = to.clientQuotas.of(entity)
    for (const key of [...quotas.keys()]) if (!next.has(key)) yield clientQuotaRecord(entity, key, null)
  }
  for (const { entity, quotas } of to.clientQuotas.values()) {
    const known = from.clientQuotas.of(entity)
    for (const [key, value] of quotas) if (known.get(key) !== value) yield clientQuotaRecord(entity, key, value)
  }
}
function* credentialDifference(from: MetadataImage, to: MetadataImage): Generator<MetadataRecord> {
  for (const id of from.acls.keys()) if (!to.acls.has(id)) yield metadataRecord('RemoveAccessControlEntryRecord', 0, { id })
  for (const [id, acl] of to.acls) if (!same(from.acls.get(id), acl)) yield metadataRecord('AccessControlEntryRecord', 0, acl)
  for (const [mechanism, users] of from.scram.byMechanism)
    for (const name of users.keys())
      if (to.scram.get(mechanism, name) === undefined) yield metadataRecord('RemoveUserScramCredentialRecord', 0, { name, mechanism })
  yield* scramToRecords(to)
  for (const tokenId of from.delegationTokens.keys())
    if (!to.delegationTokens.has(tokenId)) yield metadataRecord('RemoveDelegationTokenRecord', 0, { tokenId })
  for (const [tokenId, token] of to.delegationTokens)
    if (!same(from.delegationTokens.get(tokenId), token)) yield metadataRecord('DelegationTokenRecord', 0, token)
}

/** Deep equality of plain values. */
const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = a instanceof Map && b instanceof Map ? [Object.fromEntries(a), Object.fromEntries(b)] : [a, b]
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => same((left as never)[key], (right as never)[key]))
}
const samePartition = (a: PartitionRegistration | undefined, b: PartitionRegistration): boolean => same(a, b)
