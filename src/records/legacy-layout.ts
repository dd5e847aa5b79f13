/**
 * Messages of magic 0 and 1, as old segments still hold them (KIP-31, KIP-32; Kafka's LegacyRecord). Big-endian.
 *
 *      0  offset      int64
 *      8  length      int32     counts from byte 12
 *     12  crc         uint32    CRC-32 (IEEE) of byte 16 to the end
 *     16  magic       int8
 *     17  attributes  int8      compression (0-2), timestamp type (3, magic 1)
 *     18  timestamp   int64     magic 1 only
 *     ..  key         int32 length (-1: null) and bytes
 *     ..  value       int32 length (-1: null) and bytes
 *
 * A compressed message is a wrapper: its value is a compressed set of messages, its offset that of the last of them. The inner offsets are
 * absolute in magic 0 and relative in magic 1.
 */
export const LEGACY_CRC_AT = 12
export const LEGACY_ATTRIBUTES_AT = 17
export const LEGACY_TIMESTAMP_AT = 18
/** Where the key's length lies, by magic. */
export const LEGACY_KEY_LENGTH_AT = [18, 26] as const
/** Least length field of a message, by magic. */
export const LEGACY_OVERHEAD = [14, 22] as const
