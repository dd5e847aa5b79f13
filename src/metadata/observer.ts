import type { QuotaEntity } from './client-quotas.ts'
import type { ConfigResource } from './configs.ts'
import type { AclEntry } from './credentials.ts'
import type { PartitionRegistration } from './partition.ts'
import type { BrokerRegistration, ControllerRegistration } from './registration.ts'

/** A topic of the image. The object lives as long as the topic; its partitions are replaced, never changed. */
export interface TopicImage {
  readonly name: string
  readonly id: string
  readonly partitions: ReadonlyMap<number, PartitionRegistration>
}

/**
 * Told of every change of an image, after it took place, in the order of the records. A deletion of a topic tells of each of its
 * partitions first. Implementations must not touch the image.
 */
export interface ImageObserver {
  topicCreated?(topic: TopicImage): void
  topicDeleted?(topic: TopicImage): void
  partitionChanged?(
    topic: TopicImage,
    partitionId: number,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration | undefined,
  ): void
  brokerChanged?(id: number, before: BrokerRegistration | undefined, after: BrokerRegistration | undefined): void
  controllerChanged?(id: number, before: ControllerRegistration | undefined, after: ControllerRegistration | undefined): void
  /** Level 0: not finalized. */
  featureChanged?(name: string, before: number, after: number): void
  configChanged?(resource: ConfigResource): void
  clientQuotaChanged?(entity: QuotaEntity): void
  scramChanged?(mechanism: number, user: string): void
  aclChanged?(id: string, before: AclEntry | undefined, after: AclEntry | undefined): void
  delegationTokenChanged?(tokenId: string): void
  producerIdsChanged?(nextProducerId: number): void
}
