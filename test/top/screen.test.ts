import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { advance, type Model } from '../../src/top/model/model.ts'
import type { Sample } from '../../src/top/sample.ts'
import { shellLine } from '../../src/top/screen/action.ts'
import { readColonCommand } from '../../src/top/screen/command-line.ts'
import { attentionOf, frameOf } from '../../src/top/screen/frame.ts'
import { type Effect, press } from '../../src/top/screen/keys.ts'
import { cut, fitted, harmless, textOf, widthOf } from '../../src/top/screen/line.ts'
import { panelIds } from '../../src/top/screen/panels/index.ts'
import { bytesOf, changeOf, countOf, gauge, rateOf, sparkline, timeOf } from '../../src/top/screen/quantity.ts'
import { arrived, bodyLines, firstUi, rowAtCursor, tableOf, type UiOptions, type UiState } from '../../src/top/screen/ui-state.ts'
import { groupOf, placeOf, sampleAt, topicOf } from './sample-fixture.ts'

const nowMs = 100_000

/** Groups `g1` … of which each is farther behind than the one before. */
function groups(count: number, seconds = 0, lagOf = (index: number): number => index * 10): Sample {
  const names = Array.from({ length: count }, (_, index) => `g${index + 1}`)
  return sampleAt(seconds, {
    topics: [topicOf('orders', [placeOf(), placeOf({ isr: [1, 2] })]), topicOf('clicks', [placeOf()])],
    ends: { orders: [10_000, 10_000], clicks: [0] },
    starts: { orders: [0, 0], clicks: [0] },
    groups: names.map((id) => groupOf(id)),
    commits: Object.fromEntries(names.map((id, index) => [id, { orders: [0, 10_000 - lagOf(index + 1)] }])),
  })
}

/** Someone in front of a screen. */
class Person {
  ui: UiState
  model: Model
  effects: Effect[] = []
  nowMs = nowMs

  constructor(sample: Sample, options: Partial<UiOptions> = {}) {
    this.model = advance(undefined, sample)
    this.ui = arrived(firstUi({ columns: 120, rows: 24, everyMs: 2000, ...options }), this.model, this.nowMs)
  }

  press(...keys: string[]): this {
    for (const key of keys) {
      const { ui, effects } = press(this.ui, key, { model: this.model, nowMs: this.nowMs })
      this.ui = ui
      this.effects.push(...effects)
    }
    return this
  }

  type(text: string): this {
    return this.press(...text)
  }

  look(sample: Sample, afterMs = 10_000): this {
    this.nowMs += afterMs
    this.model = advance(this.model, sample)
    this.ui = arrived(this.ui, this.model, this.nowMs)
    return this
  }

  get rows(): readonly string[] {
    return tableOf(this.ui).order
  }

  get row(): string | undefined {
    return this.rows[tableOf(this.ui).cursor]
  }

  get frame(): string[] {
    return frameOf(this.ui, this.model, { nowMs: this.nowMs, trouble: null, isReplay: false, isSpoken: false }).map(textOf)
  }
}

describe('moving about', () => {
  test('the worst comes first; the cursor stays within the table', () => {
    const person = new Person(groups(3))
    assert.deepEqual(person.rows, ['g3', 'g2', 'g1'])
    assert.equal(person.press('down', 'j').row, 'g1')
    assert.equal(person.press('down', 'down').row, 'g1')
    assert.equal(person.press('up').row, 'g2')
    assert.equal(person.press('home').row, 'g3')
    assert.equal(person.press('end').row, 'g1')
    assert.equal(person.press('k').row, 'g2')
  })

  test('a table that is longer than the screen scrolls with the cursor', () => {
    const person = new Person(groups(100))
    const lines = bodyLines(person.ui)
    assert.equal(person.press('pagedown').row, `g${100 - lines}`)
    assert.equal(tableOf(person.ui).top, 1)
    assert.ok(person.frame.some((line) => line.startsWith(`▸ g${100 - lines} `)))
    assert.equal(person.press('end').row, 'g1')
    assert.equal(tableOf(person.ui).top, 100 - lines)
    assert.equal(person.press('home').row, 'g100')
    assert.equal(tableOf(person.ui).top, 0)
  })

  test('digits and Tab change panels; each keeps its place', () => {
    const person = new Person(groups(3)).press('down', '2')
    assert.equal(person.ui.panel, 'topics')
    assert.equal(person.press('tab').ui.panel, 'brokers')
    assert.equal(person.press('1').row, 'g2')
    for (const [index, id] of panelIds.entries()) assert.equal(person.press(String(index + 1)).ui.panel, id)
  })

  test('Enter leads into a row, Escape back', () => {
    const person = new Person(groups(3)).press('enter')
    assert.deepEqual(person.rows, ['orders-0'])
    assert.deepEqual(person.press('enter').rows, ['orders-0', 'orders-1'])
    assert.ok(person.frame[2]!.endsWith('› g3 › orders'))
    assert.equal(person.press('escape', 'escape').row, 'g3')
  })

  test('rows that are gone take the cursor along to a neighbour', () => {
    const person = new Person(groups(3)).press('end')
    person.look(groups(2, 2))
    assert.deepEqual(person.rows, ['g2', 'g1'])
    assert.equal(person.row, 'g1')
  })
})

