import { BrokerLink, connectionSettings, resolveSettings } from '../client/index.ts'
import type { Host, Journal } from '../host/index.ts'
import { ChannelGround } from '../net/index.ts'
import type { Partition } from './partition.ts'
import { type FetcherSettings, ReplicaFetcher } from './replica-fetcher.ts'

export interface ReplicaFetchersOptions {
  readonly host: Host
  readonly journal: Journal
  readonly fetcher: FetcherSettings
  /** replica.socket.timeout.ms */
  readonly requestTimeoutMs: number
  /** Where a broker is reached by brokers; undefined: it is not known, or not there. */
  addressOf(brokerId: number): { readonly host: string; readonly port: number } | undefined
}

/** Follows every partition of this broker that another one leads: a fetcher for each of those brokers (ReplicaFetcherManager). */
export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions
  readonly #ground: ChannelGround
  readonly #settings: ReturnType<typeof linkSettings>
  readonly #fetchers = new Map<number, { readonly fetcher: ReplicaFetcher; readonly address: string }>()
  /** By topic id and index: who is followed. */
  readonly #leaders = new Map<string, { readonly leader: number; readonly partition: Partition }>()
  readonly #closing = new Set<Promise<void>>()
  #closed = false

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options
    this.#ground = new ChannelGround(options.host)
    this.#settings = linkSettings(options)
  }

  /** The partition has another leader, or the same one in another epoch. */
  follow(partition: Partition): void {
    const key = `${partition.topicId}:${partition.index}`
    const { leader } = partition.registration
    if (this.#leaders.get(key)?.leader !== leader) this.unfollow(partition.topicId, partition.index)
    if (leader < 0 || partition.isLeader || this.#closed) return
    this.#leaders.set(key, { leader, partition })
    // One whose address is not known yet is followed once it is.
    this.#fetcherFor(leader)?.follow(partition)
  }

  unfollow(topicId: string, index: number): void {
    const key = `${topicId}:${index}`
    const known = this.#leaders.get(key)
    if (known === undefined) return
    this.#leaders.delete(key)
    const open = this.#fetchers.get(known.leader)
    open?.fetcher.unfollow(topicId, index)
    if (open?.fetcher.isIdle) this.#drop(known.leader)
  }

  /** A broker has come, or come back at another address: those who follow it go there. */
  moved(brokerId: number): void {
    const address = this.#options.addressOf(brokerId)
    if (address === undefined || this.#fetchers.get(brokerId)?.address === textOf(address)) return
    this.#drop(brokerId)
    for (const { leader, partition } of [...this.#leaders.values()]) if (leader === brokerId) this.follow(partition)
  }

  /** Resolves when no log is touched any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const id of [...this.#fetchers.keys()]) this.#drop(id)
    this.#leaders.clear()
    await Promise.all(this.#closing)
    this.#ground.close()
  }

  #drop(brokerId: number): void {
    const closing = this.#fetchers.get(brokerId)?.fetcher.close()
    this.#fetchers.delete(brokerId)
    if (closing === undefined) return
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }

  #fetcherFor(brokerId: number): ReplicaFetcher | undefined {
    const open = this.#fetchers.get(brokerId)
    if (open !== undefined) return open.fetcher
    const { host, journal, fetcher: settings } = this.#options
    const address = this.#options.addressOf(brokerId)
    if (address === undefined) return undefined
    const link = new BrokerLink(
      { id: brokerId, ...address, rack: null },
      { host, settings: this.#settings, ground: this.#ground, transport: undefined, authenticate: undefined, onDown: () => {} },
    )
    const fetcher = new ReplicaFetcher(host, journal, link, settings)
    this.#fetchers.set(brokerId, { fetcher, address: textOf(address) })
    return fetcher
  }
}

const textOf = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`

const linkSettings = ({ fetcher, requestTimeoutMs }: ReplicaFetchersOptions) =>
  resolveSettings(connectionSettings, {
    'client.id': `broker-${fetcher.nodeId}-fetcher`,
    'request.timeout.ms': requestTimeoutMs,
    'socket.connection.setup.timeout.ms': Math.min(10_000, requestTimeoutMs),
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1000,
    'connections.max.idle.ms': -1,
  }).settings
