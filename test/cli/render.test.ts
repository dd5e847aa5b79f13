import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type RenderOptions, renderView } from '../../src/cli/render/render.ts'

interface Lag {
  readonly topic: string
  readonly lag: number | null
  readonly ok: boolean
}
const items: readonly Lag[] = [
  { topic: 'orders', lag: 9, ok: true },
  { topic: 'audit', lag: 1000, ok: false },
  { topic: 'orders-v2', lag: null, ok: true },
]
const view = {
  kind: 'LagList',
  items,
  columns: [
    { name: 'TOPIC', value: (each: Lag) => each.topic },
    { name: 'LAG', value: (each: Lag) => each.lag, right: true },
    { name: 'OK', value: (each: Lag) => each.ok, wide: true },
  ],
}
const render = (options: Partial<RenderOptions>): Promise<string> =>
  renderView(view, { format: 'awk', headers: true, color: false, time: 0, width: undefined, columns: 'topic', ...options })

describe('--filter', () => {
  for (const [filter, topics] of [
    [['lag>9'], ['audit']],
    [['lag >= 9'], ['orders', 'audit']],
    [['lag<1000'], ['orders']],
    [['lag<=1000', 'lag!=9'], ['audit']],
    [['lag='], ['orders-v2']],
    [['LAG=1e3'], ['audit']],
    [['topic=orders'], ['orders']],
    [['topic~^orders'], ['orders', 'orders-v2']],
    [['topic!~orders'], ['audit']],
    [['topic~^orders', 'ok=true', 'lag!='], ['orders']],
    [['ok=false'], ['audit']],
    [['lag>99999'], []],
  ] as const) {
    it(`${filter.join(' and ')} leaves ${topics.join(' and ') || 'nothing'}`, async () =>
      assert.equal(await render({ filter }), topics.map((topic) => `${topic}\n`).join('')))
  }

  it('counts in every format, before sorting', async () => {
    const json = JSON.parse(await render({ format: 'json', filter: ['ok=true'], sort: '-topic' }))
    assert.deepEqual(
      json.items.map(({ topic }: Lag) => topic),
      ['orders-v2', 'orders'],
    )
  })

  for (const [filter, said] of [
    ['lag', /lag says nothing/],
    ['lagg>1', /there is no column lagg/],
    ['topic~(', /--filter: .*regular expression/],
  ] as const) {
    it(`${filter} is refused`, async () => assert.rejects(render({ filter: [filter] }), said))
  }
})
