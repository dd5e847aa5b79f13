import type { Host, Journal } from '../host/index.ts'
import { batchBytes, lastOffset } from '../records/index.ts'
import { ControlHistory } from './control-history.ts'
import { LogView } from './core/log-view.ts'
import { RaftCore } from './core/raft-core.ts'
import type { LogWriter } from './core/raft-core-options.ts'
import { RaftDriver } from './driver.ts'
import { type MetadataLog, metadataDirectoryName } from './metadata-log.ts'
import { type MetadataLogConfig, openPartitionMetadataLog } from './partition-metadata-log.ts'
import { readQuorumState } from './quorum-state.ts'
import type { RaftSettings } from './raft-parts.ts'
import { SnapshotCorruptError } from './snapshot-reader.ts'
import { SnapshotStore } from './snapshot-store.ts'
import type { RaftTransport } from './transport.ts'
import type { Endpoint, OffsetAndEpoch, Voter } from './types.ts'
import { kraftVersionMax, kraftVersionMin, type VoterSet } from './voter-set.ts'

const mebibyte = 1024 * 1024
const hourMs = 3_600_000

/**
 * Kafka's defaults (QuorumConfig, MetadataLogConfig), but for the linger: Kafka waits 25 ms for company, here appends that arrive
 * during a flush keep each other company.
 */
export const defaultRaftSettings: RaftSettings = {
  electionTimeoutMs: 1000,
  fetchTimeoutMs: 2000,
  electionBackoffMaxMs: 1000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
  fetchMaxBytes: mebibyte,
  snapshotFetchMaxBytes: mebibyte,
  appendLingerMs: 0,
  maxBytesBetween: 20 * mebibyte,
  maxIntervalMs: hourMs,
  retentionBytes: 100 * mebibyte,
  retentionMs: 7 * 24 * hourMs,
  cleaningIntervalMs: 60_000,
  uncommittedBytesMax: 80 * mebibyte,
}

/** Bootstrap servers are known by their addresses alone: their ids are made up, from here down, as in Kafka. */
const firstBootstrapId = -2

export interface OpenRaftOptions {
  readonly host: Pick<Host, 'clock' | 'random' | 'disk' | 'journal'>
  /** The log directory that holds, or will hold, `__cluster_metadata-0`: metadata.log.dir, or the first of log.dirs. */
  readonly logDirectory: string
  readonly nodeId: number
  /** directory.id of that directory's meta.properties. */
  readonly directoryId: string
  /** controller.quorum.voters; `VoterSet.none` when the voters are dynamic and therefore in the log. */
  readonly staticVoters: VoterSet
  /** Where this controller listens; none: it is none. */
  readonly endpoints: readonly Endpoint[]
  /** The listener at which others are asked. Default: the first of its own. */
  readonly listenerName?: string
  /** controller.quorum.bootstrap.servers: whom to ask who leads, while that is not known. None: the voters. */
  readonly bootstrapServers?: readonly Pick<Endpoint, 'host' | 'port'>[]
  /** controller.quorum.auto.join.enable: once it follows a leader, the replica asks to vote. */
  readonly autoJoin?: boolean
  readonly settings?: Partial<RaftSettings>
  readonly transport?: RaftTransport
  readonly logConfig?: MetadataLogConfig
  /** Opens the log in the directory `__cluster_metadata-0`, all below the recovery point being known to be durable. Default: a partition log. */
  openLog?(directory: string, recoveryPoint: number): Promise<MetadataLog>
}

