import { epochBefore, type Invariant, type Observed, type RaftView, violated } from './observed.ts'
import { readQuorumState, type WrittenQuorumState } from './quorum-state.ts'

/** R1: an epoch has one leader at most. */
export const electionSafety = (): Invariant => {
  const leaders = new Map<number, number>()
  const invariant: Invariant = {
    name: 'R1 election safety',
    raftChanged({ nodeId, epoch, leaderId }) {
      if (leaderId === undefined) return
      const known = leaders.get(epoch)
      if (known === undefined) leaders.set(epoch, leaderId)
      else if (known !== leaderId) violated(invariant, `epoch ${epoch} is led by ${known}, and by ${leaderId} as node ${nodeId} has it`)
    },
  }
  return invariant
}

/** R2: the epoch of a node never falls, and not below what it has written across a restart. */
export const epochNeverFalls = (): Invariant => {
  const written = new Map<number, number>()
  const invariant: Invariant = {
    name: 'R2 epochs never fall',
    raftChanged({ nodeId, epoch, life }, before) {
      if (before?.life === life) {
        if (epoch < before.epoch) violated(invariant, `node ${nodeId} went from epoch ${before.epoch} to ${epoch}`)
        return
      }
      const durable = written.get(nodeId) ?? 0
      if (epoch < durable) violated(invariant, `node ${nodeId} came back with epoch ${epoch}, it had written ${durable}`)
    },
    nodeEnded(nodeId, { isWiped }, observed) {
      const state = isWiped ? undefined : readQuorumState(observed.durable(nodeId, quorumStatePath))
      written.set(nodeId, state?.leaderEpoch ?? 0)
    },
  }
  return invariant
}

const quorumStatePath = '/data/__cluster_metadata-0/quorum-state'

/**
 * R3: who votes has written so before anybody hears of it, and votes once in an epoch. Seen where it matters: a leader counts votes that
 * a power loss of the voters at this moment would not take back.
 */
export const votesAreDurable = (): Invariant => {
  const votes = new Map<string, number>()
  const written = new Map<number, WrittenQuorumState>()
  const invariant: Invariant = {
    name: 'R3 votes are durable',
    nodeEnded(nodeId, { isWiped }, observed) {
      const state = isWiped ? undefined : readQuorumState(observed.durable(nodeId, quorumStatePath))
      if (state === undefined) written.delete(nodeId)
      else written.set(nodeId, state)
    },
    raftChanged(now, before, observed) {
      const state = written.get(now.nodeId)
      if (before !== undefined && before.life !== now.life && state !== undefined && isForgotten(state, now))
        violated(
          invariant,
          `node ${now.nodeId} has written a vote for ${state.votedId} in epoch ${now.epoch}, and comes back with ${now.votedId}`,
        )
      if (now.role !== 'leader' || (before?.role === 'leader' && before.epoch === now.epoch)) return
      for (const voter of now.grantingIds) {
        const key = `${voter}:${now.epoch}`
        const other = votes.get(key)
        if (other !== undefined && other !== now.nodeId)
          violated(invariant, `node ${voter} voted for ${other} and for ${now.nodeId} in epoch ${now.epoch}`)
        votes.set(key, now.nodeId)
        const problem = problemOf(voter, now, observed)
        if (problem !== undefined) violated(invariant, `node ${now.nodeId} leads epoch ${now.epoch} by a vote of node ${voter}, ${problem}`)
      }
    },
  }
  return invariant
}

/** It came back in the epoch in which it had voted, and could vote again. */
const isForgotten = ({ leaderEpoch, votedId }: WrittenQuorumState, now: RaftView): boolean =>
  votedId !== undefined && leaderEpoch === now.epoch && now.role === 'unattached' && now.votedId !== votedId

const problemOf = (voter: number, leader: RaftView, observed: Observed): string | undefined => {
  const bytes = observed.durable(voter, quorumStatePath)
  const state = readQuorumState(bytes)
  // Another disk since: nobody can say what the old one held.
  if (bytes === undefined) return undefined
  if (state === undefined) return 'which has written nothing that can be read'
  if (state.leaderEpoch > leader.epoch) return undefined
  if (state.leaderEpoch < leader.epoch) return `which has written epoch ${state.leaderEpoch}`
  if (state.votedId === leader.nodeId || state.leaderId === leader.nodeId) return undefined
  return `which has written a vote for ${state.votedId} and leader ${state.leaderId}`
}

/** R5: who leads holds everything that was committed before. */
export const leaderCompleteness = (): Invariant => {
  let committedEnd = 0
  let committedEpoch = 0
  const invariant: Invariant = {
    name: 'R5 leader completeness',
    raftChanged(now, before) {
      if (now.role === 'leader' && !(before?.role === 'leader' && before.epoch === now.epoch) && now.epoch > committedEpoch) {
        const epoch = epochBefore(now.epochs, committedEnd)
        const reaches = now.endOffset >= committedEnd && (epoch === committedEpoch || now.startOffset >= committedEnd)
        if (!reaches)
          violated(
            invariant,
            `node ${now.nodeId} leads epoch ${now.epoch} with a log to ${now.endOffset} (epoch ${epoch} there), committed is ${committedEnd} of epoch ${committedEpoch}`,
          )
      }
      if (now.role === 'leader' && now.highWatermark !== undefined && now.highWatermark > committedEnd) {
        committedEnd = now.highWatermark
        committedEpoch = epochBefore(now.epochs, committedEnd) ?? committedEpoch
      }
    },
  }
  return invariant
}

/**
 * R11: who asks whether it would be elected is refused by voters that hear from a leader (KIP-996): a voter that was cut off for a while
 * deposes nobody. Counted are those that heard from the same leader all the time from the question on.
 */
export const preVotesAreRefused = (): Invariant => {
  let turn = 0
  const ledSince = new Map<number, number>()
  const askingSince = new Map<number, number>()
  const invariant: Invariant = {
    name: 'R11 pre-votes are refused',
    raftChanged(now, before, { rafts }) {
      turn++
      const { nodeId, role, life } = now
      const isSame = before?.life === life && before.isLed && before.epoch === now.epoch && before.leaderId === now.leaderId
      if (!now.isLed) ledSince.delete(nodeId)
      else if (!isSame) ledSince.set(nodeId, turn)
      if (role === 'prospective' && before?.role !== 'prospective') askingSince.set(nodeId, turn)
      if (role !== 'candidate' || before?.role !== 'prospective' || before.life !== life) return
      const since = askingSince.get(nodeId)!
      const refusing = now.voterIds.filter(
        (id) => id !== nodeId && rafts.get(id)?.epoch === before.epoch && (ledSince.get(id) ?? Number.POSITIVE_INFINITY) < since,
      )
      if ((now.voterIds.length - refusing.length) * 2 <= now.voterIds.length)
        violated(
          invariant,
          `node ${nodeId} stands for election in epoch ${now.epoch}, and ${refusing} of ${now.voterIds} heard from a leader`,
        )
    },
  }
  return invariant
}
