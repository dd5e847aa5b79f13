import type { ItemError, TopicPartition } from '../client/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'

/** The failure of one item as that of the whole, with its name where the broker sent a code alone. */
export const itemFailure = (item: string, { code, name, message }: ItemError): KafkaError =>
  new KafkaError(code, message === name ? `${item}: ${name}` : message)

export const unknownPartition = ({ topic, partition }: TopicPartition): ItemError => ({
  ...{ code: Errors.UNKNOWN_TOPIC_OR_PARTITION, name: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: false },
  message: `${topic} has no partition ${partition}`,
})

/** What made a whole request fail, as the failure of each of its items. @throws what is no failure of Kafka's */
export function errorOfAll(error: unknown): ItemError {
  if (!(error instanceof KafkaError)) throw error
  return { code: error.code, name: error.errorName, message: error.message, retriable: error.retriable }
}
