import {
  directoryOf,
  type MetadataRecord,
  metadataRecord,
  NO_LEADER,
  NO_LEADER_CHANGE,
  needsLeaderEpochBumpOnIsrShrink,
  type PartitionRegistration,
  partitionChangeRecordVersion,
  RECOVERING,
  supportsDirectoryAssignment,
  type TopicImage,
} from '../metadata/index.ts'
import type { ControllerState } from './state.ts'

/**
 * - `online`: keep the leader, else one in sync (or eligible when none is in sync).
 * - `preferred`: the first replica if it may lead, else as `online`.
 * - `unclean`: as `online`, else any replica that is there, at the price of records.
 */
export type Election = 'online' | 'preferred' | 'unclean'

export interface PartitionTarget {
  readonly isr?: readonly number[]
  readonly replicas?: readonly number[]
  readonly removing?: readonly number[]
  readonly adding?: readonly number[]
  readonly leaderRecoveryState?: number
  readonly election?: Election
  /** Their broker died without closing its logs: they are not eligible any more (KIP-966). */
  readonly uncleanShutdownReplicas?: readonly number[]
  /** Where replicas lie, by broker. */
  readonly directories?: ReadonlyMap<number, string>
  /** Who may lead, when that is not just who is active. */
  readonly isAcceptableLeader?: (brokerId: number) => boolean
}

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((one, index) => one === b[index])
const containsAll = (list: readonly number[], others: readonly number[]): boolean => others.every((one) => list.includes(one))

/** The reassignment is done when all that is added is in sync, and all of the rest too when more leave than come. */
const completedReassignment = (
  isr: readonly number[],
  replicas: readonly number[],
  removing: readonly number[],
  adding: readonly number[],
): { readonly isr: readonly number[]; readonly replicas: readonly number[] } | undefined => {
  if (removing.length === 0 && adding.length === 0) return undefined
  const staying = (list: readonly number[]): readonly number[] => list.filter((id) => !removing.includes(id))
  const nextIsr = removing.length === 0 ? isr : staying(isr)
  const nextReplicas = removing.length === 0 ? replicas : staying(replicas)
  if (removing.length > 0 && (nextIsr.length === 0 || nextReplicas.length === 0)) return undefined
  if (!containsAll(nextIsr, adding)) return undefined
  if (adding.length < removing.length && !containsAll(nextIsr, nextReplicas)) return undefined
  return { isr: nextIsr, replicas: nextReplicas }
}

/** The PartitionChangeRecord that takes a partition to a target, elections included; undefined when nothing changes. */
export const changePartition = (
  state: ControllerState,
  topic: TopicImage,
  partitionId: number,
  partition: PartitionRegistration,
  target: PartitionTarget,
): MetadataRecord | undefined => new PartitionChange(state, topic, partitionId, partition, target).build()

class PartitionChange {
  private readonly state: ControllerState
  private readonly topic: TopicImage
  private readonly partitionId: number
  private readonly partition: PartitionRegistration
  private readonly target: PartitionTarget
  private readonly elrEnabled: boolean
  private isr: readonly number[]
  private replicas: readonly number[]
  private removing: readonly number[]
  private adding: readonly number[]
  private elr: readonly number[]
  // Fields of the record; null or NO_LEADER_CHANGE: as it is.
  private leader = NO_LEADER_CHANGE
  private recordIsr: readonly number[] | null = null
  private recoveryState = -1
  private recordElr: readonly number[] | null = null
  private lastKnownElr: readonly number[] | null = null

  constructor(state: ControllerState, topic: TopicImage, partitionId: number, partition: PartitionRegistration, target: PartitionTarget) {
    this.state = state
    this.topic = topic
    this.partitionId = partitionId
    this.partition = partition
    this.target = target
    this.elrEnabled = state.image.isElrEnabled
    this.isr = target.isr ?? partition.isr
    this.replicas = target.replicas ?? partition.replicas
    this.removing = target.removing ?? partition.removingReplicas
    this.adding = target.adding ?? partition.addingReplicas
    this.elr = partition.elr
  }

  build(): MetadataRecord | undefined {
    const { partition, target, state } = this
    this.completeReassignment()
    this.fillElr()
    this.elect()
    // Replicas that leave must hear of a new leader epoch, or they would go on as if they were part of the partition.
    if (this.leader === NO_LEADER_CHANGE && !containsAll(this.replicas, partition.replicas)) this.leader = partition.leader
    this.settleElr()
    if (this.recordIsr === null && (this.isr.length > 0 || this.elrEnabled) && !sameList(this.isr, partition.isr)) this.recordIsr = this.isr
    this.bumpLeaderEpochOnIsrShrink()
    this.rememberLastLeader()
    const recovery = target.leaderRecoveryState ?? partition.leaderRecoveryState
    if (recovery !== partition.leaderRecoveryState) this.recoveryState = recovery
    const replicas = sameList(this.replicas, partition.replicas) || this.replicas.length === 0 ? null : this.replicas
    const directories = this.directories()
    const removing = sameList(this.removing, partition.removingReplicas) ? null : this.removing
    const adding = sameList(this.adding, partition.addingReplicas) ? null : this.adding
    const lists = [this.recordIsr, replicas, directories, removing, adding, this.recordElr, this.lastKnownElr]
    if (this.leader === NO_LEADER_CHANGE && this.recoveryState === -1 && lists.every((list) => list === null)) return undefined
    return metadataRecord('PartitionChangeRecord', partitionChangeRecordVersion(state.metadataVersion), {
      partitionId: this.partitionId,
      topicId: this.topic.id,
      isr: this.recordIsr,
      leader: this.leader,
      replicas,
      removingReplicas: removing,
      addingReplicas: adding,
      leaderRecoveryState: this.recoveryState,
      directories,
      eligibleLeaderReplicas: this.recordElr,
      lastKnownElr: this.lastKnownElr,
    })
  }

