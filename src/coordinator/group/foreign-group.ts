import { type ForeignGroupRecord, type ForeignGroupType, foreignTombstone } from './records.ts'

/**
 * A group of another protocol that the log speaks of. Its id is taken, its offsets are kept, and it can be deleted when it is empty;
 * its members are not spoken to.
 */
export class ForeignGroup {
  readonly groupId: string
  readonly type: ForeignGroupType
  /** Tombstones of all its records, by key. */
  readonly #tombstones = new Map<string, ForeignGroupRecord>()
  readonly #memberIds = new Set<string>()

  constructor(groupId: string, type: ForeignGroupType) {
    this.groupId = groupId
    this.type = type
  }

  get isEmpty(): boolean {
    return this.#memberIds.size === 0
  }
  get memberCount(): number {
    return this.#memberIds.size
  }
  get hasRecords(): boolean {
    return this.#tombstones.size > 0
  }
  hasMember(memberId: string): boolean {
    return this.#memberIds.has(memberId)
  }

  replay(record: ForeignGroupRecord): void {
    const id = record.key.toString('latin1')
    if (record.value === null) {
      this.#tombstones.delete(id)
      if (record.part === 'member') this.#memberIds.delete(record.memberId)
      return
    }
    // A copy: what was read is a view of a large buffer.
    if (!this.#tombstones.has(id)) this.#tombstones.set(id, foreignTombstone({ ...record, key: Buffer.from(record.key) }))
    if (record.part === 'member') this.#memberIds.add(record.memberId)
  }

  /** What deletes the group, the record that stands for the group itself last. */
  tombstones(): ForeignGroupRecord[] {
    const all = [...this.#tombstones.values()]
    return [...all.filter((record) => record.part !== 'group'), ...all.filter((record) => record.part === 'group')]
  }
}
