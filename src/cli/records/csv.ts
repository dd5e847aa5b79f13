import { defaultPieceBytesMax } from '../byte-lines.ts'
import { Fault, usageFault } from '../fault.ts'
import type { RecordReader } from './reader.ts'
import type { RecordInput } from './record-json.ts'

/** Null: nothing between the commas, where `""` is an empty text. */
type Cell = Buffer | null

const comma = 0x2c
const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The rows (RFC 4180) that end within `bytes`, and where the first unfinished one begins. The last of all may lack its line break. */
function readRows(bytes: Buffer, isEnd: boolean, firstRow: number): { rows: Cell[][]; at: number } {
  const rows: Cell[][] = []
  let rowAt = 0
  let row: Cell[] = []
  let at = 0
  while (at < bytes.length) {
    let cell: Cell
    if (bytes[at] === quote) {
      let end = at + 1
      for (; end < bytes.length; end++) {
        if (bytes[end] !== quote) continue
        if (bytes[end + 1] !== quote) break
        end++
      }
      // The quote that closes may be the first of two, of which the second has not come yet.
      if (end >= bytes.length || (end + 1 === bytes.length && !isEnd)) break
      cell = unquoted(bytes.subarray(at + 1, end))
      at = end + 1
    } else {
      let end = at
      while (end < bytes.length && bytes[end] !== comma && bytes[end] !== lineFeed) end++
      if (end === bytes.length && !isEnd) break
      const cut = bytes[end - 1] === carriageReturn && end > at && bytes[end] !== comma ? end - 1 : end
      cell = cut === at ? null : bytes.subarray(at, cut)
      at = end
    }
    if (bytes[at] === carriageReturn) at++
    if (at >= bytes.length && !isEnd) break
    row.push(cell)
    if (bytes[at] === comma) {
      at++
      if (at < bytes.length || !isEnd) continue
      row.push(null)
    } else if (at < bytes.length && bytes[at] !== lineFeed) throw new Fault(`row ${firstRow + rows.length}: text behind a closing quote`)
    else at++
    rows.push(row)
    row = []
    rowAt = at
  }
  if (isEnd && rowAt < bytes.length) throw new Fault(`row ${firstRow + rows.length}: the input ends within a quoted cell`)
  return { rows, at: Math.min(rowAt, bytes.length) }
}

const unquoted = (bytes: Buffer): Buffer =>
  bytes.includes('""') ? Buffer.from(bytes.toString('latin1').replaceAll('""', '"'), 'latin1') : bytes

/** Rows of CSV; the first names the columns: key, value, topic, partition, timestamp, header.NAME. @throws Fault */
export function csvReader(): RecordReader {
  return async function* (stream) {
    let held: Buffer = Buffer.alloc(0)
    let columns: string[] | undefined
    /** Rows that were read, the names of the columns among them. */
    let count = 0
    const records = (isEnd: boolean): (RecordInput | Fault)[] => {
      const { rows, at } = readRows(held, isEnd, count + 1)
      held = held.subarray(at)
      return rows.flatMap((row) => {
        count++
        if (columns !== undefined) return row.length === 1 && row[0] === null ? [] : [recordOf(columns, row, count)]
        columns = columnsOf(row)
        return []
      })
    }
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      if (held.length > defaultPieceBytesMax) throw new Fault(`more than ${defaultPieceBytesMax} bytes of input without the end of a row`)
      yield records(false)
    }
    yield records(true)
  }
}

function columnsOf(row: readonly Cell[]): string[] {
  const names = row.map((cell) => cell?.toString().trim() ?? '')
  if (names[0]?.startsWith('\ufeff')) names[0] = names[0].slice(1)
  const strange = names.find((name) => !/^(key|value|topic|partition|timestamp|header\..+)$/.test(name))
  if (strange !== undefined) {
    throw usageFault(
      `the first row names the columns, and a record has no ${strange === '' ? 'column without a name' : strange}`,
      'Known are key, value, topic, partition, timestamp and header.NAME.',
    )
  }
  return names
}

function recordOf(columns: readonly string[], row: readonly Cell[], line: number): RecordInput | Fault {
  if (row.length !== columns.length) return new Fault(`row ${line}: ${row.length} cells, the first row has ${columns.length}`)
  const cell = (name: string): Cell => row[columns.indexOf(name)] ?? null
  const numbers: Record<string, number | undefined> = {}
  for (const name of ['partition', 'timestamp']) {
    const text = cell(name)?.toString() ?? ''
    if (text !== '' && !/^\d{1,16}$/.test(text)) return new Fault(`row ${line}: ${name} ${text} is not a number`)
    numbers[name] = text === '' ? undefined : Number(text)
  }
  return {
    topic: cell('topic')?.toString(),
    partition: numbers.partition,
    timestamp: numbers.timestamp,
    key: cell('key'),
    value: cell('value'),
    headers: columns.flatMap((name, index) => (name.startsWith('header.') ? [{ key: name.slice(7), value: row[index]! }] : [])),
  }
}
