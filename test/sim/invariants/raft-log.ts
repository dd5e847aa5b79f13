import type { Voter } from '../../../src/raft/index.ts'
import { batchBytes, lastOffset } from '../../../src/records/index.ts'
import { epochBefore, type Invariant, type Observed, type RaftView, violated } from './observed.ts'

/** R4: logs that hold the same epoch at an offset hold the same before it. What is committed they hold alike. */
export const logMatching = (): Invariant => {
  const invariant: Invariant = {
    name: 'R4 log matching',
    raftChanged(now, before, { rafts }) {
      if (before?.endOffset === now.endOffset && before.epochs.length === now.epochs.length) return
      for (const other of rafts.values()) {
        if (other.nodeId === now.nodeId) continue
        const problem = mismatch(now, other)
        if (problem !== undefined) violated(invariant, `nodes ${now.nodeId} and ${other.nodeId} ${problem}`)
      }
    },
  }
  return invariant
}

/** An epoch has one leader, which begins it at one offset: two logs that hold records of an epoch agree on where it began. */
const mismatch = (a: RaftView, b: RaftView): string | undefined => {
  const from = Math.max(a.startOffset, b.startOffset)
  for (const { epoch, startOffset } of a.epochs) {
    if (startOffset <= from) continue
    const there = b.epochs.find((entry) => entry.epoch === epoch)
    if (there !== undefined && there.startOffset > from && there.startOffset !== startOffset)
      return `hold epoch ${epoch} from ${startOffset} and from ${there.startOffset} on`
  }
  return undefined
}

/** R6: what is committed at an offset is the same everywhere, whoever says so and however late. */
export const stateMachineSafety = (): Invariant => {
  const committed = new Map<number, { lastOffset: number; epoch: number; sum: number; nodeId: number }>()
  const invariant: Invariant = {
    name: 'R6 state machine safety',
    committed({ nodeId, sum, batch: { baseOffset, lastOffset, epoch } }) {
      const known = committed.get(baseOffset)
      if (known === undefined) committed.set(baseOffset, { lastOffset, epoch, sum, nodeId })
      else if (known.lastOffset !== lastOffset || known.epoch !== epoch || known.sum !== sum)
        violated(invariant, `nodes ${known.nodeId} and ${nodeId} have committed different batches at offset ${baseOffset}`)
    },
  }
  return invariant
}

/** R7: the high watermark of a leader is on a majority of its voters and never falls; nothing below it is ever cut off. */
export const highWatermarkIsReplicated = (): Invariant => {
  const invariant: Invariant = {
    name: 'R7 high watermark on a majority',
    raftChanged(now, before, observed) {
      const { highWatermark } = now
      if (highWatermark === undefined) return
      if (highWatermark > now.endOffset)
        violated(invariant, `node ${now.nodeId} knows ${highWatermark} to be committed, its log ends at ${now.endOffset}`)
      if (before?.life === now.life && before.highWatermark !== undefined) {
        if (now.epoch === before.epoch && highWatermark < before.highWatermark)
          violated(invariant, `on node ${now.nodeId} it fell from ${before.highWatermark} to ${highWatermark}`)
        if (now.endOffset < before.highWatermark)
          violated(invariant, `node ${now.nodeId} was cut to ${now.endOffset} below ${before.highWatermark}`)
      }
      if (now.role !== 'leader' || (before?.highWatermark === highWatermark && before.role === 'leader')) return
      const holders = now.voterIds.filter((id) => holds(id, now, highWatermark, observed))
      if (holders.length * 2 <= now.voterIds.length)
        violated(invariant, `node ${now.nodeId} commits up to ${highWatermark}, which only ${holders} of ${now.voterIds} hold`)
    },
  }
  return invariant
}

const holds = (id: number, leader: RaftView, offset: number, { rafts }: Observed): boolean => {
  const view = id === leader.nodeId ? leader : rafts.get(id)
  if (view === undefined || view.endOffset < offset) return false
  return view.startOffset >= offset || epochBefore(view.epochs, offset) === epochBefore(leader.epochs, offset)
}

