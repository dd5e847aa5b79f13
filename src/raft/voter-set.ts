import { zeroUuid } from '../base/index.ts'
import type { MessageInput } from '../protocol/index.ts'
import type { VotersRecord } from '../protocol/messages/control-records.ts'
import type { ReplicaKey, Voter } from './types.ts'

/** Levels of kraft.version that this node can run. */
export const kraftVersionMin = 0
export const kraftVersionMax = 1

/** The voters of a quorum, by ascending id. Immutable. */
export class VoterSet {
  static readonly none: VoterSet = new VoterSet([])
  readonly voters: readonly Voter[]

  constructor(voters: Iterable<Voter>) {
    this.voters = [...voters].sort((a, b) => a.id - b.id)
  }

  get size(): number {
    return this.voters.length
  }
  get ids(): number[] {
    return this.voters.map(({ id }) => id)
  }

  get(id: number): Voter | undefined {
    return this.voters.find((voter) => voter.id === id)
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** A voter whose directory id is not known may be any directory (static quorums). */
  isVoter(key: ReplicaKey): boolean {
    const voter = this.get(key.id)
    return voter !== undefined && (voter.directoryId === undefined || voter.directoryId === key.directoryId)
  }

  isOnlyVoter(key: ReplicaKey): boolean {
    return this.size === 1 && this.isVoter(key)
  }

  others(id: number): number[] {
    return this.ids.filter((other) => other !== id)
  }

  /** The set with one voter added, or its endpoints and supported versions brought up to date. */
  with(voter: Voter): VoterSet {
    return new VoterSet([...this.voters.filter(({ id }) => id !== voter.id), voter])
  }

  without(id: number): VoterSet {
    return new VoterSet(this.voters.filter((voter) => voter.id !== id))
  }

  /** The voter registered itself with other endpoints or versions than it has now: the leader rewrites the record (KIP-853). */
  differs(voter: Voter): boolean {
    const known = this.get(voter.id)
    return known === undefined || JSON.stringify(comparable(known)) !== JSON.stringify(comparable(voter))
  }

  toRecord(): MessageInput<typeof VotersRecord> {
    return {
      version: 0,
      voters: this.voters.map((voter) => ({
        voterId: voter.id,
        voterDirectoryId: voter.directoryId ?? zeroUuid,
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        kRaftVersionFeature: { minSupportedVersion: voter.kraftVersionMin, maxSupportedVersion: voter.kraftVersionMax },
      })),
    }
  }

  static fromRecord(record: VotersRecord): VoterSet {
    return new VoterSet(
      record.voters.map((voter) => ({
        id: voter.voterId,
        directoryId: voter.voterDirectoryId === zeroUuid ? undefined : voter.voterDirectoryId,
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        kraftVersionMin: voter.kRaftVersionFeature.minSupportedVersion,
        kraftVersionMax: voter.kRaftVersionFeature.maxSupportedVersion,
      })),
    )
  }
}

const comparable = (voter: Voter): unknown => [
  voter.kraftVersionMin,
  voter.kraftVersionMax,
  voter.directoryId,
  [...voter.endpoints].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, host, port }) => [name, host, port]),
]
