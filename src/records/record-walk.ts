import { readVarint, varintEnd } from './varint.ts'

/** What the quick walk learned about the records of a batch, in numbers; overwritten by the next walk. */
export const walk = { timestampDeltaMin: 0, timestampDeltaMax: 0 }

/**
 * The quick walk: true when bytes[at, end) holds exactly `count` well-formed records with offset deltas 0, 1, 2, …, each with a key where
 * `keysRequired`. False says only that something is unusual, be it wrong or merely rare (a timestamp delta beyond 2^27 ms, say): the caller
 * then looks again, slowly. This is the loop that every produced record passes, so it does nothing else.
 *
 * Lengths are not checked one by one: positions only grow, so a record's parts fit when they end where its length says, and reads behind
 * the end of the buffer yield zeros.
 */
export const walkRecords = (bytes: Buffer, at: number, end: number, count: number, keysRequired: boolean): boolean => {
  let position = at
  let deltaMin = 0x7fffffff
  let deltaMax = -0x80000000
  for (let index = 0; index < count; index++) {
    let raw = bytes[position++]!
    if (raw >= 0x80) {
      const high = bytes[position++]!
      if (high < 0x80) raw = (raw & 0x7f) | (high << 7)
      else {
        const length = readVarint(bytes, position - 2)
        position = varintEnd
        raw = length << 1
        if (length < 0 || length >= 0x40000000) return false
      }
    }
    // A negative length has its lowest bit set and ends the record before it starts.
    const recordEnd = position + (raw >>> 1)
    if (recordEnd > end || (raw & 1) !== 0) return false

    // The attributes byte has no meaning yet.
    position++
    raw = bytes[position++]!
    if (raw >= 0x80) {
      let high = bytes[position++]!
      raw = (raw & 0x7f) | ((high & 0x7f) << 7)
      if (high >= 0x80) {
        high = bytes[position++]!
        raw |= (high & 0x7f) << 14
        if (high >= 0x80) {
          high = bytes[position++]!
          if (high >= 0x80) return false
          raw |= high << 21
        }
      }
    }
    const timestampDelta = (raw >>> 1) ^ -(raw & 1)
    if (timestampDelta < deltaMin) deltaMin = timestampDelta
    if (timestampDelta > deltaMax) deltaMax = timestampDelta

    raw = bytes[position++]!
    if (raw >= 0x80) {
      const high = bytes[position++]!
      if (high < 0x80) raw = (raw & 0x7f) | (high << 7)
      else {
        raw = readVarint(bytes, position - 2) << 1
        position = varintEnd
      }
    }
    if (raw !== index << 1) return false

    raw = bytes[position++]!
    if (raw >= 0x80) {
      raw = readVarint(bytes, position - 1) << 1
      position = varintEnd
    }
    if ((raw & 1) === 0) position += raw >>> 1
    else if (keysRequired) return false

    raw = bytes[position++]!
    if (raw >= 0x80) {
      const high = bytes[position++]!
      if (high < 0x80) raw = (raw & 0x7f) | (high << 7)
      else {
        raw = readVarint(bytes, position - 2) << 1
        position = varintEnd
      }
    }
    if ((raw & 1) === 0) position += raw >>> 1

    raw = bytes[position++]!
    if (raw !== 0) {
      position = skipHeaders(bytes, position - 1, recordEnd)
    }
    if (position !== recordEnd) return false
  }
  walk.timestampDeltaMin = deltaMin
  walk.timestampDeltaMax = deltaMax
  return position === end
}

/** Position behind the headers whose count lies at `at`, or one beyond `end` when they do not fit. */
const skipHeaders = (bytes: Buffer, at: number, end: number): number => {
  const count = readVarint(bytes, at)
  let position = varintEnd
  if (count < 0 || 2 * count > end - position) return end + 1
  for (let left = count; left > 0 && position <= end; left--) {
    const keyLength = readVarint(bytes, position)
    if (keyLength < 0) return end + 1
    const valueLength = readVarint(bytes, varintEnd + keyLength)
    position = valueLength > 0 ? varintEnd + valueLength : varintEnd
  }
  return position
}
