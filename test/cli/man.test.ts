import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commands, topics } from '../../commands/index.ts'
import { manPages } from '../../src/cli/man/man-pages.ts'
import { escaped, line } from '../../src/cli/man/roff.ts'
import { brokerSettings, topicSettings } from '../../src/config/index.ts'
import { run } from './run-command.ts'

const folder = join(import.meta.dirname, '../../man')
const pages = await manPages(commands, topics)

describe('the manual', () => {
  it('lies in man/ as the commands and settings are: npm run man writes it anew', () => {
    assert.deepEqual(readdirSync(folder).sort(), [...pages.keys()].sort())
    for (const [file, page] of pages) assert.equal(readFileSync(join(folder, file), 'utf8'), page, `${file} is not what npm run man writes`)
  })

  it('has a page for every command, with every flag and example of it', async () => {
    for (const [id, load] of Object.entries(commands)) {
      const page = pages.get(`tkafka-${id.replaceAll(' ', '-')}.1`)!
      const { default: command } = await load()
      for (const [name, flag] of Object.entries(command.flags))
        if (flag.hidden !== true) assert.ok(page.includes(`\\-\\-${name.replaceAll('-', '\\-')}`), `${id} --${name}`)
      assert.ok(command.examples.length > 0 && page.includes('.SH "EXAMPLES"'), id)
    }
  })

  it('has every setting of brokers and topics', () => {
    const page = pages.get('tkafka-config.5')!
    for (const [key, { internal }] of Object.entries({ ...brokerSettings, ...topicSettings } as Record<string, { internal?: boolean }>))
      assert.equal(page.includes(`\\fB${escaped(key)}\\fR`), internal !== true, key)
  })

  it('is what groff understands, without a warning', {
    skip: spawnSync('groff', ['--version']).status !== 0 && 'groff is not here',
  }, () => {
    for (const [file, page] of pages) {
      const { stderr, status } = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8'], { input: page, encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''], file)
    }
  })

  it('is shown by tkafka man, as source where nobody reads', async () => {
    assert.equal((await run(['man'])).stdout, pages.get('tkafka.1'))
    assert.equal((await run(['man', 'config'])).stdout, pages.get('tkafka-config.5'))
    assert.equal((await run(['man', 'cluster', 'quorum', 'status'])).stdout, pages.get('tkafka-cluster-quorum-status.1'))
    const { code, stderr } = await run(['man', 'topics', 'destroy'])
    assert.deepEqual([code, /there is no page on topics destroy/.test(stderr)], [2, true])
  })

  it('is written where man looks', async () => {
    const to = mkdtempSync(join(tmpdir(), 'tkafka-man-'))
    assert.equal((await run(['man', '--to', to])).code, 0)
    assert.deepEqual(readdirSync(to), ['man1', 'man5'])
    assert.deepEqual(readdirSync(join(to, 'man5')), ['tkafka-config.5'])
    rmSync(to, { recursive: true })
  })

  it('takes away pages of commands that are no more, and nothing that is not its own', async () => {
    const to = mkdtempSync(join(tmpdir(), 'tkafka-man-'))
    for (const name of ['notes.txt', 'kafka.1', 'tkafka.txt', 'tkafka-gone.1']) writeFileSync(join(to, name), '')
    assert.equal((await run(['man', '--to', to, '--flat'])).code, 0)
    assert.deepEqual(readdirSync(to).sort(), ['kafka.1', 'notes.txt', 'tkafka.txt', ...pages.keys()].sort())
    rmSync(to, { recursive: true })
  })

  it('keeps signs of roff as text', () => {
    assert.equal(line(".so 'x' \\n -1"), '\\&.so \\(aqx\\(aq \\en \\-1\n')
    assert.equal(line("'quoted"), '\\&\\(aqquoted\n')
  })
})

describe('--help-json', () => {
  it('is the whole tree, a family or a command', async () => {
    const commandsOf = async (...words: string[]): Promise<string[]> => {
      const { code, stdout } = await run([...words, '--help-json'])
      assert.equal(code, 0)
      const { apiVersion, kind, items, errors } = JSON.parse(stdout)
      assert.deepEqual([apiVersion, kind, errors], ['tkafka/v1', 'CommandTree', []])
      return items.map(({ command }: { command: string }) => command)
    }
    assert.deepEqual(await commandsOf(), Object.keys(commands))
    assert.deepEqual(
      await commandsOf('cluster', 'quorum'),
      Object.keys(commands).filter((id) => id.startsWith('cluster quorum ')),
    )
    assert.deepEqual(await commandsOf('topic', 'ls'), ['topics list'])
  })

  it('tells everything of flags, arguments and examples', async () => {
    const [create] = JSON.parse((await run(['topics', 'create', '--help-json'])).stdout).items
    assert.equal(create.usage, 'tkafka topics create [TOPIC...] [FLAGS]')
    assert.deepEqual(create.arguments, [
      { name: 'topic', description: 'names of the topics', required: false, multiple: true, values: null },
    ])
    const partitions = create.flags.find(({ name }: { name: string }) => name === 'partitions')
    assert.deepEqual([partitions.char, partitions.takesValue, partitions.valueName, partitions.group], ['p', true, 'N', 'own'])
    assert.ok(create.flags.find(({ name }: { name: string }) => name === 'topic').hidden)
    assert.equal(create.examples[0].command, 'tkafka topics create orders -p 6 -r 3')
  })
})
