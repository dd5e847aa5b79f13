import { Errors, KafkaError } from '../protocol/index.ts'
import type { ControllerClient } from './controller-client.ts'

export interface ProducerIdBlock {
  readonly first: number
  readonly count: number
}

/** Asks the controller for a block. */
export const allocateProducerIds = async (
  controller: ControllerClient,
  broker: { readonly brokerId: number; readonly brokerEpoch: number },
): Promise<ProducerIdBlock> => {
  const answer = await controller.decide('AllocateProducerIds', broker, 0)
  if (answer.errorCode) throw new Error(`no producer ids: error ${answer.errorCode}`)
  return { first: Number(answer.producerIdStart), count: answer.producerIdLen ?? 0 }
}

/** When this share of a block is used up, the next one is asked for (RPCProducerIdManager). */
const PREFETCH_AT = 0.9
const RETRY_BACKOFF_MS = 50
/** A client that waits longer asks again by itself. */
const WAITING_MAX = 10_000

/**
 * Hands out producer ids, each once in the life of the cluster, from blocks that the controller assigns (KIP-730). The next block is
 * fetched before the current one is used up, so that producers seldom wait for the controller.
 */
export class ProducerIds {
  private readonly allocate: () => Promise<ProducerIdBlock>
  private readonly now: () => number
  private current: ProducerIdBlock = { first: 0, count: 0 }
  private used = 0
  private following: ProducerIdBlock | undefined
  private fetching: Promise<void> | undefined
  private failedAtMs = Number.NEGATIVE_INFINITY
  private waiting = 0

  /** `now` is monotonic milliseconds. */
  constructor(allocate: () => Promise<ProducerIdBlock>, now: () => number) {
    this.allocate = allocate
    this.now = now
  }

  /** @throws KafkaError COORDINATOR_LOAD_IN_PROGRESS while no block can be had: the client asks again. */
  async next(): Promise<number> {
    if (this.used === this.current.count) {
      if (this.waiting >= WAITING_MAX) throw new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS, 'too many producers wait for an id')
      this.waiting++
      try {
        while (this.used === this.current.count) await this.nextBlock()
      } finally {
        this.waiting--
      }
    }
    const id = this.current.first + this.used++
    if (this.used >= this.current.count * PREFETCH_AT && this.following === undefined) void this.fetch().catch(() => {})
    return id
  }

  private async nextBlock(): Promise<void> {
    if (this.following === undefined) await this.fetch()
    if (this.following === undefined || this.used < this.current.count) return
    this.current = this.following
    this.used = 0
    this.following = undefined
  }

  private fetch(): Promise<void> {
    if (this.fetching === undefined && this.now() - this.failedAtMs < RETRY_BACKOFF_MS) {
      return Promise.reject(
        new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS, 'no block of producer ids could be had from the controller'),
      )
    }
    this.fetching ??= this.allocate()
      .then(
        (block) => {
          this.following = block
        },
        (error) => {
          this.failedAtMs = this.now()
          throw new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS, 'no block of producer ids could be had from the controller', {
            cause: error,
          })
        },
      )
      .finally(() => {
        this.fetching = undefined
      })
    return this.fetching
  }
}
