import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { flagSetOf } from '../../src/cli/base-command.ts'
import { resolveCommand } from '../../src/cli/command-tree.ts'
import { otherSpellings } from './alias-table.ts'

const ids = Object.keys(commands)

describe('command lines of other tools', () => {
  for (const [tool, line, command] of otherSpellings) {
    it(`${tool}: ${line}`, async () => {
      const found = resolveCommand(line.split(' '), ids)
      assert.equal(found.kind === 'command' ? found.id : `${found.kind} ${JSON.stringify(found)}`, command)
      if (found.kind !== 'command') return
      const set = flagSetOf((await commands[command]!()).default)
      const names = new Set(
        Object.entries(set).flatMap(([name, { char, aliases = [], charAliases = [] }]) => [
          ...[name, ...aliases].map((each) => `--${each}`),
          ...[char ?? '', ...charAliases].map((each) => `-${each}`),
        ]),
      )
      const unknown = found.rest.filter((word) => /^--?[a-zA-Z]/.test(word) && !names.has(word))
      assert.deepEqual(unknown, [], `flags of tkafka ${command}`)
    })
  }

  it('no name of a flag means two things in one command', async () => {
    for (const [id, load] of Object.entries(commands)) {
      const names = Object.entries(flagSetOf((await load()).default)).flatMap(([name, { char, aliases = [], charAliases = [] }]) => [
        ...[name, ...aliases],
        ...[...(char === undefined ? [] : [char]), ...charAliases].map((each) => `-${each}`),
      ])
      assert.deepEqual(
        names.filter((name, index) => names.indexOf(name) !== index),
        [],
        id,
      )
    }
  })

  it('a name of Kafka’s tools is understood with its ending, too', () => {
    assert.deepEqual(resolveCommand(['kafka-topics.sh', '--list'], ids), resolveCommand(['kafka-topics', '--list'], ids))
  })
})
