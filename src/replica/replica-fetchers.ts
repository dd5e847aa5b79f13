import { javaAbs, javaStringHash } from '../base/index.ts'
import { BrokerLink, connectionSettings, resolveSettings } from '../client/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { ChannelGround, FramePool } from '../net/index.ts'
import type { Partition } from './partition.ts'
import { type FetcherSettings, type FollowedView, ReplicaFetcher } from './replica-fetcher.ts'

export interface ReplicaFetchersOptions {
  readonly host: Host
  readonly journal: Journal
  readonly fetcher: FetcherSettings
  /** replica.socket.timeout.ms */
  readonly requestTimeoutMs: number
  /** num.replica.fetchers: for each broker that leads something here. `resize` changes it. */
  readonly perBroker: number
  /** Where a broker is reached by brokers; undefined: it is not known, or not there. */
  addressOf(brokerId: number): Address | undefined
}

interface Address {
  readonly host: string
  readonly port: number
}

interface OpenFetcher {
  readonly fetcher: ReplicaFetcher
  readonly leader: number
  readonly fetcherId: number
  readonly address: Address
}

/** What a fetcher shows of itself. */
export interface FetcherView extends Address {
  /** As Kafka's metrics call it: not the client id of its requests. */
  readonly clientId: string
  readonly leader: number
  readonly counts: ReplicaFetcher['counts']
  followed(): Iterable<FollowedView>
}

/** Which of the fetchers of its leader follows a partition (AbstractFetcherManager.getFetcherId). */
export const fetcherIdOf = (topic: string, index: number, perBroker: number): number =>
  javaAbs((Math.imul(31, javaStringHash(topic)) + index) | 0) % perBroker

/** Follows every partition of this broker that another one leads, through a few fetchers for each of those brokers (ReplicaFetcherManager). */
export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions
  readonly #ground: ChannelGround
  /** By leader and fetcher id. */
  readonly #fetchers = new Map<string, OpenFetcher>()
  /** By topic id and index: who is followed. */
  readonly #leaders = new Map<string, { readonly leader: number; readonly partition: Partition }>()
  readonly #closing = new Set<Promise<void>>()
  #perBroker: number
  #closed = false

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options
    this.#perBroker = options.perBroker
    this.#ground = new ChannelGround(options.host, new FramePool())
  }

  *views(): Generator<FetcherView> {
    for (const { fetcher, leader, fetcherId, address } of this.#fetchers.values())
      yield {
        clientId: `ReplicaFetcherThread-${fetcherId}-${leader}`,
        leader,
        ...address,
        counts: fetcher.counts,
        followed: () => fetcher.followed(),
      }
  }

  /** The partition has another leader, or the same one in another epoch. */
  follow(partition: Partition): void {
    const key = `${partition.topicId}:${partition.index}`
    const { leader } = partition.registration
    if (this.#leaders.get(key)?.leader !== leader) this.unfollow(partition.topicId, partition.index)
    if (leader < 0 || partition.isLeader || this.#closed) return
    this.#leaders.set(key, { leader, partition })
    // One whose address is not known yet is followed once it is.
    this.#fetcherFor(leader, partition)?.follow(partition)
  }

  unfollow(topicId: string, index: number): void {
    const key = `${topicId}:${index}`
    const known = this.#leaders.get(key)
    if (known === undefined) return
    this.#leaders.delete(key)
    const at = this.#keyOf(known.leader, known.partition)
    const open = this.#fetchers.get(at)
    open?.fetcher.unfollow(topicId, index)
    if (open?.fetcher.isIdle) this.#drop(at)
  }

  /** A broker has come, or come back at another address: those who follow it go there. */
  moved(brokerId: number): void {
    const address = this.#options.addressOf(brokerId)
    if (address === undefined) return
    const fetchers = [...this.#fetchers].filter(([, { leader }]) => leader === brokerId)
    if (fetchers.length > 0 && fetchers.every(([, open]) => isSame(open.address, address))) return
    for (const [key] of fetchers) this.#drop(key)
    for (const { leader, partition } of [...this.#leaders.values()]) if (leader === brokerId) this.follow(partition)
  }

  /** Spreads the partitions of each leader over another number of fetchers. */
  resize(perBroker: number): void {
    if (perBroker === this.#perBroker || this.#closed) return
    this.#options.journal.info('the number of fetchers for each leader changes', { from: this.#perBroker, to: perBroker })
    const followed = [...this.#leaders.values()]
    for (const { partition } of followed) this.unfollow(partition.topicId, partition.index)
    this.#perBroker = perBroker
    for (const { partition } of followed) this.follow(partition)
  }

  /** Resolves when no log is touched any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const key of [...this.#fetchers.keys()]) this.#drop(key)
    this.#leaders.clear()
    await Promise.all(this.#closing)
    this.#ground.close()
  }

  #keyOf(leader: number, { topic, index }: Partition): string {
    return `${leader}:${fetcherIdOf(topic, index, this.#perBroker)}`
  }

  #clientIdOf(fetcherId: number): string {
    return `broker-${this.#options.fetcher.nodeId}-fetcher-${fetcherId}`
  }

  #drop(key: string): void {
    const closing = this.#fetchers.get(key)?.fetcher.close()
    this.#fetchers.delete(key)
    if (closing === undefined) return
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  #fetcherFor(brokerId: number, partition: Partition): ReplicaFetcher | undefined {
    const key = this.#keyOf(brokerId, partition)
    const open = this.#fetchers.get(key)
    if (open !== undefined) return open.fetcher
    const { host, journal, fetcher: settings } = this.#options
    const address = this.#options.addressOf(brokerId)
    if (address === undefined) return undefined
    const fetcherId = fetcherIdOf(partition.topic, partition.index, this.#perBroker)
    const link = new BrokerLink(
      { id: brokerId, ...address, rack: null },
      {
        ...{ host, settings: linkSettings(this.#clientIdOf(fetcherId), this.#options.requestTimeoutMs), ground: this.#ground },
        ...{ transport: undefined, authenticate: undefined, onDown: () => {} },
      },
    )
    const fetcher = new ReplicaFetcher(host, journal, link, settings)
    this.#fetchers.set(key, { fetcher, leader: brokerId, fetcherId, address })
    return fetcher
  }
}

const isSame = (a: Address, b: Address): boolean => a.host === b.host && a.port === b.port

const linkSettings = (clientId: string, requestTimeoutMs: number) =>
  resolveSettings(connectionSettings, {
    'client.id': clientId,
    'request.timeout.ms': requestTimeoutMs,
    'socket.connection.setup.timeout.ms': Math.min(10_000, requestTimeoutMs),
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1000,
    'connections.max.idle.ms': -1,
  }).settings