  private completeReassignment(): void {
    const completed = completedReassignment(this.isr, this.replicas, this.removing, this.adding)
    if (completed === undefined) return
    this.isr = completed.isr
    this.replicas = completed.replicas
    this.removing = []
    this.adding = []
  }

  /** Who leaves the ISR while it is below the minimum stays eligible: it has all that was ever acknowledged (KIP-966). */
  private fillElr(): void {
    if (!this.elrEnabled) return
    if (this.isr.length >= this.state.effectiveMinIsr(this.topic)) {
      this.elr = []
      return
    }
    const dead = this.target.uncleanShutdownReplicas ?? []
    const candidates = new Set([...this.elr, ...this.partition.isr])
    this.elr = [...candidates]
      // A replica that a reassignment takes away is not eligible either; Kafka 4.3.1 lets it linger in the list.
      .filter((id) => this.replicas.includes(id) && !this.isr.includes(id) && !dead.includes(id))
      .sort((a, b) => a - b)
  }

  private isAcceptable(id: number): boolean {
    return this.state.canLead(this.partition, id, this.target.isAcceptableLeader)
  }
  private mayLead(id: number): boolean {
    return (this.isr.includes(id) || (this.isr.length === 0 && this.elr.includes(id))) && this.isAcceptable(id)
  }

  private findLeader(): { readonly id: number; readonly unclean: boolean } {
    const { partition, replicas, target } = this
    if (target.election === 'preferred' && replicas.length > 0 && this.mayLead(replicas[0])) return { id: replicas[0], unclean: false }
    if (this.mayLead(partition.leader)) return { id: partition.leader, unclean: false }
    const clean = replicas.find((id) => this.mayLead(id))
    if (clean !== undefined) return { id: clean, unclean: false }
    if (this.canElectLastLeader()) return { id: partition.lastKnownElr[0], unclean: true }
    const unclean = target.election === 'unclean' ? replicas.find((id) => this.isAcceptable(id)) : undefined
    return unclean === undefined ? { id: NO_LEADER, unclean: false } : { id: unclean, unclean: true }
  }
  /** With nobody in sync or eligible, the last leader is the best guess. */
  private canElectLastLeader(): boolean {
    const { lastKnownElr } = this.partition
    if (!this.elrEnabled || this.elr.length > 0 || this.isr.length > 0) return false
    return lastKnownElr.length === 1 && this.isAcceptable(lastKnownElr[0])
  }

  private elect(): void {
    const { id, unclean } = this.findLeader()
    if (id === this.partition.leader) return
    if (this.elr.includes(id)) {
      this.isr = [id]
      this.elr = this.elr.filter((one) => one !== id)
    }
    this.leader = id
    if (!unclean) return
    this.recordIsr = [id]
    if (this.partition.leaderRecoveryState !== RECOVERING) this.recoveryState = RECOVERING
  }

  private settleElr(): void {
    if (this.recordIsr !== null || !this.elrEnabled) this.elr = []
    if (!sameList(this.elr, this.partition.elr)) this.recordElr = this.elr
  }

  /** Brokers before 3.6 lost track of a shrunk ISR otherwise (KAFKA-15021). */
  private bumpLeaderEpochOnIsrShrink(): void {
    if (!needsLeaderEpochBumpOnIsrShrink(this.state.metadataVersion) || this.leader !== NO_LEADER_CHANGE) return
    if (this.recordIsr !== null && !containsAll(this.recordIsr, this.partition.isr)) this.leader = this.partition.leader
  }

  private rememberLastLeader(): void {
    if (!this.elrEnabled) return
    const { lastKnownElr, leader } = this.partition
    if (this.leader === NO_LEADER && lastKnownElr.length === 0) this.lastKnownElr = [leader]
    else if (this.leader >= 0 && lastKnownElr.length > 0) this.lastKnownElr = []
  }

  private directories(): readonly string[] | null {
    const { partition, target, state } = this
    if (this.replicas.length === 0 || !supportsDirectoryAssignment(state.metadataVersion)) return null
    const directories = this.replicas.map(
      (id) => target.directories?.get(id) ?? (partition.replicas.includes(id) ? directoryOf(partition, id) : state.defaultDirectory(id)),
    )
    return sameList(directories, partition.directories) ? null : directories
  }
}
