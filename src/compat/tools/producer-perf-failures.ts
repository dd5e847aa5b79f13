import { type ClientError, producerSettings, resolveSettings } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import type { Properties } from '../admin-session.ts'
import { exceptionOf, timeoutException } from '../java/client-failure.ts'
import { JavaException, namedException } from '../java/exception.ts'

/** What a record was to go through when it failed. */
export type FailedAt = 'metadata' | 'room' | 'delivery'

const gaps = /^(\S+-\d+): not delivered within (\d+) ms/
const large = /^a record of (?:about )?(\d+) bytes is larger than (max\.request\.size|buffer\.memory)=(\d+)/

/** How Java's producer says of single records that they were not sent. */
export class ProducerFailures {
  readonly #topic: string
  readonly #settings: ReturnType<typeof resolveSettings<typeof producerSettings>>['settings']

  /** @throws KafkaError INVALID_CONFIG */
  constructor(topic: string, properties: Properties) {
    this.#topic = topic
    this.#settings = resolveSettings(producerSettings, properties).settings
  }

  get maxBlockMs(): number {
    return this.#settings['max.block.ms']
  }

  /** `count`: of the batch. `valueBytes`: of the record, where it is one. */
  exception({ code, message }: ClientError, at: FailedAt, count = 1, valueBytes = 0): JavaException {
    const tooLarge = large.exec(message)
    if (tooLarge !== null) return tooLargeException(tooLarge, valueBytes)
    const isLate = code === Errors.REQUEST_TIMED_OUT || code === Errors.NETWORK_EXCEPTION
    if (at === 'metadata' && (isLate || code === Errors.UNKNOWN_TOPIC_OR_PARTITION))
      return timeoutException(`Topic ${this.#topic} not present in metadata after ${this.maxBlockMs} ms.`)
    if (at === 'room' && isLate) return this.#noRoom()
    const expired = gaps.exec(message)
    if (expired === null) return exceptionOf(code, message.replace(/^[\w.-]+-\d+: /, ''))
    return timeoutException(
      `Expiring ${count} record(s) for ${expired[1]}:${expired[2]} ms has passed since batch creation. The request has not been sent, or no server response has been received yet.`,
    )
  }

  #noRoom(): JavaException {
    const { 'batch.size': batchSize, 'buffer.memory': memory } = this.#settings
    const text = `Failed to allocate ${batchSize} bytes within the configured max blocking time ${this.maxBlockMs} ms. Total memory: ${memory} bytes. Available memory: 0 bytes. Poolable size: ${batchSize} bytes`
    return new JavaException('org.apache.kafka.clients.producer.BufferExhaustedException', text)
  }

  /** A producer that can send nothing any more. */
  stopped({ code }: ClientError): JavaException {
    return new JavaException('org.apache.kafka.common.KafkaException', inError, { causedBy: exceptionOf(code, null) })
  }

  /** A transaction that cannot be begun, gone on with or ended; `cause`: what it was lost with. */
  transactionException(error: ClientError, waitedFor: 'InitProducerId' | 'EndTxn(true)'): JavaException {
    const { code, message, cause } = error
    if (code === Errors.REQUEST_TIMED_OUT && / did not end within /.test(message)) {
      const what = waitedFor === 'InitProducerId' ? initLate : commitLate
      return timeoutException(`Timeout expired after ${this.maxBlockMs}ms while awaiting ${waitedFor}. ${what}`)
    }
    if (!message.startsWith('the transaction can only be aborted: ')) return exceptionOf(code, null)
    const failure = cause as ClientError
    const lost = failure.cause as ClientError | undefined
    const why = this.exception(lost ?? failure, 'delivery')
    const isSpent = failure.code === Errors.TRANSACTION_ABORTABLE && lost !== undefined && lost.code !== failure.code
    const causedBy = isSpent ? namedException('TransactionAbortableException', spent, why) : why
    return new JavaException('org.apache.kafka.common.KafkaException', inError, { causedBy })
  }
}

const inError = 'Cannot execute transactional method because we are in an error state'
const spent = 'Transaction Request was aborted after exhausting retries.'
const initLate =
  'InitTransactions timed out - did not complete coordinator discovery or receive the InitProducerId response within max.block.ms.'
const commitLate = 'CommitTransaction timed out - did not complete EndTxn with the transaction coordinator within max.block.ms'

/** Java's bound on a record without a key: a batch of its own, and the largest overhead. */
const sizeInJava = (valueBytes: number): number => {
  const lengthBytes = Math.ceil((32 - Math.clz32(valueBytes * 2)) / 7)
  return 61 + 21 + 1 + lengthBytes + valueBytes + 1
}

const tooLargeException = ([, , key, limit]: RegExpExecArray, valueBytes: number): JavaException => {
  const than = key === 'buffer.memory' ? 'the total memory buffer you have configured with the' : `${limit}, which is the value of the`
  const text = `The message is ${sizeInJava(valueBytes)} bytes when serialized which is larger than ${than} ${key} configuration.`
  return namedException('RecordTooLargeException', text)
}
