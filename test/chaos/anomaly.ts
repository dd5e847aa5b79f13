/** What must never be seen, by name, with what it means. */
export const anomalies = {
  'inconsistent-offsets': 'one offset of a partition was seen with two values',
  duplicate: 'one value is at two offsets',
  unwritten: 'something was read that nobody sent there',
  'failed-read': 'a value was read whose write had certainly failed (G1a)',
  'lost-write': 'an acknowledged value was never read, and values behind it were',
  unseen: 'an acknowledged value was still not read when all was healed',
  'poll-skip': 'a reader passed over a value that others read',
  'int-poll-skip': 'a single poll passed over a value that others read',
  'nonmonotonic-poll': 'a reader went back without a seek',
  'int-nonmonotonic-poll': 'a single poll went back',
  'nonmonotonic-send': 'values of one producer are in another order than it sent them',
  'stray-poll': 'a reader was given records of a partition that it did not have',
  'lost-commit': 'a committed offset was older than one whose commit had been acknowledged before',
  'unwritten-commit': 'an offset was found committed that nobody had committed',
  'stale-commit': 'a commit of an older generation was acknowledged after a newer one was at work',
  'double-owner': 'two members had one partition in the same generation',
  'diverged-replicas': 'replicas differ below the high watermark',
  'short-replica': 'a replica lacks what is below the high watermark',
  'sequence-gap': 'sequences of a producer are not contiguous in a log',
  'lost-from-log': 'an acknowledged value is in no log',
  'moved-in-log': 'an acknowledged value is in the log at another offset',
} as const

export type AnomalyName = keyof typeof anomalies

export interface Anomaly {
  readonly name: AnomalyName
  readonly what: string
}

const WITNESSES_MAX = 20

/** What was found: all counted, the first of each name with their circumstances. */
export class Findings {
  readonly counts = new Map<AnomalyName, number>()
  readonly witnesses: Anomaly[] = []

  add(name: AnomalyName, what: () => string): void {
    const count = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, count)
    if (count <= WITNESSES_MAX) this.witnesses.push({ name, what: what() })
  }
}
