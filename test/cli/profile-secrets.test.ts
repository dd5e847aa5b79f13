import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { clientSettings } from '../../src/cli/client-settings.ts'
import { chosenProfile } from '../../src/cli/profile/profile-files.ts'
import { isSecretKey, plainSecret } from '../../src/cli/profile/secret-keys.ts'
import { brokerSettings } from '../../src/config/index.ts'
import { ProfileHome } from './profile-home.ts'
import { capturedShell } from './run-command.ts'

const secret = 'hunter2-and-more'
const reference = (what: string): string => `\${${what}}`

const settingOf = async (home: ProfileHome, key: string, env: Record<string, string> = {}): Promise<string | undefined> => {
  const { shell } = capturedShell({ env: { ...home.env, ...env } })
  return (await clientSettings(shell, {}, await chosenProfile(shell, {}))).values[key]
}
const profileWith = (key: string, value: string): string =>
  `current: p\nprofiles:\n  - name: p\n    bootstrapServers: 127.0.0.1:1\n    properties:\n      ${key}: ${JSON.stringify(value)}\n`

describe('secrets of a profile', () => {
  it('are read from the environment, a file beside it, and what a command prints', async () => {
    using home = new ProfileHome()
    home.write('.config/tkafka/pw', `${secret}\n`)
    home.write('absolute', secret)
    for (const [value, env] of [
      ['env:PW', { PW: secret }],
      ['file:pw', {}],
      [`file:${home.home}/absolute`, {}],
      ['file:~/absolute', {}],
      [`command:printf '%s\\n' ${secret}`, {}],
    ] as const) {
      home.write('.config/tkafka/profiles.yaml', profileWith('ssl.key.password', value))
      assert.equal(await settingOf(home, 'ssl.key.password', env), secret, value)
    }
  })

  it('may stand within a login', async () => {
    using home = new ProfileHome(
      profileWith('sasl.jaas.config', `x.PlainLoginModule required username="u" password="${reference('env:PW')}";`),
    )
    const dollar = 'a$&b'
    assert.equal(
      await settingOf(home, 'sasl.jaas.config', { PW: dollar }),
      `x.PlainLoginModule required username="u" password="${dollar}";`,
    )
  })

  it('come from the keyring of the system through its own tool', { skip: process.platform !== 'linux' }, async () => {
    using home = new ProfileHome(profileWith('ssl.key.password', 'keyring:prod'))
    const bin = join(home.home, 'bin')
    mkdirSync(bin)
    const tool = (script: string): void => {
      writeFileSync(join(bin, 'secret-tool'), `#!/bin/sh\n${script}\n`)
      chmodSync(join(bin, 'secret-tool'), 0o755)
    }
    const { PATH } = process.env
    process.env.PATH = `${bin}:${PATH}`
    try {
      tool(`[ "$*" = "lookup service tkafka account prod" ] && echo ${secret}`)
      assert.equal(await settingOf(home, 'ssl.key.password'), secret)
      tool('exit 1')
      const { code, stderr } = await home.tkafka(['topics', 'list'])
      assert.equal(code, 1)
      assert.match(
        stderr,
        /profile p: ssl\.key\.password: the keyring has nothing called prod[^\n]*\n {2}Store it: secret-tool store '--label=tkafka prod' /,
      )
      process.env.PATH = '/nonexistent'
      assert.match((await home.tkafka(['topics', 'list'])).stderr, /secret-tool cannot be run; the package libsecret-tools[\s\S]*env:NAME/)
    } finally {
      process.env.PATH = PATH
    }
  })

  it('that cannot be read are named, with their place', async () => {
    using home = new ProfileHome()
    for (const [value, said] of [
      ['env:NO_SUCH', /profile p: ssl\.key\.password: the environment has no NO_SUCH/],
      ['file:none', /profile p: ssl\.key\.password: cannot read .*none: no such file/],
      ['command:exit 3', /profile p: ssl\.key\.password: command:exit 3 ended with exit code 3/],
      ['command:true', /printed nothing/],
    ] as const) {
      home.write('.config/tkafka/profiles.yaml', profileWith('ssl.key.password', value))
      const { code, stdout, stderr } = await home.tkafka(['topics', 'list'])
      assert.equal(code, 1, value)
      assert.equal(stdout, '')
      assert.match(stderr, said)
    }
  })

  it('may not stand there as they are, and are not printed by who says so', async () => {
    using home = new ProfileHome()
    for (const [key, value] of [
      ['ssl.keystore.password', secret],
      ['sasl.jaas.config', `x.PlainLoginModule required username="u" password="${secret}";`],
      ['sasl.jaas.config', `x.PlainLoginModule required username="u" password='${secret}';`],
    ] as const) {
      home.write('.config/tkafka/profiles.yaml', profileWith(key, value))
      const { code, stderr } = await home.tkafka(['topics', 'list'])
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`p\\.properties\\.${key} holds a secret as it is`))
      for (const argv of [
        ['profile', 'show'],
        ['profile', 'show', '--json'],
        ['profile', 'list', '--json'],
        ['topics', 'list', '--json'],
      ]) {
        const { stdout, stderr: also } = await home.tkafka(argv)
        assert.ok(!`${stdout}${also}${stderr}`.includes(secret), argv.join(' '))
      }
      assert.match((await home.tkafka(['profile', 'show'])).stdout, /\(hidden\)/)
    }
  })

  it('are not printed by errors of the client that quotes them', async () => {
    using home = new ProfileHome(profileWith('security.protocol', 'env:PW'))
    for (const argv of [
      ['topics', 'list'],
      ['topics', 'list', '--json'],
      ['topics', 'list', '--verbose'],
    ]) {
      const { code, stdout, stderr } = await home.tkafka(argv, { env: { PW: secret } })
      assert.equal(code, 1)
      assert.ok(!`${stdout}${stderr}`.includes(secret), stderr)
      assert.match(stderr, /\(hidden\)/)
    }
  })

  it('are not wanted in a file that a directory brings along', async () => {
    using home = new ProfileHome()
    const { emptyProfile } = await import('../../src/cli/profile/profile.ts')
    const { profileSettings } = await import('../../src/cli/profile/profile-settings.ts')
    for (const said of [
      { properties: { 'ssl.key.password': 'command:touch x' } },
      { properties: { 'client.id': reference('e:PW') } },
      { properties: { 'client.id': reference('f:/etc/passwd:root') } },
      { properties: { 'config.providers': 'e' } },
      { properties: { 'config.providers.e.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider' } },
      { bootstrapServers: `${reference('e:PW')}.example.com:9092` },
    ]) {
      const profile = { ...emptyProfile('p'), ...said }
      const file = { path: '.tkafka.yaml', scope: 'project', current: 'p', profiles: [profile], remarks: [] } as const
      const { shell } = capturedShell({ env: home.env })
      await assert.rejects(profileSettings(shell, { profile, file }), /may not/, JSON.stringify(said))
    }
  })

  it('are what Kafka declares as passwords, certificates aside', () => {
    for (const [key, { type }] of Object.entries(brokerSettings))
      if (!/certificate/.test(key)) assert.equal(isSecretKey(key), type === 'password', key)
    assert.equal(
      plainSecret('sasl.jaas.config', 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;'),
      undefined,
    )
  })
})
