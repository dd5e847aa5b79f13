import { decode, encode } from '../protocol/index.ts'
import {
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../protocol/messages/control-records.ts'
import { BatchBuilder, ControlType, type ControlTypeId, controlKey, controlTypeOf, isControl, RecordCursor } from '../records/index.ts'
import type { LeaderChange, QuorumChange } from './core/messages.ts'
import { VoterSet } from './voter-set.ts'

/** All control records of raft are written in version 0 of their schema. */
const version = 0

/** Where a control batch goes. `timestamp` is wall clock. */
export interface BatchPlace {
  readonly baseOffset: number
  readonly epoch: number
  readonly timestamp: number
}
export interface KRaftVersionAndVoters {
  readonly kraftVersion: number
  readonly voters: VoterSet | undefined
}

type ControlValue = readonly [ControlTypeId, Buffer]

const controlRecords = (place: BatchPlace, values: readonly ControlValue[]): Buffer => {
  const builder = new BatchBuilder({ baseOffset: place.baseOffset, leaderEpoch: place.epoch, control: true })
  for (const [type, value] of values) builder.append(place.timestamp, controlKey(type), value)
  return builder.close()
}

const quorumValues = ({ kraftVersion, voters }: QuorumChange): ControlValue[] => {
  const values: ControlValue[] = []
  if (kraftVersion !== undefined) {
    values.push([ControlType.kraftVersion, encode(KRaftVersionRecord, version, { version, kRaftVersion: kraftVersion })])
  }
  if (voters !== undefined) values.push([ControlType.kraftVoters, encode(VotersRecord, version, voters.toRecord())])
  return values
}

/** What a leader says in the log: that its epoch begins, and what changes in the quorum (LeaderState.appendStartOfEpochControlRecords). */
export const leaderBatch = (place: BatchPlace, start: LeaderChange | undefined, quorum: QuorumChange = {}): Buffer => {
  const values = quorumValues(quorum)
  return controlRecords(place, start === undefined ? values : [[ControlType.leaderChange, leaderChange(start)], ...values])
}

const leaderChange = ({ leaderId, voterIds, grantingIds }: LeaderChange): Buffer =>
  encode(LeaderChangeMessage, version, {
    version,
    leaderId,
    voters: voterIds.map((voterId) => ({ voterId })),
    grantingVoters: grantingIds.map((voterId) => ({ voterId })),
  })

/** The batch that opens a snapshot. */
export const snapshotHeaderBatch = (place: BatchPlace, lastContainedLogTimestamp: number, quorum: KRaftVersionAndVoters): Buffer => {
  const value = encode(SnapshotHeaderRecord, version, { version, lastContainedLogTimestamp })
  return controlRecords(place, [[ControlType.snapshotHeader, value], ...(quorum.kraftVersion === 0 ? [] : quorumValues(quorum))])
}

/** The batch that closes a snapshot: one without it is unfinished. */
export const snapshotFooterBatch = (place: BatchPlace): Buffer =>
  controlRecords(place, [[ControlType.snapshotFooter, encode(SnapshotFooterRecord, version, { version })]])

export type ControlRecord =
  | { readonly type: 'leaderChange'; readonly offset: number; readonly leaderId: number }
  | { readonly type: 'snapshotHeader'; readonly offset: number; readonly lastContainedLogTimestamp: number }
  | { readonly type: 'snapshotFooter'; readonly offset: number }
  | { readonly type: 'kraftVersion'; readonly offset: number; readonly kraftVersion: number }
  | { readonly type: 'voters'; readonly offset: number; readonly voters: VoterSet }

/** The control records of the batch at `at`; none of a data batch. Records of types from a later version are left out. */
export const controlRecordsOf = (bytes: Buffer, at: number): ControlRecord[] => {
  if (!isControl(bytes, at)) return []
  const records: ControlRecord[] = []
  const cursor = new RecordCursor().open(bytes, at)
  while (cursor.next()) {
    const record = controlRecord(controlTypeOf(cursor), cursor.value() ?? Buffer.alloc(0), cursor.offset)
    if (record !== undefined) records.push(record)
  }
  return records
}

const controlRecord = (type: number, value: Buffer, offset: number): ControlRecord | undefined => {
  switch (type) {
    case ControlType.leaderChange:
      return { type: 'leaderChange', offset, leaderId: decode(LeaderChangeMessage, schemaVersion(value), value).leaderId }
    case ControlType.snapshotHeader: {
      const { lastContainedLogTimestamp } = decode(SnapshotHeaderRecord, version, value)
      return { type: 'snapshotHeader', offset, lastContainedLogTimestamp }
    }
    case ControlType.snapshotFooter:
      return { type: 'snapshotFooter', offset }
    case ControlType.kraftVersion:
      return { type: 'kraftVersion', offset, kraftVersion: decode(KRaftVersionRecord, version, value).kRaftVersion }
    case ControlType.kraftVoters:
      return { type: 'voters', offset, voters: VoterSet.fromRecord(decode(VotersRecord, version, value)) }
    default:
      return undefined
  }
}

/** What the batch at `at` says of the quorum; undefined: nothing. */
export const quorumChangeOf = (bytes: Buffer, at: number): QuorumChange | undefined => {
  let change: QuorumChange | undefined
  for (const record of controlRecordsOf(bytes, at)) {
    if (record.type === 'kraftVersion') change = { ...change, kraftVersion: record.kraftVersion }
    else if (record.type === 'voters') change = { ...change, voters: record.voters }
  }
  return change
}

/** The first field of each control record is its version; LeaderChange has two (KIP-853). */
const schemaVersion = (value: Buffer): number => (value.length >= 2 && value.readInt16BE(0) === 1 ? 1 : 0)
