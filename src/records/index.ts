/**
 * records: record batches as bytes. Layout, validation, stamping, iteration, building, compression, control batches.
 * A batch is a view of the frame or the file it came in, never an object.
 */
export * from './layout.ts'
