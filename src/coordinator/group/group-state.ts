import type { LedgerState } from '../../ledger/index.ts'
import type { GroupMetadataValue } from '../../protocol/messages/group-records.ts'
import { ClassicGroup, type ClassicState } from './classic-group.ts'
import { ForeignGroup } from './foreign-group.ts'
import { OffsetStore } from './offset-store.ts'
import type { ClassicGroupRecord, ForeignGroupRecord, GroupRecord } from './records.ts'

export type Group = ClassicGroup | ForeignGroup

/** Everything that one partition of __consumer_offsets says. */
export class GroupState implements LedgerState<GroupRecord> {
  readonly groups = new Map<string, Group>()
  readonly offsets = new OffsetStore()
  /** How far a sweep for expired offsets came; undefined between sweeps. */
  sweep: Iterator<Group> | undefined
  /**
   * While the log is loaded a record is the group. Afterwards the decider has prepared the group already, members that wait for answers
   * included, and the record only settles it.
   */
  #loaded = false

  markLoaded(): void {
    this.#loaded = true
  }

  classic(groupId: string): ClassicGroup | undefined {
    const group = this.groups.get(groupId)
    return group instanceof ClassicGroup ? group : undefined
  }

  /** A group without generation or members; it outlives a failover once something is recorded for it. */
  createClassic(groupId: string, now: number): ClassicGroup {
    const group = new ClassicGroup(groupId, 'Empty', now)
    this.groups.set(groupId, group)
    return group
  }

  replay(record: GroupRecord, offset: number, producerId: number): void {
    if (record.kind === 'offset') {
      const { group, topic, partition, commit } = record
      if (commit === null) return this.offsets.remove(group, topic, partition)
      // The state timestamp of a group that only commits does not matter: its offsets age by themselves.
      if (!this.groups.has(group)) this.createClassic(group, Number(commit.commitTimestamp))
      this.offsets.commit(group, topic, partition, commit, offset, producerId)
    } else if (record.kind === 'classic') this.#replayClassic(record)
    else this.#replayForeign(record)
  }

  replayMarker(producerId: number, committed: boolean): void {
    this.offsets.endTransaction(producerId, committed)
  }

  #replayClassic({ group: groupId, metadata }: ClassicGroupRecord): void {
    const group = this.classic(groupId)
    if (metadata === null) {
      if (group === undefined) return
      if (this.#loaded) group.transitionTo('Dead', group.stateTimestamp)
      this.groups.delete(groupId)
    } else if (this.#loaded && group !== undefined) settle(group, metadata)
    else this.groups.set(groupId, ClassicGroup.of(groupId, metadata))
  }

  #replayForeign(record: ForeignGroupRecord): void {
    const existing = this.groups.get(record.group)
    let group = existing instanceof ForeignGroup && existing.type === record.type ? existing : undefined
    if (group === undefined) {
      if (record.value === null) return
      group = new ForeignGroup(record.group, record.type)
      this.groups.set(record.group, group)
    }
    group.replay(record)
    if (record.value === null && record.part === 'group') this.groups.delete(record.group)
  }

  /** Groups by state, for the gauges. */
  countStates(): Record<ClassicState, number> {
    const counts: Record<ClassicState, number> = { Empty: 0, PreparingRebalance: 0, CompletingRebalance: 0, Stable: 0, Dead: 0 }
    for (const group of this.groups.values()) if (group instanceof ClassicGroup) counts[group.state]++
    return counts
  }
}

/** The assignment of a generation is what a record adds to a group that lives here. */
const settle = (group: ClassicGroup, value: GroupMetadataValue): void => {
  if (value.generation !== group.generationId || !group.is('CompletingRebalance')) return
  for (const { memberId, assignment } of value.members) {
    const member = group.members.get(memberId)
    if (member !== undefined) member.assignment = assignment as Buffer
  }
  group.transitionTo('Stable', value.currentStateTimestamp)
}
