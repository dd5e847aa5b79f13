import { Apis, Errors } from '../../protocol/index.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/messages/init-producer-id.ts'
import { call } from '../call.ts'
import { ClientError, throwIfError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { retrying } from '../retry.ts'

const initProducerIdCall = call(Apis.InitProducerId, InitProducerIdRequest, InitProducerIdResponse)
const epochMax = 32_767

/** Who a producer is to the brokers: the id and epoch in its batches. The idempotent producer has the one below, a transactional one `Transactions`. */
export interface ProducerIdentity {
  /** -1: none yet. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly transactionalId: string | null
  /** Why the last attempt to get an id came to nothing; undefined: it did not, or there was none. */
  readonly problem: ClientError | undefined
}

export class IdempotentIdentity implements ProducerIdentity {
  readonly transactionalId = null
  producerId = -1
  producerEpoch = -1
  problem: ClientError | undefined
  #cluster: Cluster
  #timeoutMs: number

  constructor(cluster: Cluster, timeoutMs: number) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
  }

  /** Gets an id when there is none. Rejects with a ClientError when the producer cannot go on. */
  async acquire(): Promise<void> {
    const answer = await retrying(this.#cluster, 'InitProducerId', { timeoutMs: this.#timeoutMs }, async () => {
      try {
        const said = await this.#cluster.sendAny(initProducerIdCall, { transactionalId: null, transactionTimeoutMs: 0x7fffffff })
        throwIfError(said.errorCode, null, 'the cluster gave none')
        this.problem = undefined
        return said
      } catch (error) {
        if (error instanceof ClientError) this.problem = error
        throw error
      }
    })
    if (answer.producerId < 0) throw new ClientError(Errors.UNKNOWN_SERVER_ERROR, `the cluster gave producer id ${answer.producerId}`)
    this.producerId = answer.producerId
    this.producerEpoch = answer.producerEpoch
  }

  /** A new epoch, after the brokers may have lost track of a sequence. Without an id left to bump: none, acquire again. */
  bump(): void {
    if (this.producerEpoch < epochMax) this.producerEpoch++
    else {
      this.producerId = -1
      this.producerEpoch = -1
    }
  }
}
