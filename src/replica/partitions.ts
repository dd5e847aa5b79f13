import type { Journal } from '../host/index.ts'
import { type LogDirectories, type LogDirectory, NoLogDirectory } from '../log/index.ts'
import {
  DIRECTORY_UNASSIGNED,
  directoryOf,
  type LocalPartition,
  type LocalReplicaChanges,
  type MetadataImage,
  type PartitionRegistration,
  type TopicImage,
} from '../metadata/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import type { PartitionLookup } from './fetch.ts'
import { Partition, type Replication } from './partition.ts'

export interface PartitionName {
  readonly topic: string
  readonly topicId: string
  readonly index: number
}

/** Who has to know when this broker begins or ends to lead a partition (coordinators of internal topics). */
export interface LeadershipObserver {
  /** A replica has its log here. */
  placed?(partition: Partition): void
  led(partition: Partition): void
  /** Another broker leads, or the same one in a new epoch. */
  followed?(partition: Partition): void
  resigned(partition: PartitionName, leaderEpoch: number | undefined): void
}

/** Logs made side by side when topics with many partitions come. */
const CREATIONS_AT_ONCE = 16
const PREFERENCES_MAX = 10_000

/**
 * The partitions that have a replica on this broker, kept as the metadata image wants them. Logs are made a moment after the image says so;
 * `ready` tells a request that comes in between what to wait for.
 */
export class Partitions implements PartitionLookup {
  private readonly byTopic = new Map<string, (Partition | undefined)[]>()
  private readonly pending = new Map<string, Promise<void>>()
  /** Topic-partitions whose log directory is offline. */
  private readonly offline = new Set<string>()
  private readonly nodeId: number
  private readonly logs: LogDirectories
  private readonly image: MetadataImage
  private readonly journal: Journal
  private readonly replication: Replication
  private readonly directoryPathOf: (directoryId: string) => string | undefined
  private readonly preferred = new Map<string, string>()
  private readonly observers: LeadershipObserver[] = []
  private work: Promise<void> = Promise.resolve()

  /** `directoryPathOf`: path of a log directory, of the id that metadata has for it (KIP-858); undefined: it is none of this node. */
  constructor(
    nodeId: number,
    logs: LogDirectories,
    image: MetadataImage,
    journal: Journal,
    replication: Replication,
    directoryPathOf: (directoryId: string) => string | undefined,
  ) {
    this.nodeId = nodeId
    this.logs = logs
    this.image = image
    this.journal = journal
    this.replication = replication
    this.directoryPathOf = directoryPathOf
  }

  observe(observer: LeadershipObserver): void {
    this.observers.push(observer)
  }

  find(topicId: string, index: number): Partition | undefined {
    return this.byTopic.get(topicId)?.[index]
  }

  findByName(topic: string, index: number): Partition | undefined {
    const found = this.image.topic(topic)
    return found === undefined ? undefined : this.find(found.id, index)
  }

  *all(): Generator<Partition> {
    for (const list of this.byTopic.values()) for (const partition of list) if (partition !== undefined) yield partition
  }

  /** Replicas that are out of reach because their log directory is offline. */
  get offlineCount(): number {
    return this.offline.size
  }

  missing(topicId: string, index: number, name?: string): ErrorCode {
    if (this.offline.has(keyOf(topicId, index))) return Errors.KAFKA_STORAGE_ERROR
    const topic = this.image.topicById(topicId)
    if (topic === undefined && name !== undefined && this.image.topic(name)?.partitions.has(index)) return Errors.INCONSISTENT_TOPIC_ID
    const registered = topic?.partitions.has(index) ?? false
    return registered ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_TOPIC_OR_PARTITION
  }

  /** Undefined: the partition is as ready as it will be. Else resolves when its log is there, or cannot be. */
  ready(topicId: string, index: number): Promise<void> | undefined {
    return this.pending.size === 0 ? undefined : this.pending.get(keyOf(topicId, index))
  }

  /** Undefined: none of these is just being made. Else resolves when those that are have their logs, or cannot have them. */
  made(wanted: Iterable<{ readonly topicId: string; readonly partition: number }>): Promise<unknown> | undefined {
    if (this.pending.size === 0) return undefined
    const waiting: Promise<void>[] = []
    for (const { topicId, partition } of wanted) {
      const ready = this.find(topicId, partition) === undefined ? this.ready(topicId, partition) : undefined
      if (ready !== undefined) waiting.push(ready)
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting)
  }

