/** Ids of log directories (KIP-858). The first hundred are reserved; three of them mean something. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
/** The cluster is on its way to directory assignment: no one knows yet. */
export const DIRECTORY_MIGRATING = ZERO_UUID
/** The broker chooses. */
export const DIRECTORY_UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ'
/** It was in a directory that is offline. */
export const DIRECTORY_LOST = 'AAAAAAAAAAAAAAAAAAAAAg'

/** 128 bits that are below 100 (the low half compared as a signed number, as Kafka does). */
export const isReservedDirectory = (id: string): boolean => {
  const bytes = Buffer.from(id, 'base64url')
  for (let at = 0; at < 8; at++) if (bytes[at] !== 0) return false
  return bytes.readBigInt64BE(8) < 100n
}

/** An empty list of directories means that they are unknown, so everything counts as online. */
export const isDirectoryOnline = (id: string, online: readonly string[]): boolean => {
  if (id === DIRECTORY_UNASSIGNED || id === DIRECTORY_MIGRATING) return true
  if (id === DIRECTORY_LOST) return false
  return online.length === 0 || online.includes(id)
}
