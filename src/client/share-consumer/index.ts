/** share-consumer: a member of a share group (KIP-932). Sessions, deliveries and acknowledgements are cores; the consumer drives them. */
export type { AcknowledgementResult, AcknowledgeType } from './acknowledgement.ts'
export type { ShareChunk, SharedRecord } from './share-chunk.ts'
export { ShareConsumer, type ShareConsumerOptions } from './share-consumer.ts'
