import { usageFault } from '../fault.ts'
import type { ByteOut } from './byte-out.ts'
import { numberFormat } from './number-format.ts'
import { strftime } from './strftime.ts'
import type { TemplatePart } from './template.ts'

/** A record as it is printed. */
export interface PrintedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number | bigint
  readonly leaderEpoch: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
  /** Counts from 1. */
  readonly index: number
}

export type Printer<R> = (out: ByteOut, record: R) => void

type Header = PrintedRecord['headers'][number]

const byteFields: Readonly<Record<string, (record: PrintedRecord) => Buffer | string | null>> = {
  t: (record) => record.topic,
  k: (record) => record.key,
  v: (record) => record.value,
}

const numberFields: Readonly<Record<string, (record: PrintedRecord) => number | bigint>> = {
  T: (record) => Buffer.byteLength(record.topic),
  K: (record) => record.key?.length ?? 0,
  V: (record) => record.value?.length ?? 0,
  H: (record) => record.headers.length,
  p: (record) => record.partition,
  o: (record) => record.offset,
  d: (record) => record.timestamp,
  e: (record) => record.leaderEpoch,
  i: (record) => record.index,
}

const headerBytes: Readonly<Record<string, (header: Header) => Buffer | string | null>> = {
  k: (header) => header.key,
  v: (header) => header.value,
}
const headerNumbers: Readonly<Record<string, (header: Header) => number>> = {
  K: (header) => Buffer.byteLength(header.key),
  V: (header) => header.value?.length ?? 0,
}

/** @throws Fault (usage) */
export function recordPrinter(template: readonly TemplatePart[]): Printer<PrintedRecord> {
  return compile(template, byteFields, numberFields, (parts) => {
    const printHeader = compile(parts, headerBytes, headerNumbers, () => {
      throw usageFault('format: %h within %h')
    })
    return (out, record) => {
      for (const header of record.headers) printHeader(out, header)
    }
  })
}

function compile<R>(
  template: readonly TemplatePart[],
  bytes: Readonly<Record<string, (record: R) => Buffer | string | null>>,
  numbers: Readonly<Record<string, (record: R) => number | bigint>>,
  headers: (parts: readonly TemplatePart[]) => Printer<R>,
): Printer<R> {
  const printers = template.map((part): Printer<R> => {
    if (part.kind === 'text') return (out) => out.bytes(part.bytes)
    if (part.kind === 'headers') return headers(part.parts)
    const { letter, modifier } = part
    const byteField = bytes[letter]
    if (byteField !== undefined) return printBytes(byteField, modifier)
    const numberField = numbers[letter]
    if (numberField === undefined) throw usageFault(`format: %${letter} means nothing within %h`)
    const pattern = letter === 'd' ? /^strftime\[(.*)\]$/s.exec(modifier ?? '') : null
    if (pattern !== null) {
      const format = strftime(pattern[1]!)
      return (out, record) => out.text(format(numberField(record)))
    }
    const format = numberFormat(modifier)
    return (out, record) => format(out, numberField(record))
  })
  return (out, record) => {
    for (const print of printers) print(out, record)
  }
}

function printBytes<R>(field: (record: R) => Buffer | string | null, modifier: string | undefined): Printer<R> {
  const buffer = (record: R): Buffer => {
    const value = field(record)
    return value === null ? Buffer.alloc(0) : typeof value === 'string' ? Buffer.from(value) : value
  }
  switch (modifier) {
    case undefined:
    case 'raw':
      return (out, record) => {
        const value = field(record)
        if (typeof value === 'string') out.text(value)
        else if (value !== null) out.bytes(value)
      }
    case 'hex':
      return (out, record) => out.text(buffer(record).toString('hex'))
    case 'base64':
      return (out, record) => out.text(buffer(record).toString('base64'))
    case 'base64raw':
      return (out, record) => out.text(buffer(record).toString('base64').replace(/=+$/, ''))
  }
  const unpack = /^unpack\[(.*)\]$/.exec(modifier)
  if (unpack === null)
    throw usageFault(`format: there is no modifier ${modifier}`, 'Known for texts are hex, base64, base64raw, unpack[…].')
  const read = unpacker(unpack[1]!)
  return (out, record) => out.text(read(buffer(record)))
}

const unpackSizes: Readonly<Record<string, number>> = { b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, q: 8, Q: 8, c: 1, '.': 1, x: 1 }

/** Letters of Python's struct, as rpk takes them: numbers and pieces one after the other; too short bytes end it. */
function unpacker(letters: string): (bytes: Buffer) => string {
  const unknown = /[^xbBhHiIqQc.s$<> ]/.exec(letters)
  if (unknown !== null) throw usageFault(`format: unpack[…] does not know ${unknown[0]}`)
  return (bytes) => {
    let at = 0
    let little = false
    let text = ''
    for (const letter of letters) {
      if (letter === '<' || letter === '>') little = letter === '<'
      else if (letter === 's' || letter === '$') {
        if (letter === 's') text += bytes.toString('utf8', at)
        at = bytes.length
      } else if (letter !== ' ') {
        const size = unpackSizes[letter]!
        if (at + size > bytes.length) return text
        if (letter !== 'x') text += unpacked(letter, bytes, at, little)
        at += size
      } else text += ' '
    }
    return text
  }
}

function unpacked(letter: string, bytes: Buffer, at: number, little: boolean): string {
  if (letter === 'c' || letter === '.') return String.fromCharCode(bytes[at]!)
  const size = unpackSizes[letter]!
  const signed = letter === letter.toLowerCase()
  if (size === 8) {
    const value = little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)
    return String(signed ? BigInt.asIntN(64, value) : value)
  }
  if (signed) return String(little ? bytes.readIntLE(at, size) : bytes.readIntBE(at, size))
  return String(little ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size))
}
