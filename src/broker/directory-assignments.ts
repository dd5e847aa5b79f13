import type { Clock, Journal, Timer } from '../host/index.ts'
import { directoryOf, type MetadataImage } from '../metadata/index.ts'
import { complete, Errors, errorName } from '../protocol/index.ts'
import { AssignReplicasToDirsRequest } from '../protocol/messages/assign-replicas-to-dirs.ts'
import type { Partition } from '../replica/index.ts'
import type { ControllerClient } from './controller-client.ts'

const VERSION = 0
/** Replicas that are made together are told together. */
const LINGER_MS = 50
const RETRY_MS = 1000
/** Kafka's MAX_ASSIGNMENTS_PER_REQUEST. */
const ASSIGNMENTS_MAX = 2250

interface Assignment {
  readonly partition: Partition
  readonly directoryId: string
}

/**
 * Tells the controller in which log directory each replica lies (KIP-858), where it does not know or has it wrong: when a directory fails,
 * the controller must know whom that concerns.
 */
export class DirectoryAssignments {
  private readonly broker: {
    readonly nodeId: number
    epoch(): number
    image(): MetadataImage
    directoryIdOf(path: string): string | undefined
  }
  private readonly controller: ControllerClient
  private readonly clock: Clock
  private readonly journal: Journal
  private waiting: Assignment[] = []
  private timer: Timer | undefined
  private closed = false

  constructor(broker: DirectoryAssignments['broker'], controller: ControllerClient, clock: Clock, journal: Journal) {
    this.broker = broker
    this.controller = controller
    this.clock = clock
    this.journal = journal
  }

  /** A replica is here; `home` is the path of its directory. */
  placed(partition: Partition): void {
    const { path } = partition.log.home
    const directoryId = this.broker.directoryIdOf(path.slice(0, path.lastIndexOf('/')))
    if (directoryId === undefined || directoryOf(partition.registration, this.broker.nodeId) === directoryId) return
    this.waiting.push({ partition, directoryId })
    this.schedule(LINGER_MS)
  }

  close(): void {
    this.closed = true
    this.timer?.cancel()
    this.waiting = []
  }

  private schedule(delayMs: number): void {
    if (this.closed || this.timer !== undefined) return
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined
      void this.send()
    })
  }

  private async send(): Promise<void> {
    // A broker that is not registered yet has no epoch to speak with.
    if (this.broker.epoch() < 0) return this.schedule(RETRY_MS)
    const batch = this.waiting.splice(0, ASSIGNMENTS_MAX)
    try {
      const request = complete(AssignReplicasToDirsRequest, VERSION, {
        brokerId: this.broker.nodeId,
        brokerEpoch: this.broker.epoch(),
        directories: grouped(batch),
      })
      const { errorCode = Errors.NONE } = await this.controller.decide('AssignReplicasToDirs', request, VERSION)
      if (errorCode !== Errors.NONE) throw new Error(errorName(errorCode))
    } catch (error) {
      if (this.closed) return
      this.journal.warn('the controller could not be told of log directories', { error, replicas: batch.length })
      const image = this.broker.image()
      this.waiting.push(...batch.filter(({ partition }) => image.topicById(partition.topicId) !== undefined))
      this.schedule(RETRY_MS)
      return
    }
    if (this.waiting.length > 0) this.schedule(LINGER_MS)
  }
}

const grouped = (batch: readonly Assignment[]) => {
  const directories = new Map<string, Map<string, { partitionIndex: number }[]>>()
  for (const { partition, directoryId } of batch) {
    const topics = directories.get(directoryId) ?? new Map<string, { partitionIndex: number }[]>()
    const partitions = topics.get(partition.topicId) ?? []
    partitions.push({ partitionIndex: partition.index })
    topics.set(partition.topicId, partitions)
    directories.set(directoryId, topics)
  }
  return [...directories].map(([id, topics]) => ({ id, topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })) }))
}
