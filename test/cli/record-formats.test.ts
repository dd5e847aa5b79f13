import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ByteOut } from '../../src/cli/records/byte-out.ts'
import { recordFilter } from '../../src/cli/records/grep.ts'
import { type PrintedRecord, recordPrinter } from '../../src/cli/records/printer.ts'
import { recordLine } from '../../src/cli/records/record-json.ts'
import { fromKcatFormat, parseTemplate } from '../../src/cli/records/template.ts'

const record: PrintedRecord = {
  topic: 'orders',
  partition: 3,
  offset: 258,
  timestamp: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  leaderEpoch: 7,
  key: Buffer.from('key'),
  value: Buffer.from([0xff, 0xff, 0xff, 0xfe, 0x41]),
  headers: [
    { key: 'a', value: Buffer.from('1') },
    { key: 'b', value: null },
  ],
  index: 12,
}
const print = (format: string, with_: Partial<PrintedRecord> = {}): Buffer => {
  const out = new ByteOut()
  recordPrinter(parseTemplate(format))(out, { ...record, ...with_ })
  return out.take()
}

describe('the record format language', () => {
  for (const [format, text] of [
    ['%t %p %o %e %i %k', 'orders 3 258 7 12 key'],
    ['%T %K %V %H', '6 3 5 2'],
    ['%h{%k=%v;}', 'a=1;b=;'],
    ['%h{%K:%V }', '1:1 1:0 '],
    ['%v{hex} %v{base64} %v{base64raw}', 'fffffffe41 /////kE= /////kE'],
    ['%o{hex64} %o{hex32} %o{hex16} %o{hex8} %o{hex4}', '0000000000000102 00000102 0102 02 2'],
    ['%o{ascii} %o{number} %H{bool}', '258 258 true'],
    ['%v{unpack[>i.]} %v{unpack[>IB]} %v{unpack[<hh]}', '-2A 429496729465 -1-257'],
    ['%v{unpack[xxxs]}', '\ufffdA'],
    ['%v{unpack[>q]}', ''],
    ['%d', String(record.timestamp)],
    ['%% %{ %}\\t\\x41', '% { }\tA'],
    ['%d{strftime[%F %T.%f]}', '2026-02-03 04:05:06.789000'],
    ['%d{strftime[%Y|%C|%y|%m|%B|%b|%d|%e|%j]}', '2026|20|26|02|February|Feb|03| 3|034'],
    ['%d{strftime[%A|%a|%u|%w]}', 'Tuesday|Tue|2|2'],
    ['%d{strftime[%H|%k|%I|%l|%p|%M|%S|%s]}', '04| 4|04| 4|AM|05|06|1770091506'],
    ['%d{strftime[%D %R %r %c %z %Z %%F]}', '02/03/26 04:05 04:05:06 AM Tue Feb  3 04:05:06 2026 +0000 UTC %F'],
  ] as const) {
    it(`${format} prints ${JSON.stringify(text)}`, () => assert.equal(print(format).toString(), text))
  }

  for (const [format, hex] of [
    ['%o{big64}%o{big32}%o{big16}%o{big8}', '0000000000000102' + '00000102' + '0102' + '02'],
    ['%o{little64}%o{little32}%o{little16}%o{byte}', '0201000000000000' + '02010000' + '0201' + '02'],
    ['%K{big16}%k', '00036b6579'],
  ] as const) {
    it(`${format} writes the bytes ${hex}`, () => assert.equal(print(format).toString('hex'), hex))
  }

  it('noon is 12 PM, midnight 12 AM, and a time that no calendar has is a dash', () => {
    assert.equal(print('%d{strftime[%I %p]}', { timestamp: Date.UTC(2026, 0, 1, 12) }).toString(), '12 PM')
    assert.equal(print('%d{strftime[%l %p]}', { timestamp: 0 }).toString(), '12 AM')
    assert.equal(print('%d{strftime[%F]}', { timestamp: 2n ** 63n - 1n }).toString(), '-')
    assert.equal(print('%d{strftime[%F %T]}', { timestamp: -1 }).toString(), '1969-12-31 23:59:59')
  })

  it('null prints nothing, and has no length', () => {
    assert.equal(print('[%k|%v{hex}|%K|%V]', { key: null, value: null }).toString(), '[||0|0]')
  })

  for (const [format, said] of [
    ['%d{strftime[%Q]}', /%Q means nothing in strftime/],
    ['%d{strftime[%]}', /% means nothing in strftime/],
    ['%d{strftime}', /no modifier strftime/],
    ['%o{strftime[%F]}', /no modifier strftime/],
    ['%v{big32}', /no modifier big32/],
    ['%v{unpack[z]}', /unpack\[…\] does not know z/],
    ['%h', /%h needs a format/],
    ['%h{%o}', /%o means nothing within %h/],
    ['%v{hex', /brace at 2 is not closed/],
    ['%', /single %/],
  ] as const) {
    it(`${format} is refused`, () => assert.throws(() => print(format), said))
  }

  it("kcat's letters mean the same", () => {
    assert.equal(
      print(fromKcatFormat('%t/%p@%o %T %k=%s %S %K %%')).toString('latin1'),
      print('%t/%p@%o %d %k=%v %V %K %%').toString('latin1'),
    )
    assert.equal(print(fromKcatFormat('%h'), {}).toString(), 'a=1,b=,')
  })

  it('a record as a JSON line keeps what it cannot say as text', () => {
    assert.deepEqual(JSON.parse(recordLine(record)), {
      ...{ topic: 'orders', partition: 3, offset: 258, timestamp: record.timestamp, leaderEpoch: 7 },
      headers: [
        ['a', '1'],
        ['b', null],
      ],
      key: 'key',
      value: { $b64: '/////kE=' },
    })
    assert.match(recordLine({ ...record, timestamp: 2n ** 63n - 1n }), /"timestamp":9223372036854775807,/)
  })
})

describe('filters of consume', () => {
  for (const [filters, passes] of [
    [['k:^key$'], true],
    [['v:A$'], true],
    [['ke'], true],
    [['h:a=1'], true],
    [['h:b=.*'], false],
    [['!k:other', 'h:a=^1$'], true],
    [['!h:a=1'], false],
    [['k:key', 'v:nothing'], false],
  ] as const) {
    it(`${filters.join(' ')} ${passes ? 'lets the record through' : 'holds it back'}`, () =>
      assert.equal(recordFilter(filters)(record), passes))
  }
})