describe('order', () => {
  test('a capital letter sorts by its column, again: the other way round', () => {
    const person = new Person(groups(3)).press('G')
    assert.deepEqual(person.rows, ['g1', 'g2', 'g3'])
    assert.deepEqual(person.press('G').rows, ['g3', 'g2', 'g1'])
    assert.deepEqual(person.press('L', 'I').rows, ['g1', 'g2', 'g3'])
  })

  test('< and > sort by the column beside', () => {
    const person = new Person(groups(3)).press('<')
    assert.equal(tableOf(person.ui).sortedBy, 'STATE')
    assert.equal(tableOf(person.press('>').ui).sortedBy, 'LAG')
  })

  test('what is not known comes last, in both directions', () => {
    const sample = groups(3)
    const unknown = { ...sample, groups: [...sample.groups!, groupOf('x')], commits: { ...sample.commits, x: { gone: [0, 1] } } }
    const person = new Person(unknown)
    assert.equal(person.rows.at(-1), 'x')
    assert.equal(person.press('I').rows.at(-1), 'x')
  })

  test('nothing moves for two seconds after a key, then it does', () => {
    const turned = (seconds: number): Sample => groups(3, seconds, (index) => 100 - index * 10)
    const person = new Person(groups(3)).press('down')
    assert.deepEqual(person.look(turned(2), 1000).rows, ['g3', 'g2', 'g1'])
    assert.deepEqual(person.look(turned(4), 1000).rows, ['g1', 'g2', 'g3'])
    assert.equal(person.row, 'g2')
  })

  test('the cursor goes with its row', () => {
    const person = new Person(groups(5)).press('down')
    assert.equal(person.row, 'g4')
    person.look(groups(5, 2, (index) => 100 - index))
    assert.equal(person.row, 'g4')
  })
})

describe('what is shown', () => {
  test('/ filters while one types; Escape brings back what was, Enter keeps it', () => {
    const person = new Person(groups(12)).press('/').type('g1')
    assert.deepEqual(person.rows, ['g12', 'g11', 'g10', 'g1'])
    assert.deepEqual(person.press('backspace', '2').rows, ['g2'])
    assert.equal(person.press('escape').rows.length, 12)
    person.press('/').type('g1$').press('enter')
    assert.deepEqual(person.rows, ['g1'])
    assert.ok(person.frame[2]!.endsWith('/g1$'))
    assert.equal(person.press('escape').rows.length, 12)
  })

  test('! before a filter turns it round; what is no regular expression is meant as it is', () => {
    assert.deepEqual(new Person(groups(3)).press('/').type('!g[12]').press('enter').rows, ['g3'])
    assert.deepEqual(new Person(groups(3)).press('/').type('g[').press('enter').rows, [])
  })

  test('! shows only what is not as it should be', () => {
    const person = new Person(groups(3), { panel: 'topics' }).press('!')
    assert.deepEqual(person.rows, ['orders'])
    assert.equal(person.press('1').frame[4], '  nothing is wrong here')
    assert.equal(person.press('escape').rows.length, 3)
  })

  test('details, JSON and help lie over the table until a key', () => {
    const person = new Person(groups(3)).press('d')
    assert.match(person.frame[4]!, /^GROUP g3 {3}STATE Stable/)
    assert.ok(person.press('q').frame[3]!.includes('GROUP'))
    person.press('y')
    assert.equal(JSON.parse(person.ui.page!.lines.join('\n')).lag, 30)
    assert.match(person.press('q', '?').frame[4]!, /KEYS/)
    assert.equal(person.press('escape').ui.page, null)
  })

  test('a wide screen has more columns, a narrow one fewer; status and lag stay', () => {
    const heads = [50, 80, 120, 200].map((columns) => new Person(groups(1), { columns }).press('w').frame[3]!)
    for (const head of heads) assert.ok(head.includes('LAG▼') && head.includes('STATUS'), head)
    assert.ok(!heads[1]!.includes('WORST') && heads[2]!.includes('WORST') && heads[3]!.includes('COORD'))
  })

  test('no line is wider than the terminal, and there is one line less than it has', () => {
    const sample = groups(40)
    const long = { ...sample, groups: [...sample.groups!, groupOf('名'.repeat(200)), groupOf('a\x1b[2Jb\u202e')] }
    for (const [columns, rows] of [
      [20, 8],
      [80, 24],
      [120, 30],
      [200, 60],
    ] as const) {
      const person = new Person(long, { columns, rows })
      for (const keys of [
        [],
        ['enter'],
        ['escape', 'd'],
        ['q', '?'],
        ['q', 'r'],
        ['escape', 'w'],
        ...panelIds.map((_, index) => [String(index + 1)]),
      ]) {
        const { frame } = person.press(...keys)
        assert.equal(frame.length, Math.max(6, rows - 1), keys.join())
        for (const line of frame) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
        for (const line of frame) assert.doesNotMatch(line, /[\x00-\x1f\u202e]/)
      }
    }
  })

  test('what is not known is n/a or a dash, never a zero', () => {
    const person = new Person(sampleAt(0, { groups: null }))
    assert.ok(
      person.frame[1]!.includes('ctl n/a') && person.frame[1]!.includes('quorum lag n/a') && person.frame[1]!.includes('p99 P n/a F n/a'),
    )
    assert.match(person.frame[4]!, /no broker lists its groups/)
    assert.match(person.press('6').frame[4]!, /n\/a: no broker of this cluster lists transactions/)
    assert.match(person.press('4').frame[4]!, /nobody tells of the quorum/)
  })

  test('what is in sight is what is to be dated: the hindmost partition of each group first', () => {
    const person = new Person(groups(50))
    const { records, topic } = attentionOf(person.ui, person.model)
    assert.equal(records.length, bodyLines(person.ui))
    assert.deepEqual(records[0], { group: 'g50', topic: 'orders', partition: 0 })
    assert.equal(topic, null)
    assert.equal(attentionOf(person.press('2', 'enter').ui, person.model).topic, 'clicks')
  })
})

