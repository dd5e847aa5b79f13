import { type ByteStream, bytePieces, defaultPieceBytesMax } from '../byte-lines.ts'
import { Fault, usageFault } from '../fault.ts'
import { fixedNumber } from './number-format.ts'
import type { RecordInput } from './record-json.ts'
import { parseRecordLine } from './record-json.ts'
import type { TemplatePart } from './template.ts'

/** Records of one input, those of each chunk together; a record that cannot be read is its Fault. */
export type RecordReader = (stream: ByteStream) => AsyncGenerator<(RecordInput | Fault)[]>

const plain = { topic: undefined, partition: undefined, timestamp: undefined, headers: [] }

/** A record per piece; with a key delimiter what stands before its first occurrence is the key. */
export function delimitedReader(delimiter: Buffer, keyDelimiter: Buffer | undefined): RecordReader {
  return async function* (stream) {
    for await (const pieces of bytePieces(stream, delimiter)) {
      yield pieces.map((piece) => {
        const at = keyDelimiter === undefined ? -1 : piece.indexOf(keyDelimiter)
        if (at < 0) return { ...plain, key: null, value: piece }
        return { ...plain, key: piece.subarray(0, at), value: piece.subarray(at + keyDelimiter!.length) }
      })
    }
  }
}

/** A JSON object a line. */
export function jsonReader(): RecordReader {
  return async function* (stream) {
    let line = 0
    for await (const pieces of bytePieces(stream)) {
      const records: (RecordInput | Fault)[] = []
      for (const piece of pieces) {
        line++
        if (piece.length === 0) continue
        try {
          records.push(parseRecordLine(piece.toString()))
        } catch (error) {
          records.push(new Fault(`line ${line}: ${(error as Error).message}`))
        }
      }
      yield records
    }
  }
}

interface Draft {
  topic: string | undefined
  partition: number | undefined
  timestamp: number | undefined
  key: Buffer | null
  value: Buffer | null
  headers: { key: string; value: Buffer | null }[]
}

interface Sizes {
  [letter: string]: number | undefined
}

/** More bytes are needed. */
const more = Symbol('more')

/**
 * Records by a format: a field ends at the text that follows it, or has the length that came before it (%K %V %T, %H for headers), or
 * is a number of fixed size. @throws Fault (usage) for formats that cannot be read back
 */
export function templateReader(template: readonly TemplatePart[]): RecordReader {
  checkReadable(template)
  return async function* (stream) {
    let held: Buffer = Buffer.alloc(0)
    let count = 0
    for await (const chunk of stream) {
      held = held.length === 0 ? Buffer.from(chunk as Buffer) : Buffer.concat([held, Buffer.from(chunk as Buffer)])
      const { records, at } = readRecords(template, held, false, count)
      count += records.length
      held = held.subarray(at)
      if (held.length > defaultPieceBytesMax)
        throw new Fault(`more than ${defaultPieceBytesMax} bytes of input without the end of a record`)
      if (records.length > 0) yield records
    }
    if (held.length > 0) yield readRecords(template, held, true, count).records
  }
}

function readRecords(
  template: readonly TemplatePart[],
  bytes: Buffer,
  atEnd: boolean,
  count: number,
): { records: (RecordInput | Fault)[]; at: number } {
  const records: (RecordInput | Fault)[] = []
  let at = 0
  while (at < bytes.length) {
    const draft: Draft = { topic: undefined, partition: undefined, timestamp: undefined, key: null, value: null, headers: [] }
    try {
      const end = readParts(template, bytes, at, atEnd, draft, {})
      if (end === more) {
        if (atEnd) records.push(new Fault(`record ${count + records.length + 1}: the input ends within it`))
        return { records, at: atEnd ? bytes.length : at }
      }
      if (end === at) throw new Fault('the format reads nothing')
      at = end
      records.push(draft)
    } catch (error) {
      // Behind bytes that do not fit there is no telling where the next record begins.
      throw new Fault(`record ${count + records.length + 1}: ${(error as Error).message}`)
    }
  }
  return { records, at }
}

