import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { resolveCommand } from '../../src/cli/command-tree.ts'
import { version } from '../../src/cli/index.ts'
import { parseOffsetRange } from '../../src/ops/index.ts'
import { run } from './run-command.ts'

describe('the command line', () => {
  const tooLong = (text: string, columns: number): string[] => text.split('\n').filter((line) => line.length > columns)

  it('every command explains itself with examples, within 80 columns', async () => {
    for (const id of Object.keys(commands)) {
      const { code, stdout } = await run([...id.split(' '), '--help'])
      assert.equal(code, 0, id)
      assert.match(stdout, /USAGE[\s\S]*EXAMPLES[\s\S]*tkafka/, id)
      assert.deepEqual(tooLong(stdout, 80), [], id)
    }
  })

  it('the list of commands keeps within 80 columns, and uses those of a wider terminal', async () => {
    for (const argv of [[], ['topics'], ['storage', '--help']]) assert.deepEqual(tooLong((await run(argv)).stdout, 80), [])
    const wide = (await run(['broker'], { columns: 200 })).stdout
    assert.deepEqual(tooLong(wide, 120), [])
    assert.match(wide, /broker status .*exit code 3 when not\n/)
  })

  it('at the root are families and commands of one word: neither all verbs nor more modules than are shown', async () => {
    const { stdout } = await run([])
    assert.match(stdout, /\n {2}topics +topics, their partitions and offsets\n/)
    assert.match(stdout, /\n {2}produce +send records\n/)
    assert.doesNotMatch(stdout, /topics create|cluster quorum/)
  })

  it('what is wrong with a command line is said in two lines, exit code 2', async () => {
    for (const [argv, said] of [
      [['topcis', 'list'], /Did you mean tkafka topics/],
      [['topics', 'lst'], /Did you mean tkafka topics list/],
      [['topics', 'list', '--colums', 'x'], /Did you mean --columns/],
      [['topics', 'create'], /which topics/],
      [['topics', 'create', 'a', '-p', 'x'], /--partitions: x is not a whole number/],
      [['topics', 'delete', 'a', '--yes=maybe'], /--yes is either there or not/],
      [['consume', 'a', '-o', 'soon'], /--offset soon is no range/],
      [['consume', 'a', '-f', '%q'], /%q means nothing/],
      [['produce', 'a', '-f', '%v'], /nothing says where a record ends/],
      [['groups', 'reset', 'g'], /where to/],
      [['configs', 'describe', 'topcs'], /Did you mean topics/],
      [['cluster', 'id', '-X', 'novalue'], /-X: novalue is not KEY=VALUE/],
    ] as const) {
      const { code, stdout, stderr } = await run(argv)
      assert.equal(code, 2, `${argv.join(' ')}: ${stderr}`)
      assert.equal(stdout, '')
      assert.match(stderr, said)
      const forPrograms = await run([...argv, '--json'])
      assert.deepEqual([forPrograms.code, forPrograms.stderr], [2, stderr])
      const { kind, errors } = JSON.parse(forPrograms.stdout)
      assert.deepEqual([kind, errors.length, stderr.includes(errors[0].message)], ['Failure', 1, true])
    }
  })

  it('flags that every command has may stand before it, with their values', () => {
    const ids = Object.keys(commands)
    for (const front of [['-b', 'h:1'], ['--filter', 'lag>0', '--sort', '-lag'], ['-o', 'csv', '--columns', 'a,b'], ['--watch']]) {
      const found = resolveCommand([...front, 'groups', 'describe', 'g'], ids)
      assert.deepEqual(found, { kind: 'command', id: 'groups describe', rest: [...front, 'g'] })
    }
  })

  it('the version is that of the package', () => {
    const { version: packaged } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.equal(version, packaged)
  })
})

describe('the language of offsets', () => {
  const now = Date.UTC(2026, 0, 2)
  const time = (timestampMs: number) => ({ kind: 'time', timestampMs })
  for (const [text, from, until] of [
    ['start', { kind: 'start' }],
    ['-5', { kind: 'before end', count: 5 }],
    ['+5', { kind: 'after start', count: 5 }],
    ['3:6', { kind: 'offset', offset: 3 }, { kind: 'offset', offset: 6 }],
    [':end', { kind: 'start' }, { kind: 'end' }],
    ['@1600000000000', time(1_600_000_000_000)],
    ['@1600000000', time(1_600_000_000_000)],
    ['@2026-01-01', time(Date.UTC(2026, 0, 1))],
    ['@2026-01-01T10:00:00Z:2026-01-01T11:00:00Z', time(Date.UTC(2026, 0, 1, 10)), time(Date.UTC(2026, 0, 1, 11))],
    ['@-1h:end', time(now - 3_600_000), { kind: 'end' }],
    ['@:-1h', { kind: 'start' }, time(now - 3_600_000)],
    ['s@1600000000000', time(1_600_000_000_000)],
  ] as const) {
    it(`${text} is understood`, () => assert.deepEqual(parseOffsetRange(text, now), { from, until }))
  }
  for (const text of ['', ':', 'soon', '@', '@:', '1:2:3', '99999999999999999', '@2026-13-01', '--5']) {
    it(`${JSON.stringify(text)} is refused`, () => assert.equal(parseOffsetRange(text, now), undefined))
  }
})