describe('actions', () => {
  const confirmed = (person: Person): string[] => (person.ui.confirm ?? []).map(shellLine)

  test('a reset asks where to, shows the command, and runs it after a yes', () => {
    const person = new Person(groups(3), { connection: ['-b', 'localhost:9092'] }).press('r').type('-100').press('enter')
    assert.deepEqual(confirmed(person), ['tkafka groups reset g3 --to=-100 --all-topics --execute -b localhost:9092'])
    assert.ok(person.frame.some((line) => line.includes('$ tkafka groups reset g3 --to=-100 --all-topics --execute -b localhost:9092')))
    assert.deepEqual(person.effects, [])
    person.press('y')
    assert.deepEqual(person.effects, [
      { kind: 'run', commands: [['groups', 'reset', 'g3', '--to=-100', '--all-topics', '--execute', '-b', 'localhost:9092']] },
    ])
  })

  test('any other key leaves things as they are', () => {
    for (const key of ['n', 'enter', 'escape', 'q', ' ']) {
      const person = new Person(groups(3)).press('r').type('start').press('enter', key)
      assert.deepEqual([person.ui.confirm, person.effects], [null, []], key)
    }
  })

  test('marked rows are meant together', () => {
    const person = new Person(groups(3)).press(' ', ' ', 'r').type('end').press('enter')
    assert.deepEqual(confirmed(person), [
      'tkafka groups reset g3 --to=end --all-topics --execute',
      'tkafka groups reset g2 --to=end --all-topics --execute',
    ])
    assert.deepEqual(tableOf(person.press('y').ui).marks, [])
  })

  test('within a group its partitions are meant, within a topic its partitions, in topics the topics', () => {
    assert.deepEqual(confirmed(new Person(groups(1)).press('enter', 'r').type('start').press('enter')), [
      'tkafka groups reset g1 --to=start --topic orders:0 --execute',
    ])
    assert.deepEqual(confirmed(new Person(groups(1)).press('2', 'T', 'e')), ['tkafka topics elect-leaders clicks'])
    assert.deepEqual(confirmed(new Person(groups(1)).press('2', 'T', 'end', 'enter', ' ', ' ', 'e')), [
      'tkafka topics elect-leaders orders:0,1',
    ])
  })

  test('a throttle is set, and taken away', () => {
    assert.deepEqual(confirmed(new Person(groups(1)).press('5', 't').type('50MB/s').press('enter')), [
      'tkafka reassign throttle set 50MB/s',
    ])
    assert.deepEqual(confirmed(new Person(groups(1)).press('5', 't').type('off').press('enter')), ['tkafka reassign throttle clear --yes'])
  })

  test('names that a shell would take apart are quoted', () => {
    assert.equal(shellLine(['groups', 'reset', "it's; rm -rf", '--to=end']), "tkafka groups reset 'it'\\''s; rm -rf' --to=end")
  })

  test('read-only: nothing comes of any of them', () => {
    for (const keys of [['r'], ['2', 'e'], [':', ...'reset g1 start', 'enter'], ['5', 't', ...'1MB', 'enter']]) {
      const person = new Person(groups(2), { isReadOnly: true }).press(...keys, 'y')
      assert.deepEqual([person.ui.confirm, person.effects], [null, []], keys.join(' '))
    }
  })

  test('the state alone does not quit, sleep, copy or save: it asks for it', () => {
    const person = new Person(groups(2)).press('c', 'ctrl-s', 'ctrl-r', 'ctrl-z', 'q')
    assert.deepEqual(
      person.effects.map(({ kind }) => kind),
      ['copy', 'save', 'refresh', 'suspend', 'quit'],
    )
    assert.match((person.effects[0] as { text: string }).text, /^g2 .* OK$/)
    assert.equal(new Person(groups(2)).press('/', 'q', 'ctrl-c').effects.length, 1)
  })
})

