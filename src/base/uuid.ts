import { assert } from './assert.ts'

/** A uuid in the form it has everywhere in tkafka, and in Kafka's tools: 22 characters of URL-safe base64 without padding. */
export type Uuid = string

export const zeroUuid: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'
export const oneUuid: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ'
/** The topic id of `__cluster_metadata`. */
export const metadataTopicUuid: Uuid = oneUuid
/** Directory ids with a meaning (KIP-858), with all below `reservedCount`. */
export const migratingDirectoryUuid: Uuid = zeroUuid
export const unassignedDirectoryUuid: Uuid = oneUuid
export const lostDirectoryUuid: Uuid = 'AAAAAAAAAAAAAAAAAAAAAg'

const reservedCount = 100
const triesMax = 1000
const form = /^[A-Za-z0-9_-]{22}(==)?$/

/** The uuid in its one form; undefined when the text is none. Takes padding and stray last bits, as Java's decoder does. */
export function parseUuid(text: string): Uuid | undefined {
  return form.test(text) ? Buffer.from(text, 'base64url').toString('base64url') : undefined
}

export function uuidAt(bytes: Buffer, at: number): Uuid {
  return bytes.toString('base64url', at, at + 16)
}

/** Writes the 16 bytes. The caller vouches for the form. */
export function writeUuid(uuid: Uuid, bytes: Buffer, at: number): void {
  bytes.write(uuid, at, 16, 'base64url')
}

/** Version 4, as java.util.UUID.randomUUID makes them, so never a reserved one; and never one that a command line takes for a flag. */
export function randomUuid(random: { bytes(count: number): Uint8Array }): Uuid {
  for (let tries = 0; tries < triesMax; tries++) {
    const bytes = Buffer.from(random.bytes(16))
    bytes[6] = (bytes[6] & 0x0f) | 0x40
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    const uuid = uuidAt(bytes, 0)
    if (!uuid.startsWith('-')) return uuid
  }
  assert(false, 'randomness gives different bytes each time')
}

/** Uuids whose value is below 100 are never given to a directory (KIP-858). */
export function isReservedUuid(uuid: Uuid): boolean {
  const bytes = Buffer.from(uuid, 'base64url')
  for (let at = 0; at < 15; at++) if (bytes[at] !== 0) return false
  return bytes[15] < reservedCount
}

/** Uuid.hashCode of Kafka: the order of some of its maps, and of what it writes from them, follows it. */
export function uuidHash(uuid: Uuid): number {
  const bytes = Buffer.from(uuid, 'base64url')
  return bytes.readInt32BE(0) ^ bytes.readInt32BE(8) ^ bytes.readInt32BE(4) ^ bytes.readInt32BE(12)
}
