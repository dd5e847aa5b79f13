/**
 * records: record batches as bytes. Layout, validation, stamping, iteration, building, compression, legacy formats, control batches.
 * A batch is a view of the frame or the file it came in, never an object.
 */
export {
  AppendCheck,
  type AppendOrigin,
  type AppendRules,
  checkAppend,
  oneBatchError,
  type RecordError,
  stampAppend,
} from './append-check.ts'
export * from './batch-builder.ts'
export * from './batch-filter.ts'
export * from './batch-set.ts'
export * from './compression.ts'
export * from './control-record.ts'
export * from './layout.ts'
export { type Header, RecordCursor } from './record-cursor.ts'
export { type ReadRecord, readRecords } from './record-set.ts'
