import { join } from 'node:path'
import type { Disk } from '../../host/index.ts'
import { bootstrapCheckpointFile, CLUSTER_METADATA_TOPIC, decodeRecord, MetadataImage, type MetadataRecord } from '../../metadata/index.ts'
import { recordValues } from '../../raft/index.ts'
import { baseOffset, isBatchValid, isControl, lastOffset, leaderEpoch, MAX_TIMESTAMP_AT, readRecords } from '../../records/index.ts'
import { decodeControlRecord } from '../dump-decoders.ts'
import { Fault, messageOf, usageFault } from '../fault.ts'
import { type FileBatch, fileBatches } from '../log-dump.ts'

/** A metadata batch is smaller than that; more is damage. */
const BATCH_BYTES_MAX = 256 * 1024 * 1024

export interface LoadedMetadata {
  readonly image: MetadataImage
  readonly quorum: { readonly kraftVersion: number; readonly voters: readonly { readonly id: number }[] }
  /** The files that were read. */
  readonly source: readonly string[]
  /** What could not be read at the end of the log; null: nothing. */
  readonly unread: string | null
}

/** The metadata of a snapshot: a `.checkpoint` of either kind, the one that a format writes included. @throws Fault */
export async function loadSnapshotFile(disk: Disk, path: string): Promise<LoadedMetadata> {
  const replay = new Replay(disk)
  await replay.snapshot(path)
  return replay.loaded
}

/**
 * The metadata of a directory, `__cluster_metadata-0` or the log directory that it lies in: the latest snapshot, and the log from there on.
 * Nothing is locked or changed, so a node may run on it; what it appends at this moment may be missing, and what is last may not be
 * committed. @throws Fault
 */
export async function loadDirectory(disk: Disk, directory: string): Promise<LoadedMetadata> {
  const list = async (path: string): Promise<string[]> => (await disk.list(path)).map(({ name }) => name)
  const own = await list(directory).catch((error: unknown) => {
    throw new Fault(`cannot read ${directory}: ${messageOf(error)}`, { cause: error })
  })
  const partition = `${CLUSTER_METADATA_TOPIC}-0`
  const path = own.includes(partition) ? join(directory, partition) : directory
  const names = path === directory ? own : await list(path)
  const segments = names.filter((name) => /^\d{20}\.log$/.test(name)).sort()
  const snapshots = names.filter((name) => /^\d{20}-\d{10}\.checkpoint$/.test(name)).sort(byEpochAndOffset)
  const formatted = join(
    path === directory && !own.includes(bootstrapCheckpointFile) ? join(path, '..') : directory,
    bootstrapCheckpointFile,
  )
  const isFormatted = (await disk.stat(formatted).catch(() => undefined)) !== undefined
  if (segments.length + snapshots.length === 0 && !own.includes(bootstrapCheckpointFile))
    throw usageFault(`${directory} has no metadata log`, `Name ${partition}, or the directory of metadata.log.dir that it is in.`)
  const replay = new Replay(disk)
  const latest = snapshots.findLast((name) => !isBootstrap(name))
  const [first] = snapshots
  if (latest !== undefined) await replay.snapshot(join(path, latest))
  else {
    // How the quorum starts; the metadata that a format has chosen comes through the log as well, once there is one.
    if (first !== undefined) await replay.quorumOf(join(path, first))
    if (segments.length === 0 && isFormatted) await replay.snapshot(formatted)
  }
  const from = replay.nextOffset
  const at = segments.findLastIndex((name) => Number.parseInt(name, 10) <= from)
  for (const name of segments.slice(Math.max(0, at))) await replay.segment(join(path, name))
  return replay.loaded
}

const isBootstrap = (name: string): boolean => /^0{20}-0{10}\./.test(name)
const byEpochAndOffset = (a: string, b: string): number => {
  const key = (name: string): string => `${name.slice(21, 31)}-${name.slice(0, 20)}`
  return key(a) < key(b) ? -1 : 1
}

class Replay {
  readonly #disk: Disk
  readonly #image = new MetadataImage()
  #quorum: LoadedMetadata['quorum'] = { kraftVersion: 0, voters: [] }
  readonly #source: string[] = []
  #unread: string | null = null

