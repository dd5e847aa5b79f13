import type { CommittedBatch, LeaderAndEpoch, RaftListener, SnapshotReader } from '../../src/raft/index.ts'

/** A listener that remembers all it heard. */
export class Recorder implements RaftListener {
  readonly batches: CommittedBatch[] = []
  readonly leaders: LeaderAndEpoch[] = []
  readonly snapshots: { offset: number; epoch: number; values: string[] }[] = []
  readonly due: string[] = []
  fatal: Error | undefined
  onDue: (() => void) | undefined
  onLeader: ((leader: LeaderAndEpoch) => void) | undefined
  get values(): string[] {
    return this.batches.flatMap(({ records }) => records.map(String))
  }
  onCommit(batch: CommittedBatch): void {
    this.batches.push(batch)
  }
  async onLoadSnapshot(snapshot: SnapshotReader): Promise<void> {
    const values: string[] = []
    for await (const batch of snapshot.batches()) values.push(...batch.map(String))
    this.batches.length = 0
    this.snapshots.push({ ...snapshot.snapshotId, values })
  }
  onLeaderChange(leader: LeaderAndEpoch): void {
    this.leaders.push(leader)
    this.onLeader?.(leader)
  }
  onSnapshotDue(reason: string): void {
    this.due.push(reason)
    this.onDue?.()
  }
  onFatal(error: Error): void {
    this.fatal = error
  }
}
