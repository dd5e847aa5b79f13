import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { csvReader } from '../../src/cli/records/csv.ts'
import type { RecordInput } from '../../src/cli/records/record-json.ts'

type Read = readonly (RecordInput | Error)[]
const read = async (text: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY): Promise<Read> => {
  const bytes = Buffer.from(text as string)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const records = []
  for await (const some of csvReader()(pieces())) records.push(...some)
  return records
}
const short = (records: Read) =>
  records.map((record) => (record instanceof Error ? record.message : [record.key?.toString() ?? null, record.value?.toString() ?? null]))

describe('records from CSV', () => {
  const table = 'key,value\r\na,"1,5"\r\n,"two\r\nlines and ""quotes"""\nb,\nc,""\n\n"d",e'
  const records = [
    ['a', '1,5'],
    [null, 'two\r\nlines and "quotes"'],
    ['b', null],
    ['c', ''],
    ['d', 'e'],
  ]

  it('rows become records: quotes, line breaks in them, nothing is null, "" is an empty text', async () => {
    assert.deepEqual(short(await read(table)), records)
  })

  it('wherever the input is cut', async () => {
    for (let bytes = 1; bytes < table.length; bytes++) assert.deepEqual(short(await read(table, bytes)), records, `pieces of ${bytes}`)
  })

  it('columns stand in any order, with topic, partition, timestamp and headers', async () => {
    const [record] = await read('\ufeffheader.trace,value,topic,timestamp,partition,header.b\nx,v,orders,1600000000000,2,\n')
    assert.deepEqual(record, {
      ...{ topic: 'orders', partition: 2, timestamp: 1_600_000_000_000, key: null, value: Buffer.from('v') },
      headers: [
        { key: 'trace', value: Buffer.from('x') },
        { key: 'b', value: null },
      ],
    })
  })

  it('bytes that are no text stay as they are', async () => {
    const [record] = await read(Buffer.concat([Buffer.from('value\n"'), Buffer.from([0xff, 0x22, 0x22, 0xfe]), Buffer.from('"\n')]))
    assert.deepEqual((record as RecordInput).value, Buffer.from([0xff, 0x22, 0xfe]))
  })

  it('a row that is wrong is its own failure', async () => {
    assert.deepEqual(short(await read('key,value\na\nb,1\nc,1,2\n')), [
      'row 2: 1 cells, the first row has 2',
      ['b', '1'],
      'row 4: 3 cells, the first row has 2',
    ])
    assert.deepEqual(short(await read('value,partition\nv,x\n')), ['row 2: partition x is not a number'])
  })

  for (const [text, said] of [
    ['name,value\n', /no name/],
    ['key,,value\n', /no column without a name/],
    ['value\n"open', /row 2: the input ends within a quoted cell/],
    ['value\n"a"b\n', /row 2: text behind a closing quote/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused`, async () => assert.rejects(read(text), said))
  }
})