  constructor(disk: Disk) {
    this.#disk = disk
  }

  get loaded(): LoadedMetadata {
    return { image: this.#image, quorum: this.#quorum, source: this.#source, unread: this.#unread }
  }

  get nextOffset(): number {
    return this.#image.provenance.offset + 1
  }

  /** @throws Fault: half a snapshot is none */
  async snapshot(path: string): Promise<void> {
    const [, offset = '0', epoch = '0'] = /(\d{20})-(\d{10})\.checkpoint/.exec(path) ?? []
    const records: MetadataRecord[] = []
    let timestampMs = -1
    for await (const { bytes, fault } of this.#batches(path)) {
      if (fault !== undefined) throw new Fault(`${path} is damaged: ${fault}`)
      timestampMs = Math.max(timestampMs, this.#noteControl(bytes) ?? -1)
      for (const value of recordValues(bytes, 0)) records.push(decoded(value, path))
    }
    if (records.length + this.#quorum.voters.length === 0 && timestampMs < 0) throw new Fault(`${path} is no snapshot of metadata`)
    this.#image.loadSnapshot(records, { offset: Number(offset) - 1, epoch: Number(epoch), timestampMs })
  }

  async quorumOf(path: string): Promise<void> {
    for await (const { bytes } of this.#batches(path)) if (bytes !== undefined) this.#noteControl(bytes)
  }

  /** Batches that the image does not have yet. The end of the last segment may be torn, or be written right now. */
  async segment(path: string): Promise<void> {
    for await (const { bytes, fault, position } of this.#batches(path)) {
      if (fault !== undefined) {
        this.#unread = `${path} from byte ${position}: ${fault}`
        return
      }
      if (baseOffset(bytes, 0) < this.nextOffset) continue
      this.#noteControl(bytes)
      this.#image.replayBatch({
        ...{ baseOffset: baseOffset(bytes, 0), offset: lastOffset(bytes, 0), epoch: leaderEpoch(bytes, 0) },
        timestampMs: Number(bytes.readBigInt64BE(MAX_TIMESTAMP_AT)),
        records: recordValues(bytes, 0).map((value) => decoded(value, path)),
      })
    }
  }

  async *#batches(path: string): AsyncGenerator<FileBatch> {
    const file = await this.#disk.open(path, 'read').catch((error: unknown) => {
      throw new Fault(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
    })
    this.#source.push(path)
    try {
      for await (const batch of fileBatches(file, BATCH_BYTES_MAX)) {
        const { position, bytes } = batch
        if (bytes === undefined || isBatchValid(bytes, 0, bytes.length)) yield batch
        else return yield { position, fault: 'a batch with a wrong checksum' }
      }
    } finally {
      await file.close()
    }
  }

  /** What a control batch says of the quorum; of the header of a snapshot the time of its last record. */
  #noteControl(bytes: Buffer): number | undefined {
    if (!isControl(bytes, 0)) return undefined
    let timestampMs: number | undefined
    for (const { key, value } of readRecords(bytes)) {
      const control = decodeControlRecord(key, value) as { key?: { control?: string }; value?: Record<string, unknown> }
      switch (control.key?.control) {
        case 'SNAPSHOT_HEADER':
          timestampMs = Number(control.value?.lastContainedLogTimestamp)
          break
        case 'KRAFT_VERSION':
          this.#quorum = { ...this.#quorum, kraftVersion: Number(control.value?.kRaftVersion) }
          break
        case 'KRAFT_VOTERS': {
          const voters = (control.value?.voters ?? []) as readonly { readonly voterId: number }[]
          this.#quorum = { ...this.#quorum, voters: voters.map(({ voterId, ...voter }) => ({ id: voterId, ...voter })) }
        }
      }
    }
    return timestampMs
  }
}

function decoded(value: Buffer, path: string): MetadataRecord {
  try {
    return decodeRecord(value)
  } catch (error) {
    throw new Fault(`${path} holds what this release cannot read: ${messageOf(error)}`, { cause: error })
  }
}
