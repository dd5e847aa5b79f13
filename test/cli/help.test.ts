import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commands } from '../../commands/index.ts'
import { pasteable } from '../../src/cli/pasteable.ts'
import { run } from './run-command.ts'

describe('help', () => {
  for (const [id, load] of Object.entries(commands)) {
    it(`${id}: fits in 80 columns, flags stand under each other, examples can be pasted`, async () => {
      const { stdout, code } = await run([...id.split(' '), '--help'], { columns: 80 })
      assert.equal(code, 0)
      const lines = stdout.split('\n')
      for (const line of lines) assert.ok([...line].length <= 80, line)
      const flags = stdout.split('\n\n').filter((section) => /^(\w+ )?FLAGS\n/.test(section))
      for (const section of flags)
        for (const [flag] of section.matchAll(/^ *(?=--)/gm)) if (/^ {2}-/m.test(section)) assert.equal(flag.length, 6, section)
      const shown = stdout.split('EXAMPLES\n')[1]!
      const pasted = shown
        .replace(/ \\\n +/g, ' ')
        .split('\n')
        .map((line) => line.trim())
      for (const example of (await load()).default.examples) {
        const command = (typeof example === 'string' ? example : example.command).replaceAll('<%= config.bin %>', 'tkafka')
        assert.ok(pasted.includes(command), `${command}\n${shown}`)
      }
      for (const [, next] of shown.matchAll(/\\\n +(\S+)/g)) assert.match(next!, /^(-|\||<|>)/, shown)
    })
  }

  it('breaks a command in front of flags and pipes, never within quotes', () => {
    assert.equal(pasteable("tkafka x --aaa 'b --c d' --eee f | tkafka y", 26), "    tkafka x --aaa 'b --c d' \\\n      --eee f | tkafka y")
  })
})