  /** Requests for a partition wait for `work`. */
  hold(partition: Partition, work: Promise<void>): void {
    const key = keyOf(partition.topicId, partition.index)
    this.pending.set(key, work)
    void work.then(() => {
      if (this.pending.get(key) === work) this.pending.delete(key)
    })
  }

  /** The directory of a replica that is not here yet (AlterReplicaLogDirs before a reassignment). */
  prefer(topic: string, index: number, directory: string): void {
    if (this.preferred.size < PREFERENCES_MAX) this.preferred.set(`${topic}-${index}`, directory)
  }

  /** Resolves when everything that was asked for so far is done. */
  settled(): Promise<void> {
    return this.work
  }

  /** At start: every replica that the image assigns to this broker. */
  loadAll(): Promise<void> {
    const leaders: LocalPartition[] = []
    for (const topic of this.image.topicsById.values()) {
      for (const [partitionId, partition] of topic.partitions) {
        if (!partition.replicas.includes(this.nodeId)) continue
        if (this.mayLieOffline(topic.name, partitionId, partition)) this.offline.add(keyOf(topic.id, partitionId))
        else leaders.push({ topic, partitionId, partition, isNewLeaderEpoch: true })
      }
    }
    return this.apply({ deleted: [], leaders, followers: [], directories: [] })
  }

  /** A replica that is not found, and was neither still to be placed nor in a directory that is online, may lie in one that is not. */
  private mayLieOffline(topic: string, index: number, registration: PartitionRegistration): boolean {
    const { logs } = this
    if (logs.get(topic, index) !== undefined || logs.online.length === logs.directories.length) return false
    return directoryOf(registration, this.nodeId) !== DIRECTORY_UNASSIGNED && this.assignedPath(registration) === undefined
  }

  /** Of the directory that the metadata has a replica in, when that is online here. */
  private assignedPath(registration: PartitionRegistration): string | undefined {
    const assigned = this.directoryPathOf(directoryOf(registration, this.nodeId))
    return this.logs.online.find(({ path }) => path === assigned)?.path
  }

  /** Brings the partitions in line with a change of the image; changes are worked off in order. */
  apply(changes: LocalReplicaChanges): Promise<void> {
    const wanted = [...changes.leaders, ...changes.followers]
    const missing: LocalPartition[] = []
    for (const change of wanted) {
      const partition = this.find(change.topic.id, change.partitionId)
      if (partition === undefined) missing.push(change)
      else this.update(partition, change.partition)
    }
    if (missing.length === 0 && changes.deleted.length === 0) return this.work
    const deletions = changes.deleted.map(({ topic, partitionId }) => this.take(topic, partitionId))
    const before = this.work
    const work = (async () => {
      await before
      for (const { topic, partitionId } of deletions) await this.deleteLog(topic, partitionId)
      await this.createAll(missing)
    })()
    for (const { topic, partitionId } of missing) {
      const key = keyOf(topic.id, partitionId)
      const done = work.finally(() => {
        if (this.pending.get(key) === done) this.pending.delete(key)
      })
      this.pending.set(key, done)
    }
    this.work = work
    return work
  }

  private update(partition: Partition, registration: PartitionRegistration): void {
    if (partition.settling !== undefined) {
      void partition.settling.then(() => this.updateLate(partition))
      return
    }
    const wasLeader = partition.isLeader
    const epoch = partition.leaderEpoch
    partition.update(registration)
    if (partition.isLeader && (!wasLeader || partition.leaderEpoch !== epoch))
      for (const observer of this.observers) observer.led(partition)
    else if (wasLeader && !partition.isLeader) this.told(partition, partition.leaderEpoch)
    if (!partition.isLeader && (wasLeader || partition.leaderEpoch !== epoch))
      for (const observer of this.observers) observer.followed?.(partition)
  }

  private updateLate(partition: Partition): void {
    const registration = this.image.topicById(partition.topicId)?.partitions.get(partition.index)
    if (registration !== undefined && this.find(partition.topicId, partition.index) === partition) this.update(partition, registration)
  }

  private told(partition: PartitionName, leaderEpoch: number | undefined): void {
    for (const observer of this.observers) observer.resigned(partition, leaderEpoch)
  }

