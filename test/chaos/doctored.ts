import type { AnomalyName } from './anomaly.ts'
import type { ReplicaLog } from './checks/replicas.ts'
import type { Dice } from './dice.ts'
import type { MadeHistory } from './made-history.ts'
import type { Operation, Read } from './operation.ts'

/** Works one fault into a clean history; false when this history has no place for it. */
type Doctor = (made: MadeHistory, dice: Dice) => boolean

type SendOperation = Extract<Operation, { f: 'send' }>
type Poll = Extract<Operation, { f: 'poll' }>
type Rebalanced = Extract<Operation, { f: 'subscribe' }>
type Committing = Extract<Operation, { f: 'commit' }>

const sends = (made: MadeHistory, type: string): SendOperation[] =>
  made.operations.filter((each): each is SendOperation => each.f === 'send' && each.type === type)
const polls = (made: MadeHistory): Poll[] => made.operations.filter((each): each is Poll => each.f === 'poll')
const replace = (made: MadeHistory, old: Operation, ...by: Operation[]): void =>
  void made.operations.splice(made.operations.indexOf(old), 1, ...by)
const endMs = (made: MadeHistory): number => Math.max(...made.operations.map(({ atMs }) => atMs)) + 1
const NEW_PROCESS = 9999
const OBSERVER = 9998

/** The polls of the last process that read everything. */
const finalPolls = (made: MadeHistory): Poll[] => {
  const all = polls(made)
  return all.filter(({ process }) => process === all.at(-1)?.process)
}

const freshValue = (made: MadeHistory, key: number): number => sends(made, 'invoke').filter((each) => each.key === key).length

const withoutReads = (made: MadeHistory, isGone: (read: Read) => boolean): void => {
  for (const poll of polls(made)) {
    const reads = poll.reads.filter((read) => !isGone(read))
    if (reads.length < poll.reads.length) replace(made, poll, ...(reads.length > 0 ? [{ ...poll, reads }] : []))
  }
}

const onEveryReplica = (made: MadeHistory, key: number, change: (replica: ReplicaLog) => ReplicaLog): void => {
  const { replicas } = made.finalLogs
  replicas.forEach((replica, index) => {
    if (replica.key === key) replicas[index] = change(replica)
  })
}

/** The last readers find one more record at the end. */
const appended = (made: MadeHistory, key: number, value: number): void => {
  const offset = made.finalLogs.highWatermarks.get(key)!
  made.finalLogs.highWatermarks.set(key, offset + 1)
  onEveryReplica(made, key, (replica) => ({
    ...replica,
    values: Int32Array.from([...replica.values, value]),
    batchSums: Int32Array.from([...replica.batchSums, 7]),
    batches: [...replica.batches, { producerId: 5, producerEpoch: 0, baseSequence: 0, baseOffset: offset, count: 1 }],
  }))
  const last = finalPolls(made).at(-1)!
  replace(made, last, { ...last, reads: [...last.reads, { key, offset, value }] })
}

/** Acknowledged with its offset, and everybody in the end has read it. */
const seenSends = (made: MadeHistory): SendOperation[] => sends(made, 'ok').filter(({ offset }) => offset >= 0)
const highestRead = (made: MadeHistory, key: number): number =>
  Math.max(...polls(made).flatMap(({ reads }) => reads.filter((read) => read.key === key).map(({ offset }) => offset)))

/** Polls of a tenure of the last reader that bring one key alone, with reads of it before and behind. */
const middlePoll = (made: MadeHistory): Poll | undefined => {
  const list = finalPolls(made)
  return list.find(
    ({ reads }, n) =>
      reads.every(({ key }) => key === reads[0]!.key) &&
      list.slice(0, n).some((before) => before.reads.some(({ key }) => key === reads[0]!.key)) &&
      list.slice(n + 1).some((after) => after.reads.some(({ key }) => key === reads[0]!.key)),
  )
}

const swapAt = (list: Int32Array, a: number, b: number): Int32Array => {
  const swapped = Int32Array.from(list)
  ;[swapped[a], swapped[b]] = [list[b]!, list[a]!]
  return swapped
}