/** Opens a replica of the quorum as it was left. @throws Error that says what is wrong with the directory */
export const openRaft = async (options: OpenRaftOptions): Promise<RaftDriver> => {
  const { host, nodeId, directoryId, endpoints } = options
  const listenerName = options.listenerName ?? endpoints[0]?.name ?? ''
  const journal = host.journal.child('raft', { node: nodeId })
  const directory = `${options.logDirectory}/${metadataDirectoryName}`
  await host.disk.makeDirectory(directory)
  await host.disk.syncDirectory(options.logDirectory)
  const election = await readQuorumState(host.disk, directory)
  // A process that died may have written it and not synced its name: who repeats a vote must not take it back either (R3).
  await host.disk.syncDirectory(directory)
  const snapshots = await SnapshotStore.open(host, directory, 0)
  const isController = endpoints.length > 0
  await checkLatest(snapshots, isController, journal)
  // A snapshot is only ever written of what was committed, so all before it was flushed.
  const openLog =
    options.openLog ?? ((path, point) => openPartitionMetadataLog({ ...hostOf(host), journal }, path, point, options.logConfig))
  const log = await openLog(directory, snapshots.latest?.offset ?? 0)
  try {
    await agree(log, snapshots, isController, journal)
    // What a process that died had not synced is there again, and from now on others count on it.
    await log.flush()
    const control = new ControlHistory(options.staticVoters)
    await readControl(log, snapshots, control)
    const self: Voter = { id: nodeId, directoryId, endpoints, kraftVersionMin, kraftVersionMax }
    const settings = { ...defaultRaftSettings, ...options.settings }
    const view = new LogView(log.startOffset, log.endOffset, log.epochs, snapshots.earliest, snapshots.latest)
    const bootstrap = (options.bootstrapServers ?? []).map(({ host, port }, index) => ({
      id: firstBootstrapId - index,
      endpoints: [{ name: listenerName, host, port }],
    }))
    const newCore = (now: number, writer: LogWriter): RaftCore =>
      new RaftCore(
        {
          ...{ self, control, election, writer },
          bootstrapIds: bootstrap.map(({ id }) => id),
          autoJoin: options.autoJoin ?? false,
          log: view,
          random: (below) => host.random.below(below),
          timing: settings,
        },
        now,
      )
    const { transport } = options
    return new RaftDriver({
      host: { ...hostOf(host), journal },
      log,
      snapshots,
      control,
      self,
      listenerName,
      bootstrap,
      directory,
      settings,
      transport,
      newCore,
    })
  } catch (error) {
    await log.close()
    throw error
  }
}

const hostOf = ({ clock, random, disk }: OpenRaftOptions['host']): Pick<Host, 'clock' | 'random' | 'disk'> => ({ clock, random, disk })

/**
 * Reads the snapshot that all begins with, as Kafka does. A controller does not go on without it: it may hold what no other has. What a
 * broker has of the metadata counts for nobody but itself, and the leader gives it all again.
 */
const checkLatest = async (snapshots: SnapshotStore, isController: boolean, journal: Journal): Promise<void> => {
  for (let { latest } = snapshots; latest !== undefined; latest = snapshots.latest) {
    try {
      return await snapshots.check(latest)
    } catch (error) {
      if (!(error instanceof SnapshotCorruptError)) throw error
      if (isController) throw new Error(`${error.message}. ${howToReplace}`, { cause: error })
      const keptAs = await snapshots.setAside(latest)
      journal.warn('a snapshot of the metadata log is damaged: it is set aside, and what it held is fetched from the controllers', {
        keptAs,
        error,
      })
    }
  }
}

const howToReplace =
  'A controller does not drop it by itself, for it may hold what no other one has: restore the file from a copy; or, while a majority of ' +
  'the controllers runs without this one, replace it as a controller that has lost its disk.'

/** Log and snapshots tell one story: a log that starts above 0 has a snapshot for what is missing, and none is ahead of the log. */
const agree = async (log: MetadataLog, snapshots: SnapshotStore, isController: boolean, journal: Journal): Promise<void> => {
  await snapshots.dropOlderThan(log.startOffset)
  const { latest } = snapshots
  if (log.startOffset > 0 && latest === undefined) {
    if (isController)
      throw new Error(`the metadata log starts at ${log.startOffset}, but no snapshot reaches that far: restore it, or replace the node`)
    journal.warn('no snapshot stands for the beginning of the metadata log: all of it is fetched again', {
      logStartOffset: log.startOffset,
    })
    return log.restartAt(0)
  }
  if (latest === undefined || !isAhead(latest, log)) return
  await log.restartAt(latest.offset)
  await snapshots.dropBefore(latest)
}

const isAhead = (snapshot: OffsetAndEpoch, log: MetadataLog): boolean => {
  const latestEpoch = log.epochs.at(-1)?.epoch ?? 0
  return snapshot.epoch > latestEpoch || (snapshot.epoch === latestEpoch && snapshot.offset > log.endOffset)
}

const readBytes = 8 * mebibyte

const readControl = async (log: MetadataLog, snapshots: SnapshotStore, control: ControlHistory): Promise<void> => {
  let offset = log.startOffset
  if (snapshots.latest !== undefined) {
    await snapshots.readControl(snapshots.latest, control)
    offset = Math.max(offset, snapshots.latest.offset)
  }
  while (offset < log.endOffset) {
    const bytes = await log.read(offset, readBytes)
    const end = endOf(bytes)
    if (end <= offset) throw new Error(`the metadata log cannot be read at offset ${offset}`)
    control.read(bytes)
    offset = end
  }
}

/** Offset behind the last of some batches; −1 of none. */
const endOf = (bytes: Buffer): number => {
  let end = -1
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) end = lastOffset(bytes, at) + 1
  return end
}