describe('the command line behind :', () => {
  test('panels by name and short name, with a filter', () => {
    assert.deepEqual(readColonCommand('groups bill'), { kind: 'panel', panel: 'groups', filter: 'bill' })
    assert.deepEqual(readColonCommand('b'), { kind: 'panel', panel: 'brokers', filter: undefined })
    assert.equal(new Person(groups(12)).press(':').type('t ord').press('enter').rows.join(), 'orders')
  })

  test('actions, settings, and what there is not', () => {
    assert.deepEqual(readColonCommand('reset billing -5'), {
      kind: 'run',
      words: ['groups', 'reset', 'billing', '--to=-5', '--all-topics', '--execute'],
    })
    assert.deepEqual(readColonCommand('elect orders clicks'), { kind: 'run', words: ['topics', 'elect-leaders', 'orders', 'clicks'] })
    assert.deepEqual(readColonCommand('interval 5s'), { kind: 'interval', everyMs: 5000 })
    assert.equal(readColonCommand('interval 1ms').kind, 'wrong')
    assert.deepEqual(readColonCommand('q'), { kind: 'quit' })
    assert.deepEqual(readColonCommand('tpics'), { kind: 'wrong', message: 'there is no :tpics; did you mean :topics?' })
  })
})

describe('quantities keep their columns', () => {
  test('counts, rates, bytes, times', () => {
    assert.deepEqual([0, 999, 48_211, 99_999, 100_000, 1_234_567, 12_345_678].map(countOf), [
      '0',
      '999',
      '48,211',
      '99,999',
      '100k',
      '1.2M',
      '12M',
    ])
    assert.deepEqual([0, 0.01, 0.44, 7, 90, 1900, 8_100_000].map(rateOf), ['0', '0', '0.4', '7', '90', '1.9k', '8.1M'])
    assert.deepEqual([310, -41, 0].map(changeOf), ['+310', '-41', '0'])
    assert.deepEqual([0, 1023, 1024, 7_400_000_000, 1e18].map(bytesOf), ['0 B', '1023 B', '1.0 KiB', '6.9 GiB', '888 PiB'])
    assert.deepEqual([400, 12_000, 128_000, 18_720_000, 777_600_000].map(timeOf), ['0.4s', '12s', '2m08s', '5h12m', '9.0d'])
  })

  test('sparklines and gauges', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█')
    assert.equal(sparkline([1, 2, 3], 2), '▁█')
    assert.equal(sparkline([0, 0], 8), '▁▁')
    assert.equal(sparkline([1000, 1001, 1000], 8), '▄▄▄')
    assert.equal(sparkline([990, 1000], 8, 'zero'), '██')
    assert.equal(sparkline([0, 500, 1000], 8, 'zero'), '▁▅█')
    assert.equal(sparkline([], 8), '')
    assert.equal(gauge(0.5, 4), '██░░')
  })

  test('texts take as many cells as they are given', () => {
    assert.equal(fitted('abc', 5), 'abc  ')
    assert.equal(fitted('abc', 5, 'right'), '  abc')
    assert.equal(fitted('abcdef', 4), 'abc…')
    assert.equal(widthOf(fitted('日本語日本語', 6)), 6)
    assert.equal(cut('日本語', 4), '日… ')
    assert.equal(harmless('a\x1b[31mb\n'), 'a·[31mb·')
  })
})

test('a row that is not there any more is no row', () => {
  const person = new Person(groups(1)).press('enter')
  person.look(sampleAt(2))
  assert.equal(rowAtCursor(person.ui, person.model), undefined)
  assert.match(person.frame[4]!, /there is no group g1 any more/)
})
