import type { BrokerConfig } from '../config/index.ts'
import type { Address, Host, Journal, Timer } from '../host/index.ts'
import { isActiveBroker, type MetadataDelta } from '../metadata/index.ts'
import { complete } from '../protocol/index.ts'
import { AlterPartitionResponse } from '../protocol/messages/alter-partition.ts'
import { type FetcherView, IsrChanges, type Partition, ReplicaFetchers, type Replication } from '../replica/index.ts'
import type { ControllerClient } from './controller-client.ts'
import type { NodeSettings } from './node-settings.ts'
import type { BrokerParts } from './parts.ts'

const ALTER_PARTITION_VERSION = 3

type ReplicatingBroker = Pick<BrokerParts, 'host' | 'journal' | 'nodeId' | 'image' | 'config' | 'metrics' | 'partitions' | 'throttles'> & {
  readonly controller: ControllerClient
  readonly lifecycle: { readonly epoch: number }
  readonly settings: Pick<NodeSettings, 'interBrokerListener'>
}

/** This broker among the others: whom its partitions follow, and who follows them. */
export class BrokerReplication implements Replication {
  readonly #broker: ReplicatingBroker
  readonly #host: Host
  readonly #journal: Journal
  readonly #changes: IsrChanges
  readonly #fetchers: ReplicaFetchers
  readonly lagMaxMs: number
  #timer: Timer | undefined

  constructor(broker: ReplicatingBroker) {
    const { host, nodeId, config } = broker
    this.#broker = broker
    this.#host = host
    this.#journal = host.journal.child('replica', { node: nodeId })
    this.lagMaxMs = config.get('replica.lag.time.max.ms')
    const brokerEpoch = (): number => broker.lifecycle.epoch
    this.#changes = new IsrChanges({
      ...{ clock: host.clock, journal: this.#journal, nodeId, brokerEpoch },
      send: async (request) => {
        const answer = await broker.controller.decide('AlterPartition', request, ALTER_PARTITION_VERSION)
        return complete(AlterPartitionResponse, ALTER_PARTITION_VERSION, answer)
      },
    })
    this.#fetchers = new ReplicaFetchers({
      ...{ host, journal: this.#journal },
      requestTimeoutMs: config.get('replica.socket.timeout.ms'),
      perBroker: config.get('num.replica.fetchers'),
      addressOf: (id) => this.addressOf(id),
      fetcher: {
        ...{ nodeId, brokerEpoch },
        maxWaitMs: config.get('replica.fetch.wait.max.ms'),
        minBytes: config.get('replica.fetch.min.bytes'),
        partitionMaxBytes: config.get('replica.fetch.max.bytes'),
        responseMaxBytes: config.get('replica.fetch.response.max.bytes'),
        backoffMs: config.get('replica.fetch.backoff.ms'),
        throttle: broker.throttles.follower,
        received: ({ registration }, bytes) => {
          broker.metrics.replicationBytesIn += bytes
          if (registration.addingReplicas.includes(nodeId)) broker.metrics.reassignmentBytesIn += bytes
        },
      },
    })
  }

  monotonic(): number {
    return this.#host.clock.monotonic()
  }

  get ownEpoch(): number {
    return this.#broker.lifecycle.epoch
  }

  eligibleEpoch(brokerId: number): number | undefined {
    const registration = this.#broker.image.brokers.get(brokerId)
    return registration !== undefined && isActiveBroker(registration) ? registration.epoch : undefined
  }

  proposeIsr(...[partition, change]: Parameters<Replication['proposeIsr']>): void {
    this.#changes.add(partition, change)
  }

  /** Where a broker is reached by brokers; undefined: it is not known, or not there. */
  addressOf(brokerId: number): Address | undefined {
    const { image, settings } = this.#broker
    const endpoint = image.brokers.get(brokerId)?.endpoints.find(({ name }) => name === settings.interBrokerListener)
    return endpoint && { host: endpoint.host, port: endpoint.port }
  }

  /** Changes of in-sync replicas that the controller did not take. */
  get failedIsrUpdates(): number {
    return this.#changes.failedCount
  }

  /** Those who follow them. */
  fetchers(): Iterable<FetcherView> {
    return this.#fetchers.views()
  }

  /** The settings of this broker have changed. */
  followSettings(config: BrokerConfig): void {
    this.#fetchers.resize(config.get('num.replica.fetchers'))
  }

  follow(partition: Partition): void {
    this.#fetchers.follow(partition)
  }

  unfollow(topicId: string, index: number): void {
    this.#fetchers.unfollow(topicId, index)
  }

  /** Brokers have come, or have moved. */
  onMetadata({ brokers }: MetadataDelta): void {
    for (const id of brokers.keys()) this.#fetchers.moved(id)
  }

  /** Looks for followers that lag, twice within the time that they may. */
  start(): void {
    this.#timer = this.#host.clock.after(Math.max(1, this.lagMaxMs / 2), () => {
      for (const partition of this.#broker.partitions.all()) partition.dropLaggingFollowers()
      this.start()
    })
  }

  /** Resolves when no log is touched any more. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#changes.close()
    await this.#fetchers.close()
  }
}
