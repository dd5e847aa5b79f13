import { RecordCursor } from './record-cursor.ts'
import { invalidRecord } from './rejection.ts'

/** Kinds of control record, as their keys name them (Kafka's ControlRecordType). */
export const ControlType = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
} as const
export type ControlTypeId = (typeof ControlType)[keyof typeof ControlType]

const KEY_BYTES = 4
const MARKER_BYTES = 6

/** version int16 · type int16 */
export const controlKey = (type: ControlTypeId): Buffer => {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(type, 2)
  return key
}

/** The type in the key of the cursor's record, which lies in a control batch. A number no type has is one of a later version: skip the record. */
export const controlTypeOf = (cursor: RecordCursor): number => {
  if (cursor.keyLength < KEY_BYTES) throw invalidRecord('a control record with a short key')
  if (cursor.bytes.readInt16BE(cursor.keyAt) < 0) throw invalidRecord('a control record with a negative version')
  return cursor.bytes.readInt16BE(cursor.keyAt + 2)
}

/** Value of a COMMIT or ABORT marker: version int16 · coordinator epoch int32 (KIP-98). */
export const endTransactionMarker = (coordinatorEpoch: number): Buffer => {
  const value = Buffer.alloc(MARKER_BYTES)
  value.writeInt32BE(coordinatorEpoch, 2)
  return value
}

/** Coordinator epoch in the value of the cursor's record, a COMMIT or ABORT marker. */
export const coordinatorEpochOf = (cursor: RecordCursor): number => {
  if (cursor.valueLength < MARKER_BYTES) throw invalidRecord('a transaction marker with a short value')
  if (cursor.bytes.readInt16BE(cursor.valueAt) < 0) throw invalidRecord('a transaction marker with a negative version')
  return cursor.bytes.readInt32BE(cursor.valueAt + 2)
}

export interface EndTransaction {
  type: number
  coordinatorEpoch: number
}

const cursor = new RecordCursor()

/** What a control batch says about its transaction; null when its first record is of another type. */
export const endTransactionOf = (bytes: Buffer, at: number): EndTransaction | null => {
  if (!cursor.open(bytes, at).next()) return null
  const type = controlTypeOf(cursor)
  if (type !== ControlType.abort && type !== ControlType.commit) return null
  return { type, coordinatorEpoch: coordinatorEpochOf(cursor) }
}
