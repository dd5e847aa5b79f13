import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { Flags, textArgs, watchFlags } from '../../src/cli/flags.ts'
import { runCommand } from '../../src/cli/main.ts'
import { capturedShell } from './run-command.ts'

/** What a command reads from its words; `every` in milliseconds, as --watch understood it. */
async function read(argv: readonly string[]) {
  let heard: object = {}
  class Heard extends BaseCommand {
    static override args = { word: textArgs('words') }
    static override flags = {
      ...watchFlags,
      yes: Flags.boolean({ char: 'y', aliases: ['force'] }),
      property: Flags.string({ char: 'X', aliases: ['producer-props'], multiple: true, multipleNonGreedy: true }),
    }
    override async run(): Promise<void> {
      const { flags, argv: words } = await this.read(Heard)
      heard = { ...flags, words }
    }
    override async execute(): Promise<void> {
      await this.run()
    }
  }
  const { shell, ran } = capturedShell()
  await runCommand(Heard, 'heard', [...argv], shell)
  return { ...(heard as { watch?: string; words?: string[]; yes?: boolean; property?: string[]; sort?: string }), ...ran() }
}

describe('words of a command line', () => {
  for (const [argv, watch, words] of [
    [['--watch', 'a'], '2s', ['a']],
    [['-w', '--no-headers'], '2s', []],
    [['--watch', '5s', 'a'], '5s', ['a']],
    [['-w', '1m30s'], '1m30s', []],
    [['a', '--watch=10s', 'b'], '10s', ['a', 'b']],
    [['--', '--watch', '-w'], undefined, ['--watch', '-w']],
  ] as const) {
    it(`${argv.join(' ')}: every ${watch}`, async () => {
      const heard = await read(argv)
      assert.deepEqual([heard.watch, heard.words, heard.stderr], [watch, words, ''])
    })
  }

  it('behind -- are arguments, whatever they look like', async () => {
    const argv = ['--sort', '-lag', '--yes=false', '--no-headers=no']
    assert.deepEqual((await read(['--', ...argv])).words, argv)
  })

  it('that are values of flags stay as they are', async () => {
    const heard = await read(['-X', '--sort=-lag', '-X', '--yes=maybe', 'a'])
    assert.deepEqual([heard.property, heard.words], [['--sort=-lag', '--yes=maybe'], ['a']])
  })

  it('--force=false is as if it were not there, under any name', async () => {
    assert.deepEqual((await read(['--force=false', 'a'])).words, ['a'])
    assert.deepEqual([(await read(['-y=false', 'a'])).yes, (await read(['--yes=true'])).yes], [undefined, true])
    const { code, stderr } = await read(['--yes=maybe'])
    assert.deepEqual([code, stderr], [2, 'tkafka heard: --yes is either there or not; maybe is no value for it\n'])
  })

  it('--producer-props stands for all values behind it, as in the tool that has it', async () => {
    const heard = await read(['a', '--producer-props', 'acks=1', 'linger.ms=5', '--force'])
    assert.deepEqual([heard.property, heard.words, heard.yes], [['acks=1', 'linger.ms=5'], ['a'], true])
  })

  it('a flag is no value of the one before it', async () => {
    for (const argv of [
      ['--property', '--watch'],
      ['--property', '--sort', '-lag'],
    ])
      assert.match((await read(argv)).stderr, new RegExp(`${argv[0]} expects a value`), argv.join(' '))
  })
})
