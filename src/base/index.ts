/**
 * base: the ground under every room; nothing of Kafka in it but its hashes.
 * Others import only this front door. Things that close in reverse order of opening use the language's AsyncDisposableStack.
 */
export { assert, unreachable } from './assert.ts'
export { BinaryHeap } from './binary-heap.ts'
export { BoundedQueue } from './bounded-queue.ts'
export type { ByteSource } from './byte-source.ts'
export { crc32c } from './crc32c.ts'
export { crc32cShift, joinCrc32c } from './crc32c-join.ts'
export { type Deadline, DeadlineWheel, type WheelClock } from './deadline-wheel.ts'
export { Gate } from './gate.ts'
export { javaAbs, javaStringHash } from './java-hash.ts'
export type { Lease } from './lease.ts'
export { murmur2, positiveHash } from './murmur2.ts'
export { editDistance, nearest } from './nearest.ts'
export { parentOf } from './path.ts'
export { Turns } from './turns.ts'
export {
  isReservedUuid,
  lostDirectoryUuid,
  metadataTopicUuid,
  migratingDirectoryUuid,
  oneUuid,
  parseUuid,
  randomUuid,
  type Uuid,
  unassignedDirectoryUuid,
  uuidAt,
  uuidHash,
  writeUuid,
  zeroUuid,
} from './uuid.ts'
