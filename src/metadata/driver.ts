import type { Journal } from '../host/index.ts'
import type { CommittedBatch, LeaderAndEpoch, RaftDriver, RaftListener, SnapshotReader } from '../raft/index.ts'
import { DeltaRecorder, type MetadataDelta } from './delta.ts'
import { MetadataImage } from './image.ts'
import { decodeRecord, encodeRecord, type MetadataRecord } from './records.ts'
import { imageToRecords } from './snapshot.ts'

/** Part of a node that lives by committed metadata. Calls never overlap. */
export interface MetadataSubscriber {
  /** The image has moved; the delta may be empty when only its offset did. Called once per committed batch, and per loaded snapshot. */
  onMetadata?(delta: MetadataDelta, image: MetadataImage): void
  /** After all that was committed before the leader's epoch, when the leader is this node. */
  onLeaderChange?(leader: LeaderAndEpoch): void
  /** Metadata stands still from now on: the node must stop. */
  onFatal?(error: Error): void
}

/**
 * Keeps a node's committed image up to date with the metadata log, and tells subscribers, in the order in which they subscribed. Also
 * writes the snapshots that keep the log short.
 */
export class MetadataLoader implements RaftListener {
  /** The same object for the life of the node. */
  readonly image: MetadataImage = new MetadataImage()
  private readonly quorum: Pick<RaftDriver, 'createSnapshot'>
  private readonly journal: Journal
  private readonly recorder = new DeltaRecorder(this.image)
  private readonly subscribers = new Set<MetadataSubscriber>()
  private snapshotting = false

  /** The caller registers the loader with the quorum, once its subscribers are there. */
  constructor(quorum: Pick<RaftDriver, 'createSnapshot'>, journal: Journal) {
    this.quorum = quorum
    this.journal = journal
  }

  /** Who subscribes late looks at `image` first. Returns what ends the subscription. */
  subscribe(subscriber: MetadataSubscriber): () => void {
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }

  onCommit({ baseOffset, lastOffset, epoch, appendTimestamp, records }: CommittedBatch): void {
    const decoded = records.map(decodeRecord)
    this.image.replayBatch({ baseOffset, offset: lastOffset, epoch, timestampMs: appendTimestamp, records: decoded })
    this.publish()
  }

  async onLoadSnapshot(snapshot: SnapshotReader): Promise<void> {
    // What a format wrote says how the quorum starts; its metadata comes through the log.
    if (snapshot.isBootstrap) return
    const { offset, epoch } = snapshot.snapshotId
    const records: MetadataRecord[] = []
    for await (const values of snapshot.batches()) for (const value of values) records.push(decodeRecord(value))
    this.image.loadSnapshot(records, { offset: offset - 1, epoch, timestampMs: snapshot.lastContainedLogTimestamp })
    this.journal.info('metadata is loaded from a snapshot', { offset, epoch, records: records.length })
    this.publish()
  }

  onLeaderChange(leader: LeaderAndEpoch): void {
    for (const subscriber of this.subscribers) subscriber.onLeaderChange?.(leader)
  }

  onFatal(error: Error): void {
    for (const subscriber of this.subscribers) subscriber.onFatal?.(error)
  }

  /** The records are taken now, for the image moves on while they are written. */
  onSnapshotDue(): void {
    const { image } = this
    if (this.snapshotting || image.transactionStartOffset >= 0 || image.metadataVersion === 0) return
    const { offset, epoch, timestampMs } = image.provenance
    const records = Array.from(imageToRecords(image), encodeRecord)
    this.snapshotting = true
    this.quorum
      .createSnapshot({ offset: offset + 1, epoch }, timestampMs, records)
      .catch((error) => this.journal.error('a snapshot of the metadata could not be written', { offset, epoch, error }))
      .finally(() => {
        this.snapshotting = false
      })
  }

  private publish(): void {
    const delta = this.recorder.take()
    for (const subscriber of this.subscribers) subscriber.onMetadata?.(delta, this.image)
  }
}