export const doctors: Readonly<Record<AnomalyName, Doctor>> = {
  'inconsistent-offsets'(made, dice) {
    const list = finalPolls(made)
    if (list.length === 0) return false
    const poll = dice.pick(list)
    const at = dice.below(poll.reads.length)
    const read = poll.reads[at]!
    const value = freshValue(made, read.key)
    const sent = { f: 'send', process: NEW_PROCESS, atMs: 0, key: read.key, value, offset: -1 } as const
    replace(made, poll, { ...sent, type: 'invoke' }, { ...poll, reads: poll.reads.with(at, { ...read, value }) })
    return true
  },
  duplicate(made, dice) {
    const list = seenSends(made)
    if (list.length === 0) return false
    const { key, value } = dice.pick(list)
    appended(made, key, value)
    return true
  },
  unwritten(made, dice) {
    if (finalPolls(made).length === 0) return false
    appended(made, 0, dice.below(2) === 0 ? -1 : freshValue(made, 0))
    return true
  },
  'failed-read'(made, dice) {
    const list = seenSends(made)
    if (list.length === 0) return false
    const sent = dice.pick(list)
    replace(made, sent, { ...sent, type: 'fail', offset: -1 })
    return true
  },
  'lost-write'(made, dice) {
    const list = seenSends(made).filter(({ key, offset }) => offset < highestRead(made, key))
    if (list.length === 0) return false
    const { key, offset } = dice.pick(list)
    withoutReads(made, (read) => read.key === key && read.offset === offset)
    return true
  },
  unseen(made) {
    const sent = seenSends(made).find(({ key, offset }) => offset === highestRead(made, key))
    if (sent === undefined) return false
    withoutReads(made, (read) => read.key === sent.key && read.offset === sent.offset)
    return true
  },
  'poll-skip'(made) {
    const poll = middlePoll(made)
    if (poll === undefined) return false
    replace(made, poll)
    return true
  },
  'int-poll-skip'(made) {
    for (const poll of finalPolls(made)) {
      const at = poll.reads.findIndex(({ key }, n) => poll.reads[n - 1]?.key === key && poll.reads[n + 1]?.key === key)
      if (at < 0) continue
      replace(made, poll, { ...poll, reads: poll.reads.toSpliced(at, 1) })
      return true
    }
    return false
  },
  'nonmonotonic-poll'(made) {
    const poll = middlePoll(made)
    if (poll === undefined) return false
    replace(made, poll, poll, poll)
    return true
  },
  'int-nonmonotonic-poll'(made, dice) {
    const list = finalPolls(made)
    if (list.length === 0) return false
    const poll = dice.pick(list)
    const at = dice.below(poll.reads.length)
    replace(made, poll, { ...poll, reads: poll.reads.toSpliced(at, 0, poll.reads[at]!) })
    return true
  },
  'nonmonotonic-send'(made) {
    const list = seenSends(made).toSorted((a, b) => a.value - b.value)
    const told = sends(made, 'ok').filter(({ offset }) => offset < 0)
    for (const first of list) {
      const second = list.find((each) => each.process === first.process && each.key === first.key && each.value > first.value)
      if (second === undefined || told.length > 0) continue
      replace(made, first, { ...first, offset: second.offset })
      replace(made, second, { ...second, offset: first.offset })
      const swapped = new Map([
        [first.value, second.value],
        [second.value, first.value],
      ])
      for (const poll of polls(made)) {
        const reads = poll.reads.map((read) => (read.key === first.key ? { ...read, value: swapped.get(read.value) ?? read.value } : read))
        replace(made, poll, { ...poll, reads })
      }
      onEveryReplica(made, first.key, (replica) => ({ ...replica, values: swapAt(replica.values, first.offset, second.offset) }))
      return true
    }
    return false
  },
  'stray-poll'(made) {
    const poll = finalPolls(made).at(-1)
    if (poll === undefined) return false
    made.operations.push({ ...poll, process: NEW_PROCESS, reads: poll.reads.slice(0, 1) })
    return true
  },
  'lost-commit'(made, dice) {
    const committed = made.operations.findLast((each): each is Committing => each.f === 'commit' && each.type === 'ok')
    if (committed === undefined) return false
    const { group } = committed
    const { key, offset } = committed.offsets[0]!
    const [invokedMs, atMs] = [endMs(made), endMs(made) + 1]
    const read = finalPolls(made)
      .flatMap(({ reads }) => reads)
      .find((each) => each.key === key)
    if (dice.below(2) === 0 || read === undefined || read.offset >= offset) {
      made.operations.push({ f: 'committed', process: OBSERVER, invokedMs, atMs, group, offsets: [{ key, offset: -1 }] })
      return true
    }
    // A new member of the group begins at the beginning.
    made.operations.push({
      f: 'subscribe',
      process: NEW_PROCESS,
      atMs: invokedMs,
      group,
      generation: 1000,
      change: 'assigned',
      keys: [key],
    })
    made.operations.push({ f: 'poll', process: NEW_PROCESS, invokedMs, atMs, reads: [read] })
    return true
  },
  'unwritten-commit'(made) {
    const [invokedMs, atMs] = [endMs(made), endMs(made) + 1]
    made.operations.push({ f: 'committed', process: OBSERVER, invokedMs, atMs, group: 0, offsets: [{ key: 0, offset: 1_000_000 }] })
    return true
  },
  'stale-commit'(made) {
    const rebalanced = made.operations.findLast((each): each is Rebalanced => each.f === 'subscribe' && each.generation > 1)
    if (rebalanced === undefined) return false
    const { group, generation } = rebalanced
    const [invokedMs, atMs] = [endMs(made), endMs(made) + 1]
    const offsets = [{ key: 0, offset: 0 }]
    made.operations.push({
      ...({ f: 'commit', type: 'ok', process: NEW_PROCESS, invokedMs, atMs, group, offsets } as const),
      generation: generation - 1,
    })
    return true
  },
  'double-owner'(made) {
    const assigned = made.operations.findLast(
      (each): each is Rebalanced => each.f === 'subscribe' && each.change === 'assigned' && each.keys.length === 1,
    )
    if (assigned === undefined) return false
    made.operations.push({ ...assigned, process: NEW_PROCESS })
    return true
  },
  'diverged-replicas'(made, dice) {
    const { replicas } = made.finalLogs
    const index = replicas.findLastIndex(({ node, values }) => node > 1 && values.length > 0)
    if (index < 0) return false
    const replica = replicas[index]!
    const at = dice.below(replica.values.length)
    const part = dice.below(2) === 0 ? 'values' : 'batchSums'
    replicas[index] = { ...replica, [part]: replica[part].with(at, 12345) }
    return true
  },
  'short-replica'(made) {
    const { replicas } = made.finalLogs
    const index = replicas.findLastIndex(({ node, values }) => node > 1 && values.length > 0)
    if (index < 0) return false
    const { values, batchSums, batches, ...rest } = replicas[index]!
    replicas[index] = {
      ...rest,
      values: values.slice(0, -1),
      batchSums: batchSums.slice(0, -1),
      batches: batches.filter(({ baseOffset }) => baseOffset < values.length - 1),
    }
    return true
  },
  'sequence-gap'(made, dice) {
    const { replicas } = made.finalLogs
    const index = replicas.findIndex(({ batches }) => batches.length > 0)
    if (index < 0) return false
    const { batches } = replicas[index]!
    const gap = dice.pick(batches)
    const shifted = batches.map((batch) =>
      batch.producerId === gap.producerId && batch.baseSequence >= gap.baseSequence
        ? { ...batch, baseSequence: batch.baseSequence + 1 }
        : batch,
    )
    replicas[index] = { ...replicas[index]!, batches: shifted }
    return true
  },
  'lost-from-log'(made, dice) {
    const list = seenSends(made)
    if (list.length === 0) return false
    const { key, offset } = dice.pick(list)
    onEveryReplica(made, key, (replica) => ({ ...replica, values: replica.values.with(offset, -1) }))
    return true
  },
  'moved-in-log'(made, dice) {
    const list = seenSends(made)
    if (list.length === 0) return false
    const { key, value, offset } = dice.pick(list)
    appended(made, key, value)
    // Readers know nothing of it.
    withoutReads(made, (read) => read.key === key && read.offset === made.finalLogs.highWatermarks.get(key)! - 1)
    onEveryReplica(made, key, (replica) => ({ ...replica, values: replica.values.with(offset, -1) }))
    return true
  },
}
