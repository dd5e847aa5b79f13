import type { Clock, Journal, Timer } from '../host/index.ts'
import { directoryOf, type MetadataImage, supportsDirectoryAssignment } from '../metadata/index.ts'
import { complete, Errors, errorName, type MessageInput } from '../protocol/index.ts'
import { AssignReplicasToDirsRequest, type AssignReplicasToDirsResponse } from '../protocol/messages/assign-replicas-to-dirs.ts'
import type { Partition } from '../replica/index.ts'
import type { ControllerClient } from './controller-client.ts'

const VERSION = 0
/** Replicas that are made together are told together. */
const LINGER_MS = 50
const RETRY_MS = 1000
/** Kafka's MAX_ASSIGNMENTS_PER_REQUEST. */
const ASSIGNMENTS_MAX = 2250

interface Assignment {
  readonly directoryId: string
  accepted(): void
  refused(error: Error): void
}

const ignore = (): void => {}

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
  /** What the controller is to be told, the latest word on each replica. */
  private readonly waiting = new Map<Partition, Assignment>()
  /** One request at a time: of two, the earlier word might be the last that arrives. */
  private sending: ReadonlyMap<Partition, Assignment> = new Map()
  private timer: Timer | undefined
  private closed = false

  constructor(broker: DirectoryAssignments['broker'], controller: ControllerClient, clock: Clock, journal: Journal) {
    this.broker = broker
    this.controller = controller
    this.clock = clock
    this.journal = journal
  }

  /** A replica is here. */
  placed(partition: Partition): void {
    const { path } = partition.log.home
    this.tell(partition, path.slice(0, path.lastIndexOf('/')), { accepted: ignore, refused: ignore })
  }

  /** A replica is about to be in a directory: resolves when the controller has noted it, rejects when the partition is gone or told of anew. */
  claim(partition: Partition, path: string): Promise<void> {
    return new Promise((accepted, refused) => this.tell(partition, path, { accepted, refused }))
  }

  private tell(partition: Partition, path: string, answer: Omit<Assignment, 'directoryId'>): void {
    const directoryId = this.broker.directoryIdOf(path)
    const isUnderWay = this.waiting.has(partition) || this.sending.has(partition)
    const isKnown = !isUnderWay && directoryOf(partition.registration, this.broker.nodeId) === directoryId
    if (directoryId === undefined || isKnown || !supportsDirectoryAssignment(this.broker.image().metadataVersion)) {
      answer.accepted()
      return
    }
    this.waiting.get(partition)?.refused(overtaken(partition))
    this.waiting.set(partition, { directoryId, ...answer })
    this.schedule(LINGER_MS)
  }

  close(): void {
    this.closed = true
    this.timer?.cancel()
    this.waiting.clear()
  }

  private schedule(delayMs: number): void {
    if (this.closed || this.timer !== undefined || this.sending.size > 0) return
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined
      void this.send()
    })
  }

  private async send(): Promise<void> {
    // A broker that is not registered yet has no epoch to speak with.
    if (this.broker.epoch() < 0) return this.schedule(RETRY_MS)
    const batch = new Map([...this.waiting].slice(0, ASSIGNMENTS_MAX))
    for (const partition of batch.keys()) this.waiting.delete(partition)
    this.sending = batch
    let nextMs = LINGER_MS
    try {
      const request = complete(AssignReplicasToDirsRequest, VERSION, {
        brokerId: this.broker.nodeId,
        brokerEpoch: this.broker.epoch(),
        directories: grouped(batch),
      })
      const { errorCode = Errors.NONE, directories = [] } = await this.controller.decide('AssignReplicasToDirs', request, VERSION)
      if (errorCode !== Errors.NONE) throw new Error(errorName(errorCode))
      const refused = refusedIn(directories)
      if (refused.size > 0) {
        this.again(new Map([...batch].filter(([{ topicId, index }]) => refused.has(`${topicId}:${index}`))))
        nextMs = RETRY_MS
      }
      for (const [{ topicId, index }, { accepted }] of batch) if (!refused.has(`${topicId}:${index}`)) accepted()
    } catch (error) {
      if (this.closed) return
      this.journal.warn('the controller could not be told of log directories', { error, replicas: batch.size })
      this.again(batch)
      nextMs = RETRY_MS
    } finally {
      this.sending = new Map()
      if (this.waiting.size > 0) this.schedule(nextMs)
    }
  }

  /** Unless there is a later word, or the partition is gone. */
  private again(batch: ReadonlyMap<Partition, Assignment>): void {
    for (const [partition, assignment] of batch) {
      const registration = this.broker.image().topicById(partition.topicId)?.partitions.get(partition.index)
      if (!registration?.replicas.includes(this.broker.nodeId)) assignment.refused(new Error(`${partition.name} is gone`))
      else if (this.waiting.has(partition)) assignment.refused(overtaken(partition))
      else this.waiting.set(partition, assignment)
    }
  }
}

const overtaken = ({ name }: Partition): Error => new Error(`a later word on ${name} is to be told`)

type Answers = NonNullable<MessageInput<typeof AssignReplicasToDirsResponse>['directories']>

const refusedIn = (directories: Answers): Set<string> => {
  const refused = new Set<string>()
  for (const { topics = [] } of directories)
    for (const { topicId, partitions = [] } of topics)
      for (const { partitionIndex, errorCode } of partitions) if (errorCode) refused.add(`${topicId}:${partitionIndex}`)
  return refused
}

const grouped = (batch: ReadonlyMap<Partition, Assignment>) => {
  const directories = new Map<string, Map<string, { partitionIndex: number }[]>>()
  for (const [partition, { directoryId }] of batch) {
    const topics = directories.get(directoryId) ?? new Map<string, { partitionIndex: number }[]>()
    const partitions = topics.get(partition.topicId) ?? []
    partitions.push({ partitionIndex: partition.index })
    topics.set(partition.topicId, partitions)
    directories.set(directoryId, topics)
  }
  return [...directories].map(([id, topics]) => ({ id, topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })) }))
}