function readParts(
  parts: readonly TemplatePart[],
  bytes: Buffer,
  from: number,
  atEnd: boolean,
  draft: Draft,
  sizes: Sizes,
): number | typeof more {
  let at = from
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      const end = at + part.bytes.length
      const found = bytes.subarray(at, end)
      if (found.length < part.bytes.length) {
        if (atEnd && found.length === 0 && index === parts.length - 1) return at
        return more
      }
      if (!found.equals(part.bytes))
        throw new Fault(`${JSON.stringify(part.bytes.toString())} wanted, found ${JSON.stringify(found.toString())}`)
      at = end
    } else if (part.kind === 'headers') {
      for (let left = sizes.H ?? 0; left > 0; left--) {
        const header = { ...draft, key: null as Buffer | null, value: null as Buffer | null, headers: [] }
        const end = readParts(part.parts, bytes, at, atEnd, header, {})
        if (end === more) return more
        draft.headers.push({ key: header.key?.toString() ?? '', value: header.value })
        at = end
      }
    } else {
      const piece = readPiece(part, parts[index + 1], bytes, at, atEnd, sizes)
      if (piece === more) return more
      setField(draft, sizes, part, bytes.subarray(at, piece))
      at = piece
    }
  }
  return at
}

type FieldPart = Extract<TemplatePart, { kind: 'field' }>
const lengthOf: Readonly<Record<string, string>> = { t: 'T', k: 'K', v: 'V' }

/** Where the field's bytes end. */
function readPiece(
  part: FieldPart,
  next: TemplatePart | undefined,
  bytes: Buffer,
  at: number,
  atEnd: boolean,
  sizes: Sizes,
): number | typeof more {
  const size = fixedNumber(part.modifier)?.bytes ?? sizes[lengthOf[part.letter] ?? '']
  if (size !== undefined) return at + size > bytes.length ? more : at + size
  if (next?.kind === 'text') {
    const end = bytes.indexOf(next.bytes, at)
    if (end >= 0) return end
    return atEnd ? bytes.length : more
  }
  if (!lengthOf[part.letter]) {
    let end = at
    while (end < bytes.length && bytes[end]! >= 48 && bytes[end]! <= 57) end++
    return end === bytes.length && !atEnd ? more : end
  }
  return atEnd ? bytes.length : more
}

function setField(draft: Draft, sizes: Sizes, { letter, modifier }: FieldPart, piece: Buffer): void {
  switch (letter) {
    case 't':
      draft.topic = decoded(piece, modifier).toString()
      return
    case 'k':
      draft.key = Buffer.from(decoded(piece, modifier))
      return
    case 'v':
      draft.value = Buffer.from(decoded(piece, modifier))
      return
    case 'p':
      draft.partition = numberOf(piece, modifier)
      return
    case 'd':
      draft.timestamp = numberOf(piece, modifier)
      return
    default:
      sizes[letter] = numberOf(piece, modifier)
  }
}

function decoded(piece: Buffer, modifier: string | undefined): Buffer {
  if (modifier === 'hex') {
    if (!/^([0-9a-fA-F]{2})*$/.test(piece.toString('latin1'))) throw new Fault('not hexadecimal')
    return Buffer.from(piece.toString('latin1'), 'hex')
  }
  return modifier === 'base64' || modifier === 'base64raw' ? Buffer.from(piece.toString('latin1'), 'base64') : piece
}

function numberOf(piece: Buffer, modifier: string | undefined): number {
  const fixed = fixedNumber(modifier)
  let value: number
  if (fixed === undefined) value = /^\d{1,16}$/.test(piece.toString('latin1')) ? Number(piece.toString('latin1')) : Number.NaN
  else {
    const big = fixed.little ? Buffer.from(piece).reverse() : piece
    value = Number(BigInt(`0x${big.toString('hex')}`))
  }
  if (!Number.isSafeInteger(value) || value > defaultPieceBytesMax * 2 ** 20)
    throw new Fault(`${JSON.stringify(piece.toString('latin1'))} is not a number`)
  return value
}

function checkReadable(template: readonly TemplatePart[]): void {
  const written = ['o', 'e', 'i']
  const lengths = new Set<string>()
  for (const part of template) {
    if (part.kind === 'headers') {
      if (!lengths.has('H')) throw usageFault('format: %h can be read only after %H, the number of headers')
      checkReadable(part.parts)
    } else if (part.kind === 'field') {
      if (written.includes(part.letter))
        throw usageFault(`format: %${part.letter} cannot be produced`, 'Known here are %t %k %v %p %d %T %K %V %H %h.')
      lengths.add(part.letter)
    }
  }
  const last = template.at(-1)
  if (last?.kind === 'field' && fixedNumber(last.modifier) === undefined && !lengths.has(lengthOf[last.letter] ?? '')) {
    throw usageFault('format: nothing says where a record ends', 'End it with a text such as \\n, or put a length before the last field.')
  }
}
