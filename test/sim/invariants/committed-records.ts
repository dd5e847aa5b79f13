import { type EpochStart, epochBefore, type Invariant, type Observed, type ReplicaView, violated } from './observed.ts'

/** What some leader has told the world to be replicated: the true high watermark, and which epoch wrote what below it. */
export class CommittedRecords {
  readonly #ends = new Map<string, { offset: number; epochs: EpochStart[]; byLeaderEpoch: Map<number, number> }>()

  /** The highest high watermark that any leader ever had. */
  endOf(key: string): number {
    return this.#ends.get(key)?.offset ?? 0
  }

  /** Of the leaders before that of `leaderEpoch`: one that comes late to its own epoch cannot hold what others did since. */
  endBefore(key: string, leaderEpoch: number): number {
    let end = 0
    for (const [epoch, offset] of this.#ends.get(key)?.byLeaderEpoch ?? []) if (epoch < leaderEpoch) end = Math.max(end, offset)
    return end
  }

  epochsOf(key: string): readonly EpochStart[] {
    return this.#ends.get(key)?.epochs ?? []
  }

  /** Who stops leading may have said so in the same moment. */
  learn({ key, isLeader, leaderEpoch, highWatermark, epochs, life }: ReplicaView, before: ReplicaView | undefined): void {
    const hasLed = before !== undefined && before.life === life && before.isLeader && before.highWatermark < highWatermark
    if (!(isLeader || hasLed) || highWatermark <= this.endOf(key)) return
    const ownEpoch = isLeader ? leaderEpoch : before!.leaderEpoch
    const byLeaderEpoch = this.#ends.get(key)?.byLeaderEpoch ?? new Map<number, number>()
    byLeaderEpoch.set(ownEpoch, highWatermark)
    this.#ends.set(key, { offset: highWatermark, epochs: epochs.filter(({ startOffset }) => startOffset < highWatermark), byLeaderEpoch })
  }
}

/**
 * Where a log differs from another below `end`, by the epochs that wrote it; undefined: nowhere. Records of an epoch come from its leader
 * alone and in its order, so logs that agree on the epochs agree on the records.
 */
export const differsBelow = (end: number, start: number, a: readonly EpochStart[], b: readonly EpochStart[]): string | undefined => {
  const places = new Set([...a, ...b].map(({ startOffset }) => startOffset + 1).filter((offset) => offset > start && offset <= end))
  places.add(end)
  for (const offset of places) {
    if (offset <= start) continue
    const [one, other] = [epochBefore(a, offset), epochBefore(b, offset)]
    if (one !== other) return `the record at ${offset - 1} is of epoch ${one} here, of ${other} there`
  }
  return undefined
}

/** I1: whoever leads holds every record that was ever replicated: acknowledged ones among them. */
export const noCommittedRecordIsLost = (records: CommittedRecords): Invariant => {
  const invariant: Invariant = {
    name: 'I1 leader completeness',
    replicaChanged(now, before) {
      if (!now.isLeader || (before?.isLeader && before.leaderEpoch === now.leaderEpoch && before.life === now.life)) return
      const end = records.endBefore(now.key, now.leaderEpoch)
      if (now.endOffset < end)
        violated(
          invariant,
          `node ${now.nodeId} leads ${now.name} in epoch ${now.leaderEpoch} with a log to ${now.endOffset}, ${end} were replicated`,
        )
      const difference = differsBelow(end, now.startOffset, now.epochs, records.epochsOf(now.key))
      if (difference !== undefined)
        violated(invariant, `node ${now.nodeId} leads ${now.name} in epoch ${now.leaderEpoch}, and ${difference}`)
    },
  }
  return invariant
}

/** The node serves as the incarnation that the metadata knows. */
export const isCurrent = (nodeId: number, observed: Observed): boolean =>
  observed.isAlive(nodeId) && observed.image.brokers.get(nodeId)?.epoch === observed.servingEpoch(nodeId)

/** I2: whoever may become a leader (in sync or eligible, and up) holds all that was replicated; I8: nobody of them cuts it off. */
export const candidatesAreComplete = (records: CommittedRecords): Invariant => {
  const invariant: Invariant = {
    name: 'I2 candidates are complete',
    replicaChanged(now, _before, observed) {
      const registration = registrationOf(now.key, observed)
      const end = records.endOf(now.key)
      if (registration === undefined || now.endOffset >= end || !isCurrent(now.nodeId, observed)) return
      if (!registration.isr.includes(now.nodeId) && !registration.elr.includes(now.nodeId)) return
      violated(
        invariant,
        `node ${now.nodeId} holds ${now.name} up to ${now.endOffset}, ${end} were replicated, and it is in ISR ${registration.isr} or ELR ${registration.elr}`,
      )
    },
    partitionChanged(topic, index, _before, after, observed) {
      if (after === undefined) return
      const key = `${topic.id}:${index}`
      const end = records.endOf(key)
      for (const id of [...after.isr, ...after.elr]) {
        const view = observed.replicas.get(key)?.get(id)
        if (view !== undefined && view.endOffset < end && isCurrent(id, observed))
          violated(
            invariant,
            `${topic.name}-${index} gets ISR ${after.isr} and ELR ${after.elr}, node ${id} ends at ${view.endOffset} of ${end}`,
          )
      }
    },
  }
  return invariant
}

export const registrationOf = (key: string, { image }: Observed) => {
  const colon = key.lastIndexOf(':')
  return image.topicById(key.slice(0, colon))?.partitions.get(Number(key.slice(colon + 1)))
}

/** I4: the high watermark waits for every replica that the controller has in sync; I13: it stands while they are too few. */
export const highWatermarkWaits = (): Invariant => {
  const invariant: Invariant = {
    name: 'I4 high watermark waits for the ISR',
    replicaChanged(now, before, observed) {
      if (!now.isLeader || before === undefined || before.life !== now.life || !before.isLeader) return
      if (now.leaderEpoch !== before.leaderEpoch || now.highWatermark <= before.highWatermark) return
      const registration = registrationOf(now.key, observed)
      if (registration === undefined || registration.leaderEpoch !== now.leaderEpoch || registration.leader !== now.nodeId) return
      for (const id of registration.isr) {
        const end = writtenEnd(id, now, observed)
        if (end !== undefined && end < now.highWatermark)
          violated(
            invariant,
            `${now.name} on node ${now.nodeId} moves to ${now.highWatermark}, node ${id} of ISR ${registration.isr} ends at ${end}`,
          )
      }
    },
  }
  return invariant
}

/** What a power cut of the process would leave: of one that is up what its disk has taken, of one that is down what it was seen to hold. */
const writtenEnd = (id: number, { key }: ReplicaView, observed: Observed): number | undefined => {
  const log = observed.isAlive(id) ? observed.partitions.get(key)?.get(id)?.log : undefined
  return log?.acknowledgedOffset ?? observed.replicas.get(key)?.get(id)?.endOffset
}

/** I3: who enters the ISR holds what the leader had when its epoch began: its high watermark may not tell yet what is replicated. */
export const joinersHoldTheBeginning = (): Invariant => {
  const invariant: Invariant = {
    name: 'I3 joiners hold the beginning of the epoch',
    partitionChanged(topic, index, before, after, observed) {
      if (before === undefined || after === undefined || before.leaderEpoch !== after.leaderEpoch) return
      const views = observed.replicas.get(`${topic.id}:${index}`)
      const start = views?.get(after.leader)?.epochs.find(({ epoch }) => epoch === after.leaderEpoch)?.startOffset
      for (const id of after.isr) {
        const view = before.isr.includes(id) ? undefined : views?.get(id)
        if (start !== undefined && view !== undefined && view.endOffset < start && isCurrent(id, observed))
          violated(
            invariant,
            `node ${id} joins ${topic.name}-${index} with ${view.endOffset}, epoch ${after.leaderEpoch} began at ${start}`,
          )
      }
    },
  }
  return invariant
}

/** I13: with fewer replicas in sync than asked for nothing counts as replicated. */
export const minimumOfReplicas = (): Invariant => {
  const invariant: Invariant = {
    name: 'I13 enough replicas',
    replicaChanged(now, before) {
      if (!now.isLeader || before === undefined || before.life !== now.life || before.leaderEpoch !== now.leaderEpoch) return
      if (now.highWatermark <= before.highWatermark) return
      // A broker that reads the metadata late goes through several of them in one step: there may have been enough in between.
      if (now.partitionEpoch > before.partitionEpoch + 1) return
      if (now.isr.length < now.minInsyncReplicas && before.isr.length < now.minInsyncReplicas)
        violated(invariant, `${now.name} moves to ${now.highWatermark} with ISR ${now.isr}, ${now.minInsyncReplicas} are asked for`)
    },
  }
  return invariant
}

/** I5: the high watermark of a leader never falls; it never passes the end of the log. */
export const highWatermarkRises = (): Invariant => {
  const invariant: Invariant = {
    name: 'I5 high watermark rises',
    replicaChanged(now, before) {
      if (now.highWatermark > now.endOffset)
        violated(invariant, `${now.name} on node ${now.nodeId}: ${now.highWatermark} of ${now.endOffset}`)
      if (before === undefined || before.life !== now.life || !now.isLeader || !before.isLeader || before.leaderEpoch !== now.leaderEpoch)
        return
      if (now.highWatermark < before.highWatermark)
        violated(invariant, `${now.name} on node ${now.nodeId} fell from ${before.highWatermark} to ${now.highWatermark}`)
      if (now.endOffset < before.endOffset)
        violated(invariant, `the log of leader ${now.nodeId} of ${now.name} was cut from ${before.endOffset} to ${now.endOffset}`)
    },
  }
  return invariant
}

/** I6: below the high watermark of whoever leads, all who are in sync hold what it holds. */
export const inSyncReplicasHoldTheSame = (): Invariant => {
  const invariant: Invariant = {
    name: 'I6 strong ISR',
    replicaChanged(now, before, observed) {
      if (!now.isLeader || before?.highWatermark === now.highWatermark) return
      const registration = registrationOf(now.key, observed)
      if (registration?.leader !== now.nodeId || registration.leaderEpoch !== now.leaderEpoch) return
      for (const id of registration.isr) {
        const other = observed.replicas.get(now.key)?.get(id)
        if (id === now.nodeId || other === undefined) continue
        const end = Math.min(now.highWatermark, other.endOffset)
        const difference = differsBelow(end, Math.max(now.startOffset, other.startOffset), now.epochs, other.epochs)
        if (difference !== undefined)
          violated(invariant, `${now.name} is led by ${now.nodeId} up to ${now.highWatermark}, and of node ${id} in its ISR ${difference}`)
      }
    },
  }
  return invariant
}

/** I7: below the lower of two high watermarks logs are the same. */
export const logsMatch = (records: CommittedRecords): Invariant => {
  const invariant: Invariant = {
    name: 'I7 logs match',
    replicaChanged(now, before) {
      if (before !== undefined && before.highWatermark === now.highWatermark && before.epochs.length === now.epochs.length) return
      const end = Math.min(now.highWatermark, now.endOffset, records.endOf(now.key))
      const difference = differsBelow(end, now.startOffset, now.epochs, records.epochsOf(now.key))
      if (difference !== undefined)
        violated(
          invariant,
          `${now.name} on node ${now.nodeId}: ${difference} (${now.startOffset} ≤ ${now.highWatermark} ≤ ${now.endOffset}, epochs ${JSON.stringify(now.epochs)})`,
        )
    },
  }
  return invariant
}
