import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { Fault } from '../../src/cli/fault.ts'
import { groupText } from '../../src/cli/group-text.ts'
import { entryLine } from '../../src/cli/log-dump.ts'
import { runCommand } from '../../src/cli/main.ts'
import { renderView, styleOf } from '../../src/cli/render/render.ts'
import type { GroupReport } from '../../src/ops/index.ts'
import { capturedShell } from './run-command.ts'

/** Sets the title of a terminal, clears it, and begins a control sequence with one character beyond ASCII. */
const evil = 'a\x1b]0;owned\x07\x1b[2J\x9b31mb'
const shown = String.raw`a\x1b]0;owned\x07\x1b[2J\x9b31mb`

const view = { kind: 'X', items: [{ name: evil }], columns: [{ name: 'NAME', value: (item: { name: string }) => item.name }] }
const render = (format: 'text' | 'wide' | 'csv' | 'awk' | 'json' | 'ndjson' | 'yaml', width?: number) =>
  renderView(view, { format, headers: false, color: false, time: 0, width })

describe('controls in what others wrote', () => {
  for (const format of ['text', 'wide', 'csv', 'awk'] as const)
    it(`are escaped in ${format}`, async () => assert.equal(await render(format), `${shown}\n`))

  it('are escaped when they break lines or turn text around, beyond ASCII', async () => {
    const items = [{ name: 'a\u202egnp.exe\u2066\u2028b é' }]
    const options = { headers: false, color: false, time: 0, width: undefined }
    assert.equal(await renderView({ ...view, items }, { ...options, format: 'text' }), 'a\\u202egnp.exe\\u2066\\u2028b é\n')
    const json = await renderView({ ...view, items }, { ...options, format: 'ndjson' })
    assert.match(json, /a\\u202egnp\.exe\\u2066\\u2028b é/)
    assert.deepEqual(JSON.parse(json), items[0])
  })

  it('are escaped before a table is fitted', async () => {
    const columns = [{ ...view.columns[0]!, narrow: 'shorten' as const }]
    const text = await renderView({ ...view, columns }, { format: 'text', headers: false, color: false, time: 0, width: 12 })
    assert.equal(text.split('\n')[0], String.raw`a\x1b]…b31mb`)
  })

  it('are escaped as JSON does it, and come back whole', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    for (const format of ['json', 'ndjson', 'yaml'] as const) assert.doesNotMatch(await render(format), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    assert.deepEqual(JSON.parse(await render('ndjson')), view.items[0])
  })

  it('line breaks in a cell: a space in tables, a quoted cell in csv', async () => {
    const items = [{ name: 'a\r\nb' }]
    const options = { headers: false, color: false, time: 0, width: undefined }
    assert.equal(await renderView({ ...view, items }, { ...options, format: 'text' }), 'a b\n')
    assert.equal(await renderView({ ...view, items }, { ...options, format: 'csv' }), '"a\r\nb"\n')
  })

  it('are escaped in the head of a group, before it is styled', async () => {
    const report = { groupId: evil, state: evil, type: 'consumer', coordinator: 1, members: [], assignor: evil, lag: 0, partitions: [] }
    const style = await styleOf({ color: true, headers: true, width: undefined }, false)
    const text = await groupText([report as unknown as GroupReport], style, ['summary'])
    assert.equal(text.split(shown).length, 4)
    assert.match(text, new RegExp(`\x1b\\[1m${RegExp.escape(shown)}\x1b\\[22m`))
    assert.ok(!text.includes('\x07') && !text.includes('\x1b[2J') && !text.includes('\x9b'))
  })

  it('are escaped in a dump for people', () => {
    assert.equal(entryLine({ kind: 'record', payload: `${evil}\n` }), `| payload: ${shown}\\n\n`)
  })

  it('are escaped in remarks, plans and failures', async () => {
    class Told extends BaseCommand {
      async run(): Promise<void> {
        this.tell(`remark ${evil}\nsecond line`)
        await this.reportFailures([{ item: `${evil}\n`, code: null, name: null, message: evil, retriable: false }])
        await this.confirm({ yes: false }, [`plan ${evil}\nplan of another`], 'Go?').catch(() => {})
        throw new Fault(evil)
      }
    }
    const { shell, ran } = capturedShell()
    await runCommand(Told, 'told', [], shell)
    assert.equal(
      ran().stderr,
      `remark ${shown}\nsecond line\ntkafka told: ${shown}\\n: ${shown}\nplan ${shown}\\nplan of another\ntkafka told: ${shown}\n`,
    )
  })
})
