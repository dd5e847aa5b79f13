import { BrokerLink, call, connectionSettings, resolveSettings } from '../client/index.ts'
import type { Address, Host } from '../host/index.ts'
import { ChannelGround, FramePool } from '../net/index.ts'
import { Apis, Errors } from '../protocol/index.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/list-offsets.ts'

const listOffsets = call(Apis.ListOffsets, ListOffsetsRequest, ListOffsetsResponse)
const CONSUMER = -1
const LATEST = -1

export interface LeaderOffsetsOptions {
  readonly host: Host
  readonly nodeId: number
  /** How long one that does not answer is waited for. */
  readonly limitMs: number
  /** Where a broker is reached by brokers; undefined: it is not known, or not there. */
  addressOf(brokerId: number): Address | undefined
}

/** Partitions of topics, by name. */
export type PartitionsOfTopics = ReadonlyMap<string, ReadonlySet<number>>
export type OffsetsOfTopics = ReadonlyMap<string, ReadonlyMap<number, number>>

/**
 * High watermarks of partitions that other brokers lead, asked of those with one request each. A group is known to its coordinator, the end
 * of a partition to its leader: whoever tells how far a group is behind needs both.
 */
export class LeaderOffsets {
  readonly #options: LeaderOffsetsOptions
  readonly #settings: ReturnType<typeof linkSettings>
  readonly #links = new Map<number, BrokerLink>()
  #ground: ChannelGround | undefined
  #closed = false

  constructor(options: LeaderOffsetsOptions) {
    this.#options = options
    this.#settings = linkSettings(options)
  }

  /** By leader what is wanted of it. Partitions of leaders that do not answer, or lead no more, are missing. */
  async ask(wanted: ReadonlyMap<number, PartitionsOfTopics>): Promise<OffsetsOfTopics> {
    const found = new Map<string, Map<number, number>>()
    const answers = [...wanted].map(async ([leader, topics]) => {
      const answer = await this.#askOne(leader, topics)
      for (const { name, partitions } of answer?.topics ?? []) {
        let offsets = found.get(name)
        if (offsets === undefined) found.set(name, (offsets = new Map()))
        for (const { partitionIndex, errorCode, offset } of partitions)
          if (errorCode === Errors.NONE && offset >= 0) offsets.set(partitionIndex, Number(offset))
      }
    })
    await Promise.all(answers)
    return found
  }

  close(): void {
    this.#closed = true
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
    this.#ground?.close()
  }

  async #askOne(leader: number, topics: PartitionsOfTopics): Promise<ListOffsetsResponse | undefined> {
    const link = this.#linkTo(leader)
    if (link === undefined) return undefined
    const { clock } = this.#options.host
    const late = Promise.withResolvers<undefined>()
    const timer = clock.after(this.#options.limitMs, () => late.resolve(undefined))
    const body = {
      replicaId: CONSUMER,
      topics: [...topics].map(([name, indexes]) => ({
        name,
        partitions: [...indexes].map((partitionIndex) => ({ partitionIndex, timestamp: LATEST })),
      })),
    }
    // Whatever went wrong: what it leads is not known for now.
    const answer = link.request(listOffsets, body).catch(() => undefined)
    return Promise.race([answer, late.promise]).finally(() => timer.cancel())
  }

  #linkTo(id: number): BrokerLink | undefined {
    const address = this.#options.addressOf(id)
    const known = this.#links.get(id)
    if (known !== undefined && known.node.host === address?.host && known.node.port === address.port) return known
    known?.close()
    this.#links.delete(id)
    if (address === undefined || this.#closed) return undefined
    const { host } = this.#options
    this.#ground ??= new ChannelGround(host, new FramePool())
    const link = new BrokerLink(
      { id, ...address, rack: null },
      { host, ground: this.#ground, settings: this.#settings, transport: undefined, authenticate: undefined, onDown: () => {} },
    )
    this.#links.set(id, link)
    return link
  }
}

const linkSettings = ({ nodeId, limitMs }: LeaderOffsetsOptions) =>
  resolveSettings(connectionSettings, {
    'client.id': `broker-${nodeId}-metrics`,
    'request.timeout.ms': limitMs,
    'socket.connection.setup.timeout.ms': limitMs,
    'socket.connection.setup.timeout.max.ms': limitMs,
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1000,
  }).settings
