/** What a quorum-state file says, as far as invariants ask. Kafka's -1 is undefined. */
export interface WrittenQuorumState {
  readonly leaderEpoch: number
  readonly leaderId: number | undefined
  readonly votedId: number | undefined
}

export const readQuorumState = (bytes: Buffer | undefined): WrittenQuorumState | undefined => {
  if (bytes === undefined) return undefined
  try {
    const { leaderEpoch, leaderId, votedId } = JSON.parse(bytes.toString('utf8'))
    const known = (id: number): number | undefined => (id >= 0 ? id : undefined)
    return { leaderEpoch, leaderId: known(leaderId), votedId: known(votedId) }
  } catch {
    return undefined
  }
}
