import { defaultGroupConfig, type GroupClient, type GroupConfig, GroupCoordinator } from '../../src/coordinator/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { World } from '../../src/sim/index.ts'
import { MemoryPartition } from '../ledger/memory-partition.ts'

/** A coordinator that leads the one partition of its world. */
export class GroupWorld {
  readonly world: World
  readonly config: GroupConfig
  coordinator: GroupCoordinator
  partition: MemoryPartition
  #count = 0

  constructor(config: Partial<GroupConfig> = {}, seed = 1) {
    this.world = new World({ seed })
    this.config = { ...defaultGroupConfig, partitionCount: 1, ...config }
    this.partition = new MemoryPartition()
    this.coordinator = this.#coordinator()
  }

  #coordinator(): GroupCoordinator {
    const { clock, random } = this.world.host(`broker-${this.#count++}`)
    return new GroupCoordinator({ clock, random, journal: silentJournal, config: this.config })
  }

  async start(partition = this.partition): Promise<this> {
    this.partition = partition
    const { coordinator } = this
    partition.onHighWatermark = (highWatermark) => coordinator.onHighWatermark(0, highWatermark)
    await this.world.run(() => coordinator.onElection(0, partition))
    return this
  }

  /** Another broker takes over what is committed. */
  async failOver(upTo?: number): Promise<void> {
    const next = this.partition.handOver(upTo)
    this.coordinator.close()
    this.coordinator = this.#coordinator()
    await this.start(next)
  }

  client(apiVersion: number, clientId = 'client'): GroupClient {
    return { clientId, clientAddress: '127.0.0.1', apiVersion }
  }
}
