import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isFault, resolveVariables } from '../../src/config/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

/** A variable as it is written. */
const v = (...parts: string[]): string => `\${${parts.join(':')}}`

const folder = mkdtempSync(join(tmpdir(), 'tkafka-providers-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const secrets = join(folder, 'secrets')
mkdirSync(join(secrets, 'more'), { recursive: true })
const file = join(folder, 'names.properties')
writeFileSync(file, `host = example.org\nport=9\\\n  0\nempty=\nagain=${v('env', 'USER_NAME')}\n`)
writeFileSync(join(secrets, 'password'), 'p=a:ss\n')

const CLASSES = 'org.apache.kafka.common.config.provider'
const PROVIDERS = {
  'config.providers': 'file,env,dir',
  'config.providers.file.class': `${CLASSES}.FileConfigProvider`,
  'config.providers.env.class': `${CLASSES}.EnvVarConfigProvider`,
  'config.providers.dir.class': `${CLASSES}.DirectoryConfigProvider`,
}
const sources = { disk: nodeHost().disk, environment: { USER_NAME: 'ann', EMPTY: '' } }

/** What a value comes to, or why not. */
const resolve = async (value: string, more: Record<string, string> = {}): Promise<string> => {
  const texts = await resolveVariables(new Map(Object.entries({ ...PROVIDERS, ...more, value })), sources)
  return texts instanceof Map ? texts.get('value')! : `! ${texts.message}`
}

describe('a variable in a configuration', () => {
  const replaced: [string, string, string][] = [
    ['of a properties file', `${v('file', file, 'host')}:${v('file', file, 'port')}`, 'example.org:90'],
    ['may be empty', `[${v('file', file, 'empty')}${v('env', 'EMPTY')}]`, '[]'],
    ['of the environment', `user=${v('env', 'USER_NAME')}`, 'user=ann'],
    ['is the whole contents of a file in a directory', v('dir', secrets, 'password'), 'p=a:ss\n'],
    ['is not looked at again once it is replaced', v('file', file, 'again'), v('env', 'USER_NAME')],
    [
      'stands beside one of an unknown provider',
      `${v('vault', 'a', 'b')}$HOME${v('HOME')}${v('env', 'USER_NAME')}`,
      `${v('vault', 'a', 'b')}$HOME${v('HOME')}ann`,
    ],
  ]
  for (const [what, value, expected] of replaced) it(what, async () => assert.equal(await resolve(value), expected))

  it('that nobody knows stays as it is written', async () => {
    const unknown = [
      v('file', file, 'nope'),
      v('env', 'NOPE'),
      v('env', 'constructor'),
      v('dir', secrets, 'nope'),
      v('dir', secrets, 'more'),
    ]
    for (const value of [...unknown, v('dir', secrets, '../names.properties'), v('file', '', 'host')])
      assert.equal(await resolve(value), value)
  })

  it('of a file that cannot be read is refused', async () => {
    assert.match(await resolve(v('file', `${folder}/gone`, 'key')), /^! .*Could not read properties from file .*gone/)
  })

  it('of the environment has no path', async () => {
    assert.match(await resolve(v('env', 'path', 'USER_NAME')), /^! .*Path is not supported for EnvVarConfigProvider/)
  })

  it('is left alone where its provider may not read', async () => {
    const only = { 'config.providers.file.param.allowed.paths': secrets, 'config.providers.env.param.allowlist.pattern': 'USER' }
    for (const value of [v('file', file, 'host'), v('file', `${secrets}/../names.properties`, 'host'), v('env', 'USER_NAME')])
      assert.equal(await resolve(value, only), value)
    assert.equal(await resolve(v('file', file, 'host'), { 'config.providers.file.param.allowed.paths': `/usr,${folder}` }), 'example.org')
    assert.equal(await resolve(v('env', 'USER_NAME'), { 'config.providers.env.param.allowlist.pattern': 'USER_.*' }), 'ann')
  })

  it('does not leave the paths that may be read through a link and back', async () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    writeFileSync(join(inner, 'names.properties'), 'host=inside\n')
    symlinkSync(secrets, join(inner, 'link'))
    const only = { 'config.providers.file.param.allowed.paths': inner, 'config.providers.dir.param.allowed.paths': inner }
    assert.equal(await resolve(v('file', `${inner}/link/../names.properties`, 'host'), only), 'inside')
    assert.equal(await resolve(v('dir', `${inner}/link/..`, 'names.properties'), only), 'host=inside\n')
    assert.equal(await resolve(v('file', `${inner}/link/../names.properties`, 'host')), 'example.org')
  })

  it('is refused with providers that do not exist or are badly set', async () => {
    const refused: [string, string, RegExp][] = [
      ['env.class', 'com.example.Vault', /config\.providers\.env\.class: Could not load config provider class/],
      ['file.param.allowed.paths', 'relative', /Path relative is not absolute/],
      ['dir.param.allowed.paths', '/nowhere/at/all', /does not exist/],
      ['env.param.allowlist.pattern', '(', /no regular expression/],
    ]
    for (const [key, text, message] of refused) assert.match(await resolve('x', { [`config.providers.${key}`]: text }), message)
  })

  it('means nothing without config.providers, or to a provider without a class', async () => {
    assert.equal(await resolve(v('env', 'USER_NAME'), { 'config.providers': '' }), v('env', 'USER_NAME'))
    assert.equal(await resolve(v('other', 'USER_NAME'), { 'config.providers': 'other' }), v('other', 'USER_NAME'))
  })

  it('that is wrong is a fault of the configuration, in its shape', async () => {
    const texts = new Map([...Object.entries(PROVIDERS), ['a', v('file', '/gone', 'b')] as const])
    assert.ok(isFault(await resolveVariables(texts, sources)))
  })
})