  private take(topic: TopicImage, index: number): { topic: TopicImage; partitionId: number } {
    const list = this.byTopic.get(topic.id)
    const partition = list?.[index]
    if (list !== undefined && partition !== undefined) {
      list[index] = undefined
      if (list.every((each) => each === undefined)) this.byTopic.delete(topic.id)
      this.told(partition, undefined)
      partition.resign(this.missing(topic.id, index))
    }
    return { topic, partitionId: index }
  }

  private async deleteLog(topic: TopicImage, index: number): Promise<void> {
    this.offline.delete(keyOf(topic.id, index))
    // Only what belongs to the topic of this id: a new topic of the same name may have come since.
    const log = this.logs.get(topic.name, index) ?? this.logs.getFuture(topic.name, index)
    if (log?.topicId !== undefined && log.topicId !== topic.id) return
    try {
      await this.logs.delete(topic.name, index)
    } catch (error) {
      this.journal.error('a log could not be deleted', { error, partition: `${topic.name}-${index}` })
    }
  }

  private async createAll(changes: readonly LocalPartition[]): Promise<void> {
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < changes.length) await this.create(changes[next++]!)
    }
    await Promise.all(Array.from({ length: Math.min(CREATIONS_AT_ONCE, changes.length) }, worker))
  }

  private async create({ topic, partitionId }: LocalPartition): Promise<void> {
    try {
      // The topic may be gone again, or the partition have changed, since this was asked for.
      const wanted = this.image.topicById(topic.id)?.partitions.get(partitionId)
      if (wanted === undefined || !wanted.replicas.includes(this.nodeId)) return
      // Its records lie in a directory that is offline: a log made elsewhere would pass for it, and be empty (HostedPartition.Offline).
      if (this.offline.has(keyOf(topic.id, partitionId))) return
      const name = `${topic.name}-${partitionId}`
      const preferred = this.preferred.get(name)
      this.preferred.delete(name)
      const directory = this.logs.online.find(({ path }) => path === preferred)?.path ?? this.assignedPath(wanted)
      const log = await this.logs.getOrCreate({ topic: topic.name, partition: partitionId, topicId: topic.id, directory })
      const conflict = log.assignTopicId(topic.id)
      if (conflict !== undefined) throw new Error(`the log belongs to another topic of this name, ${log.topicId}`)
      const registration = this.image.topicById(topic.id)?.partitions.get(partitionId)
      if (registration === undefined || !registration.replicas.includes(this.nodeId)) return
      const made = this.find(topic.id, partitionId)
      // Asked for twice, because it changed before it was there.
      if (made !== undefined) return this.update(made, registration)
      const partition = new Partition(
        { topic: topic.name, topicId: topic.id, index: partitionId },
        log,
        registration,
        this.nodeId,
        this.journal,
        this.replication,
      )
      this.put(partition)
    } catch (error) {
      this.offline.add(keyOf(topic.id, partitionId))
      if (!(error instanceof NoLogDirectory)) {
        this.journal.error('a partition cannot be served', { error, partition: `${topic.name}-${partitionId}`, topicId: topic.id })
      }
    }
  }

  private put(partition: Partition): void {
    let list = this.byTopic.get(partition.topicId)
    if (list === undefined) this.byTopic.set(partition.topicId, (list = []))
    list[partition.index] = partition
    for (const observer of this.observers) {
      observer.placed?.(partition)
      if (partition.isLeader) observer.led(partition)
      else observer.followed?.(partition)
    }
  }

  /** The directory of its old log failed just when another log took that one's place: it is served on. */
  regain(partition: Partition): void {
    const registration = this.image.topicById(partition.topicId)?.partitions.get(partition.index)
    if (!registration?.replicas.includes(this.nodeId) || !this.offline.delete(keyOf(partition.topicId, partition.index))) return
    partition.update(registration)
    this.put(partition)
  }

  /** A log directory failed: its partitions answer KAFKA_STORAGE_ERROR from now on. */
  directoryFailed(directory: LogDirectory): void {
    for (const [topicId, list] of this.byTopic) {
      for (const [index, partition] of list.entries()) {
        if (partition === undefined || !partition.log.home.path.startsWith(`${directory.path}/`)) continue
        list[index] = undefined
        this.offline.add(keyOf(topicId, index))
        this.told(partition, partition.leaderEpoch)
        partition.resign(Errors.KAFKA_STORAGE_ERROR)
      }
    }
  }
}

const keyOf = (topicId: string, index: number): string => `${topicId}:${index}`
