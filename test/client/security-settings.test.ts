import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isIgnoredKey } from '../../src/client/config.ts'
import { connectionSettings, openAdmin, resolveSettings } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

/** The `ssl.`, `sasl.` and `security.` keys of Apache Kafka 4.3.1's clients. */
const kafka = JSON.parse(readFileSync(new URL('../vectors/client-security.json', import.meta.url), 'utf8')) as {
  name: string
  default: string | null
}[]

describe('the settings of TLS and SASL', () => {
  it('are those of Kafka, with its defaults', () => {
    const { settings, unknown } = resolveSettings(connectionSettings, {})
    assert.deepEqual(unknown, [])
    for (const { name, default: theirs } of kafka) {
      if (isIgnoredKey(name)) continue
      assert.ok(Object.hasOwn(settings, name), name)
      const ours = (settings as Record<string, unknown>)[name]
      assert.equal(Array.isArray(ours) ? ours.join(',') : ours === null ? null : String(ours), theirs, name)
    }
  })

  it('that Kafka does not know are warned of', () => {
    const admin = openAdmin(nodeHost({ journal: silentJournal }), {
      'bootstrap.servers': 'a:1',
      'ssl.trustore.location': '/x',
      'auto.offset.reset': 'earliest',
      'sasl.kerberos.service.name': 'kafka',
    })
    assert.deepEqual(admin.unknownKeys, ['ssl.trustore.location'])
    admin.close()
  })

  it('are refused by a host without TLS, a simulated one', () => {
    const { tls: _, ...host } = nodeHost({ journal: silentJournal })
    for (const protocol of ['SSL', 'SASL_SSL'])
      assert.throws(() => openAdmin(host, { 'bootstrap.servers': 'a:1', 'security.protocol': protocol }), /this host has no TLS/)
  })

  it('never show what is secret', () => {
    const secrets = kafka.filter(({ name }) => /password|passphrase|secret|jaas|\.key$|certificate/.test(name) && !isIgnoredKey(name))
    assert.ok(secrets.length >= 8)
    for (const { name } of secrets) assert.equal((connectionSettings as Record<string, { type: string }>)[name]!.type, 'password', name)
  })
})
