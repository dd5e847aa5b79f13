import type { Findings } from '../anomaly.ts'
import { type KeyStream, SendStatus } from '../history.ts'
import type { KeyLog } from '../key-log.ts'

/** What was sent against what was seen: nothing lost, nothing twice, nothing made up, nothing out of order. */
export const checkWrites = (key: number, stream: KeyStream, log: KeyLog, findings: Findings): void => {
  for (const { offset, values } of log.conflicts)
    findings.add('inconsistent-offsets', () => `key ${key} offset ${offset}: values ${values.join(' and ')}`)
  checkReadValues(key, stream, findings)
  for (let value = 0; value < log.firstOffset.length; value++) {
    if (log.firstOffset[value] !== log.lastOffset[value])
      findings.add('duplicate', () => `key ${key} value ${value}: at offsets ${log.firstOffset[value]} and ${log.lastOffset[value]}`)
    if (stream.status.at(value) !== SendStatus.ok || log.isValueRead[value] === 1) continue
    const offset = stream.ackedOffset.at(value)
    const sent = (): string =>
      `key ${key} value ${value}: acknowledged at offset ${offset} to process ${stream.sentBy.at(value)} after ${stream.endedMs.at(value)} ms`
    // A value that was never read, but acknowledged below what was read, is lost; it could still come above.
    if (offset >= 0 && offset <= log.readTo) findings.add('lost-write', () => `${sent()}, read up to ${log.readTo}`)
    else findings.add('unseen', sent)
  }
  checkSendOrder(key, stream, findings)
}

const checkReadValues = (key: number, stream: KeyStream, findings: Findings): void => {
  const { readOffset, readValue } = stream
  const told = new Set<number>()
  for (let n = 0; n < readValue.length; n++) {
    const value = readValue.values[n]!
    const status = value < 0 ? SendStatus.none : stream.status.at(value)
    if (status !== SendStatus.none && status !== SendStatus.failed) continue
    const offset = readOffset.values[n]!
    // Once for each place, however many readers.
    if (told.has(offset)) continue
    told.add(offset)
    if (status === SendStatus.failed) findings.add('failed-read', () => `key ${key} value ${value}: read at offset ${offset}`)
    else findings.add('unwritten', () => `key ${key} offset ${offset}: ${value < 0 ? 'not a value of this key' : `value ${value}`}`)
  }
}

/** Values of a key count up as they are sent, so those of one process must lie in this order. */
const checkSendOrder = (key: number, stream: KeyStream, findings: Findings): void => {
  const lastOf = new Map<number, number>()
  for (let value = 0; value < stream.status.length; value++) {
    if (stream.status.values[value] !== SendStatus.ok) continue
    const offset = stream.ackedOffset.at(value)
    if (offset < 0) continue
    const process = stream.sentBy.at(value)
    const last = lastOf.get(process)
    lastOf.set(process, value)
    if (last !== undefined && stream.ackedOffset.at(last) > offset)
      findings.add(
        'nonmonotonic-send',
        () => `key ${key} process ${process}: value ${last} at ${stream.ackedOffset.at(last)}, then ${value} at ${offset}`,
      )
  }
}
