import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupText } from '../../src/cli/group-text.ts'
import { fitTable, flowed, shortened } from '../../src/cli/render/fit.ts'
import { styleOf } from '../../src/cli/render/render.ts'
import type { GroupMember } from '../../src/client/index.ts'
import type { GroupReport, PartitionLag } from '../../src/ops/index.ts'

const memberId = 'billing-service-blue-2-a1f3c7d0-33d4-4460-8528-2510f0ae73f3'
const lag = (partition: number, over: Partial<PartitionLag> = {}): PartitionLag => ({
  ...{ group: 'billing', topic: 'payments.orders.settled.v2', partition, currentOffset: 9_880_001, logStartOffset: 0 },
  ...{ logEndOffset: 9_911_200, lag: 31_199, status: 'ok', memberId, groupInstanceId: null, host: '/10.0.3.17' },
  clientId: 'billing-service-blue-2',
  ...over,
})
const report: GroupReport = {
  ...{ groupId: 'billing', state: 'Stable', type: 'consumer', protocolType: 'consumer', coordinator: 2, assignor: 'uniform' },
  ...{ lag: 62_398, partitions: [lag(3), lag(11)] },
  members: [
    {
      memberId,
      groupInstanceId: null,
      clientId: 'billing-service-blue-2',
      clientHost: '/10.0.3.17',
      assignment: [],
    } as unknown as GroupMember,
  ],
} as unknown as GroupReport

const text = async (width: number | undefined, wide = false, partitions = report.partitions): Promise<string> =>
  groupText([{ ...report, partitions }], await styleOf({ color: false, headers: true, width }, wide), ['summary', 'lag', 'members'])
const longest = (shown: string): number => Math.max(...shown.split('\n').map((line) => line.length))

describe('groups describe', () => {
  it('keeps within 80 columns: what identifies is shortened in its middle, what is left out is named', async () => {
    assert.equal(
      await text(80),
      [
        'GROUP billing   STATE Stable   TYPE consumer   COORDINATOR 2   MEMBERS 1',
        'ASSIGNOR uniform   LAG 62,398',
        'TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET    LAG  CONSUMER-ID',
        'payment…led.v2          3         9880001         9911200  31199  billing…ae73f3',
        'payment…led.v2         11         9880001         9911200  31199  billing…ae73f3',
        '…without HOST, CLIENT-ID (--output wide)',
        'CONSUMER-ID                                  INSTANCE-ID  HOST        PARTITIONS',
        'billing-service-blue-…460-8528-2510f0ae73f3  -            /10.0.3.17           0',
        '…without CLIENT-ID (--output wide)',
        '',
      ].join('\n'),
    )
  })

  it('shows everything on 200 columns, in wide, and where no terminal is', async () => {
    for (const shown of [await text(200), await text(80, true), await text(undefined)]) {
      assert.match(shown, new RegExp(`payments\\.orders\\.settled\\.v2 .*${memberId} .*/10\\.0\\.3\\.17 .*billing-service-blue-2`))
      assert.doesNotMatch(shown, /without|….*e73f3/)
    }
    assert.ok(longest(await text(200)) <= 200)
  })

  it('leaves nothing out that fits', async () => {
    const short = [lag(0, { topic: 'orders', memberId: 'c-1', host: '/::1', clientId: 'c', currentOffset: 1, logEndOffset: 2, lag: 1 })]
    assert.match(await text(90, false, short), /orders {10}0 {15}1 {15}2 {4}1 {2}c-1 {10}\/::1 {2}c\n/)
  })
})

describe('fitting', () => {
  const columns = [
    { name: 'A', value: () => null, narrow: 'shorten' as const },
    { name: 'B', value: () => null },
  ]

  it('what may not be shortened stays whole, however narrow the terminal', () => {
    const { rows } = fitTable(columns, [['a'.repeat(30), 'b'.repeat(30)]], 20)
    assert.deepEqual(rows, [[`${'a'.repeat(5)}…${'a'.repeat(4)}`, 'b'.repeat(30)]])
  })

  it('a text keeps its beginning and its end', () => {
    assert.equal(shortened('0123456789', 10), '0123456789')
    assert.equal(shortened('0123456789', 5), '01…89')
  })

  it('parts flow over as many lines as it takes, colors not counted', () => {
    assert.equal(flowed(['aa', 'bb', 'cc'], '  ', ' ', 6), 'aa  bb\n cc\n')
    assert.equal(flowed(['\u001b[1maa\u001b[22m', 'bb'], '  ', ' ', 6), '\u001b[1maa\u001b[22m  bb\n')
    assert.equal(flowed(['aa', 'bb'], '  ', ''), 'aa  bb\n')
  })
})
