import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { clientSettings, pinningFlags } from '../../src/cli/client-settings.ts'
import { chosenProfile } from '../../src/cli/profile/profile-files.ts'
import { ProfileHome } from './profile-home.ts'
import { capturedShell } from './run-command.ts'

const home = new ProfileHome(`
current: current
profiles:
  - name: current
    bootstrapServers: current:9092
    properties: { client.id: from-current, client.rack: r1 }
  - name: named
    bootstrapServers: [named-1:9092, 'named-2:9092']
    properties: { client.id: from-named }
  - name: silent
`)
after(() => home[Symbol.dispose]())
const file = home.write('c.properties', 'bootstrap.servers=file:9092\nclient.id=from-file\n')

/** Sources, the strongest first: each row leaves one more of them out. */
const sources = [
  { name: 'the flag', flags: { 'bootstrap-server': 'flag:9092' }, wins: 'flag:9092' },
  { name: '-X', flags: { 'command-property': ['bootstrap.servers=property:9092'] }, wins: 'property:9092' },
  { name: 'a profile that is named', flags: { profile: 'named' }, wins: 'named-1:9092,named-2:9092' },
  { name: 'the environment', env: { TKAFKA_BOOTSTRAP_SERVER: 'environment:9092' }, wins: 'environment:9092' },
  { name: 'the file', flags: { 'command-config': file }, wins: 'file:9092' },
  { name: 'the default', wins: '127.0.0.1:9092' },
] as const

const settingsOf = async (flags: object, env: Record<string, string> = {}): Promise<Readonly<Record<string, string>>> => {
  const { shell } = capturedShell({ env: { ...home.env, ...env } })
  return (await clientSettings(shell, flags, await chosenProfile(shell, flags))).values
}
const none = { profile: 'none' }

describe('where the address of a cluster comes from', () => {
  for (const [index, { name, wins }] of sources.entries()) {
    it(`${name} counts before ${
      sources
        .slice(index + 1)
        .map((each) => each.name)
        .join(', ') || 'nothing'
    }`, async () => {
      const rest = sources.slice(index)
      const flags = Object.assign({}, index > 3 ? none : {}, ...rest.map((each) => ('flags' in each ? each.flags : {})))
      const env = Object.assign({}, ...rest.map((each) => ('env' in each ? each.env : {})))
      assert.equal((await settingsOf(flags, env))['bootstrap.servers'], wins)
    })
  }

  for (const [index, { name }] of sources.slice(0, 3).entries()) {
    it(`${name} counts before each of the weaker ones alone`, async () => {
      for (const weaker of sources.slice(index + 1)) {
        const strong = sources[index]!
        const flags = { ...('flags' in weaker ? weaker.flags : {}), ...('flags' in strong ? strong.flags : {}) }
        const env = { ...('env' in weaker ? weaker.env : {}), ...('env' in strong ? strong.env : {}) }
        assert.equal((await settingsOf(flags, env))['bootstrap.servers'], strong.wins, weaker.name)
      }
    })
  }
})

describe('where a setting comes from', () => {
  const clientId = async (flags: object, env: Record<string, string> = {}): Promise<string | undefined> =>
    (await settingsOf(flags, env))['client.id']
  for (const [what, flags, env, wanted] of [
    ['-X before the environment', { 'command-property': ['client.id=x'] }, { TKAFKA_X_CLIENT_ID: 'e' }, 'x'],
    ['the environment before the current profile', {}, { TKAFKA_X_CLIENT_ID: 'e' }, 'e'],
    ['a named profile before the environment', { profile: 'named' }, { TKAFKA_X_CLIENT_ID: 'e' }, 'from-named'],
    ['a named profile before a file', { profile: 'named', 'command-config': file }, {}, 'from-named'],
    ['the current profile before the file of the environment', {}, { TKAFKA_CONFIG: file }, 'from-current'],
    ['a profile of the environment before the current one', {}, { TKAFKA_PROFILE: 'named' }, 'from-named'],
    ['a profile of the command line before that of the environment', { profile: 'named' }, { TKAFKA_PROFILE: 'current' }, 'from-named'],
    ['a profile that says nothing leaves it to the file', { profile: 'silent', 'command-config': file }, {}, 'from-file'],
    ['a file before the default', { ...none, 'command-config': file }, {}, 'from-file'],
    ['the default', none, {}, 'tkafka'],
  ] as const) {
    it(what, async () => assert.equal(await clientId(flags, env), wanted))
  }

  it('a file that is named without a profile meets nothing of the current one', async () => {
    for (const env of [{}, { TKAFKA_PROFILE: 'current' }] as Record<string, string>[]) {
      const values = await settingsOf({ 'command-config': file }, env)
      assert.equal(values['bootstrap.servers'], 'file:9092')
      assert.equal(values['client.rack'], undefined)
    }
  })

  it('the current profile is used when nothing else is said', async () => {
    assert.equal((await settingsOf({}))['client.rack'], 'r1')
  })

  it('without a profile file nothing is looked for twice, and nothing fails', async () => {
    const { shell } = capturedShell({ env: { HOME: '/nonexistent' } })
    assert.equal(await chosenProfile(shell, {}), undefined)
    assert.equal(await chosenProfile(capturedShell({}).shell, {}), undefined)
  })
})

describe('a command that another one starts', () => {
  for (const [what, flags, env, wanted] of [
    ['the current profile', {}, {}, ['--profile', 'current', '-b', 'current:9092']],
    ['a profile of the environment', {}, { TKAFKA_PROFILE: 'named' }, ['--profile', 'named', '-b', 'named-1:9092,named-2:9092']],
    ['no profile', none, {}, ['--profile', 'none', '-b', '127.0.0.1:9092']],
    ['a file', { 'command-config': file }, {}, ['--profile', 'none', '-b', 'file:9092', '-F', file]],
    ['-X', { 'command-property': ['a=b'] }, {}, ['--profile', 'current', '-b', 'current:9092', '-X', 'a=b']],
  ] as const) {
    it(`is pinned to the same profile and address by ${what}`, async () => {
      const { shell } = capturedShell({ env: { ...home.env, ...env } })
      const options = flags as unknown as Parameters<typeof clientSettings>[1]
      const chosen = await chosenProfile(shell, options)
      const settings = await clientSettings(shell, options, chosen)
      assert.deepEqual(pinningFlags(options, chosen?.profile.name ?? null, settings), wanted)
    })
  }
})
