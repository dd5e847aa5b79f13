import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ClientError, openAdmin } from '../../src/client/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { BrokerChild } from '../broker/broker-child.ts'

describe('a client without a cluster', () => {
  it('says which address refused and what to do', async () => {
    const host = nodeHost()
    const listener = await host.network.listen({ host: '127.0.0.1', port: 0 }, () => {})
    const { port } = listener.address
    await listener.close()
    const admin = openAdmin(host, { 'bootstrap.servers': `127.0.0.1:${port}` }, { connectAttempts: 2 })
    await assert.rejects(admin.describeCluster(), (error) => {
      assert.ok(error instanceof ClientError)
      assert.match(error.message, new RegExp(`127.0.0.1:${port}.*refused`))
      assert.match(error.hint, /broker running/)
      return true
    })
    admin.close()
  })

  it('recognises a web server', async () => {
    const host = nodeHost()
    const listener = await host.network.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
      connection.onData(() => connection.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))
      connection.onClose(() => {})
    })
    const admin = openAdmin(host, { 'bootstrap.servers': `127.0.0.1:${listener.address.port}` }, { connectAttempts: 1 })
    await assert.rejects(admin.describeCluster(), /HTTP/)
    admin.close()
    await listener.close()
  })

  it('lets go of a broker that says nothing when it is closed', async () => {
    const host = nodeHost()
    const came = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    const listener = await host.network.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
      connection.onData(() => came.resolve())
      connection.onClose(() => gone.resolve())
    })
    const admin = openAdmin(host, { 'bootstrap.servers': `127.0.0.1:${listener.address.port}` })
    const asked = assert.rejects(admin.describeCluster(), /closed/)
    await came.promise
    admin.close()
    await asked
    await gone.promise
    await listener.close()
  })

  it('refuses settings that make no sense, with key, value and what is legal', () => {
    const open = (config: Record<string, string>) => () => openAdmin(nodeHost(), { 'bootstrap.servers': 'a:1', ...config })
    assert.throws(open({ 'request.timeout.ms': '-5' }), /request\.timeout\.ms=-5 is not legal: expected a whole number from 0/)
    assert.throws(open({ 'bootstrap.servers': 'nowhere' }), /bootstrap\.servers=nowhere/)
    assert.throws(open({ 'security.protocol': 'PLAIN' }), /PLAINTEXT, SSL/)
  })
})

describe('a broker that gets stuck', () => {
  it('ends each question with its time, and is named', { skip: process.platform === 'win32' }, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'tkafka-stuck-'))
    const broker = await BrokerChild.start(join(directory, 'data'))
    const admin = openAdmin(nodeHost(), { 'bootstrap.servers': `127.0.0.1:${broker.port}` })
    t.after(async () => {
      admin.close()
      await broker.kill()
      await rm(directory, { recursive: true, force: true })
    })
    await admin.createTopics([{ name: 'orders', partitionCount: 1 }])
    await admin.describeTopics(['orders'])
    broker.process.kill('SIGSTOP')
    const startedMs = performance.now()
    const named = new RegExp(`no answer from 127.0.0.1:${broker.port}`)
    const [listing, [deletion], [offset]] = await Promise.all([
      admin.listTopics({ timeoutMs: 400 }).catch((error: Error) => error.message),
      admin.deleteTopics(['orders'], { timeoutMs: 400 }),
      admin.listOffsets([{ topic: 'orders', partition: 0, at: 'latest' }], { timeoutMs: 400 }),
    ])
    assert.ok(performance.now() - startedMs < 15_000, 'request.timeout.ms, which is 30 s, is longer')
    assert.match(listing as string, named)
    assert.match(deletion!.error!.message, named)
    assert.match(offset!.error!.message, /no metadata from|no answer from/)
  })
})