/** R7: what is committed a power loss of all voters at this moment would leave on a majority of them. */
export const commitsAreDurable = (): Invariant => {
  /** Where the files of a node's log begin, as far as was seen. */
  const bases = new Map<number, Set<number>>()
  const invariant: Invariant = {
    name: 'R7 commits are durable',
    raftChanged({ nodeId, role, highWatermark, voterIds, startOffset }, before, observed) {
      let known = bases.get(nodeId)
      if (known === undefined) bases.set(nodeId, (known = new Set([0])))
      known.add(startOffset)
      if (role !== 'leader' || highWatermark === undefined || before?.highWatermark === highWatermark) return
      let missing = 0
      for (const id of voterIds) {
        const end = durableEnd(id, bases.get(id) ?? [0], observed)
        if (end !== undefined && end < highWatermark) missing++
      }
      if (missing * 2 >= voterIds.length)
        violated(
          invariant,
          `node ${nodeId} commits up to ${highWatermark}, and ${missing} of ${voterIds} would lose some of it with their power`,
        )
    },
  }
  return invariant
}

/** Undefined: nobody can say; the log lies elsewhere, or the disk is another one. */
const durableEnd = (id: number, bases: Iterable<number>, observed: Observed): number | undefined => {
  let end: number | undefined
  for (const base of bases) {
    const bytes = observed.durable(id, `/data/__cluster_metadata-0/${String(base).padStart(20, '0')}.log`)
    if (bytes === undefined) continue
    end = Math.max(end ?? 0, base)
    for (let at = 0; at + 61 <= bytes.length; ) {
      const size = batchBytes(bytes, at)
      if (size < 61 || at + size > bytes.length) break
      end = Math.max(end, lastOffset(bytes, at) + 1)
      at += size
    }
  }
  return end
}

/** R8: a leader commits nothing before an entry of its own epoch is replicated. */
export const commitsOwnEpochFirst = (): Invariant => {
  const invariant: Invariant = {
    name: 'R8 own epoch first',
    raftChanged({ nodeId, role, highWatermark, epochStartOffset, epoch }) {
      if (role !== 'leader' || highWatermark === undefined || epochStartOffset === undefined) return
      if (highWatermark <= epochStartOffset)
        violated(invariant, `node ${nodeId} leads epoch ${epoch} from ${epochStartOffset} on and commits up to ${highWatermark}`)
    },
  }
  return invariant
}

/** R9: what a log does not hold any more a snapshot stands for, of committed records alone; a leader never goes back to one. */
export const snapshotsCoverTheLog = (): Invariant => {
  const invariant: Invariant = {
    name: 'R9 snapshots cover the log',
    raftChanged({ nodeId, startOffset, snapshotOffset, highWatermark }) {
      if (startOffset > 0 && (snapshotOffset ?? 0) < startOffset)
        violated(invariant, `the log of node ${nodeId} begins at ${startOffset}, its latest snapshot is ${snapshotOffset}`)
      if (highWatermark !== undefined && (snapshotOffset ?? 0) > highWatermark)
        violated(invariant, `node ${nodeId} has a snapshot at ${snapshotOffset} and knows ${highWatermark} to be committed`)
    },
    snapshotLoaded(nodeId, offset, isLeader) {
      if (isLeader && offset > 0) violated(invariant, `node ${nodeId} leads and loads the snapshot ${offset}`)
    },
  }
  return invariant
}

/** R10: sets of voters that follow each other differ by one voter at most. */
export const votersChangeOneByOne = (): Invariant => {
  const invariant: Invariant = {
    name: 'R10 voters change one by one',
    raftChanged(now, before, { drivers }) {
      const control = drivers.get(now.nodeId)?.parts.control
      if (control === undefined || before?.voterIds === now.voterIds) return
      const offset = control.votersOffset
      if (offset === undefined || offset < 0) return
      const earlier = control.votersAt(offset - 1)
      if (earlier === undefined) return
      const changes = difference(earlier.voters, control.voters.voters)
      if (changes > 1) violated(invariant, `${earlier.ids} → ${control.voters.ids} at offset ${offset}`)
    },
  }
  return invariant
}

const nameOf = ({ id, directoryId }: Voter): string => `${id}/${directoryId}`
/** Voters that come or go; one that is replaced counts as two. */
const difference = (before: readonly Voter[], after: readonly Voter[]): number => {
  const [old, young] = [new Set(before.map(nameOf)), new Set(after.map(nameOf))]
  return old.symmetricDifference(young).size
}
