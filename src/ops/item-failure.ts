import type { ItemError } from '../client/index.ts'
import { KafkaError } from '../protocol/index.ts'

/** The failure of one item as that of the whole, with its name where the broker sent a code alone. */
export const itemFailure = (item: string, { code, name, message }: ItemError): KafkaError =>
  new KafkaError(code, message === name ? `${item}: ${name}` : message)
