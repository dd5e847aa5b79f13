import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { nodeProperties } from '../../src/cli/broker-process.ts'
import { clientSettings, readPropertiesFile } from '../../src/cli/client-settings.ts'
import { capturedShell } from './run-command.ts'

const variable = (name: string): string => `\${env:${name}}`
const providers = ['config.providers=env', 'config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider']
const folder = mkdtempSync(join(tmpdir(), 'tkafka-settings-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'c.properties')

describe('variables of a configuration', () => {
  const env = { USER_NAME: 'ann', CLIENT: 'batch', SERVERS: 'a:1' }
  const { shell } = capturedShell({ env: { ...env, TKAFKA_X_CLIENT_RACK: variable('CLIENT') } })

  it('are replaced when all sources are together: the file, the environment, -X and the address', async () => {
    writeFileSync(file, [...providers, `sasl.jaas.config=user ${variable('USER_NAME')}`].join('\n'))
    const flags = { 'command-config': file, 'command-property': [`client.id=${variable('CLIENT')}`] }
    const { values } = await clientSettings(shell, { ...flags, 'bootstrap-server': variable('SERVERS') })
    const names = ['sasl.jaas.config', 'client.rack', 'client.id', 'bootstrap.servers']
    assert.deepEqual(
      names.map((name) => values[name]),
      ['user ann', 'batch', 'batch', 'a:1'],
    )
  })

  it('may have their providers on the command line', async () => {
    writeFileSync(file, `client.id=${variable('CLIENT')}\n`)
    const { values } = await clientSettings(shell, { 'command-config': file, 'command-property': providers })
    assert.equal(values['client.id'], 'batch')
  })

  it('of a node too, where -X overrides the file', async () => {
    writeFileSync(file, `${providers.join('\n')}\nlog.dirs=/one\n`)
    const flags = { property: [`log.dirs=/data/${variable('CLIENT')}`] }
    const { properties } = await nodeProperties(shell, file, flags, () => new Map())
    assert.equal(properties.get('log.dirs'), '/data/batch')
  })

  it('stay in a file whose settings are for the cluster', async () => {
    writeFileSync(file, [...providers, `a=${variable('CLIENT')}`].join('\n'))
    assert.equal((await readPropertiesFile(shell, file)).a, variable('CLIENT'))
  })

  it('of a provider that is not there are refused', async () => {
    const wrong = clientSettings(shell, { 'command-property': ['config.providers=x', 'config.providers.x.class=com.example.Vault'] })
    await assert.rejects(wrong, /cannot make sense of the configuration: .*com\.example\.Vault/)
  })
})

it('a cluster knows its commands as tkafka, unless they are called something else', async () => {
  const { shell } = capturedShell()
  assert.equal((await clientSettings(shell, {})).values['client.id'], 'tkafka')
  assert.equal((await clientSettings(shell, { 'command-property': ['client.id=batch'] })).values['client.id'], 'batch')
})
