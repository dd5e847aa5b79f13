import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { advance } from '../../src/top/model/model.ts'
import { latencyOf } from '../../src/top/sampler/metrics-page.ts'
import { pagesOf, Sampler } from '../../src/top/sampler/sampler.ts'
import { runBroker } from '../broker/broker-fixture.ts'
import { ProfileHome } from '../cli/profile-home.ts'
import { eventually } from '../client/broker-at.ts'

const host = nodeHost({ journal: silentJournal })
const read = async (url: string): Promise<string> => (await fetch(url)).text()

describe('figures that only metrics endpoints have', () => {
  it('are read in both spellings; what is missing is not known', () => {
    const strimzi = [
      'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.50",} 1.0',
      'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99",} 6.5',
      'kafka_network_requestmetrics_totaltimems{request="FetchConsumer",quantile="0.99",} 12',
      'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent 0.97',
      'kafka_network_requestmetrics_requests_total{request="Produce",version="11",} 40',
      'kafka_network_requestmetrics_requests_total{request="Fetch",version="17",} 2',
    ]
    assert.deepEqual(latencyOf(strimzi.join('\n')), { produceP99Ms: 6.5, fetchP99Ms: 12, handlerIdle: 0.97, requests: 42 })
    assert.deepEqual(latencyOf('# HELP nothing\n'), { produceP99Ms: null, fetchP99Ms: null, handlerIdle: null, requests: null })
  })

  it('belong to the brokers that the URLs say', () => {
    const nodes = new Map([1, 2].map((id) => [id, { id, host: `host-${id}`, port: 9092, rack: null }]))
    const pages = (...urls: string[]) => Object.fromEntries(pagesOf(urls, { nodes }))
    assert.deepEqual(pages('http://{host}:9404/metrics'), { 1: 'http://host-1:9404/metrics', 2: 'http://host-2:9404/metrics' })
    assert.deepEqual(pages('2=http://other/metrics', 'http://host-1/metrics'), { 1: 'http://host-1/metrics', 2: 'http://other/metrics' })
  })

  it('of a broker of tkafka are there, and its lag is the same as that of top', async () => {
    await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0' })
    const settings = { 'bootstrap.servers': running.bootstrap }
    using admin = openAdmin(host, settings)
    await admin.createTopics([{ name: 'orders', partitionCount: 1, replicationFactor: 1 }])
    {
      await using producer = new Producer(host, settings)
      await producer.ready('orders')
      for (let index = 0; index < 50; index++) producer.send({ topic: 'orders', value: Buffer.from('record') })
      await producer.flush()
    }
    await eventually('offsets are taken', async () =>
      (await admin.alterGroupOffsets('billing', [{ topic: 'orders', partition: 0, offset: 20 }])).every(({ error }) => error === null),
    )
    const url = `http://127.0.0.1:${running.broker.status!.address.port}/metrics`
    const sampler = new Sampler(admin, admin, { everyMs: 1000, metrics: { urls: [`${running.broker.nodeId}=${url}`], read } })
    const sample = await sampler.take()
    const latency = sample.latencies![running.broker.nodeId]!
    assert.ok(latency.produceP99Ms! > 0 && latency.requests! > 0)
    assert.ok(latency.handlerIdle! > 0 && latency.handlerIdle! <= 1)
    const [, lag] = /^kafka_consumergroup_lag\{[^}]*consumergroup="billing"[^}]*\} (\d+)/m.exec(await read(url)) ?? []
    assert.equal(Number(lag), 30)
    assert.equal(advance(undefined, sample).groups.get('billing')!.lag, Number(lag))
  })

  it('are those of the profile that chose the cluster, and of no other', async () => {
    await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0' })
    const url = `http://127.0.0.1:${running.broker.status!.address.port}/metrics`
    using home = new ProfileHome(`
current: here
profiles:
  - { name: here, bootstrapServers: '${running.bootstrap}', metricsUrl: '${running.broker.nodeId}=${url}' }
`)
    const latencyOfTop = async (...flags: string[]): Promise<unknown> => {
      const { stdout } = await home.tkafka(['top', 'brokers', '--once', '-i', '500ms', '--json', ...flags])
      return JSON.parse(stdout).items[0].latency
    }
    assert.ok(((await latencyOfTop()) as { requests: number }).requests > 0)
    assert.equal(await latencyOfTop('-b', `localhost:${running.port}`), null)
    // Before an endpoint stands what asks for a login.
    let asked: string | undefined
    const guard = createServer((request, response) => {
      asked = request.headers.authorization
      void read(url).then((page) => response.end(page))
    }).listen(0, '127.0.0.1')
    await once(guard, 'listening')
    const { port } = guard.address() as { port: number }
    assert.notEqual(await latencyOfTop('--metrics-url', `${running.broker.nodeId}=http://me:p%40ss@127.0.0.1:${port}/`), null)
    assert.equal(asked, `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
    guard.close()
  })

  it('an endpoint that does not answer is told, and holds up nothing else', async () => {
    await using running = await runBroker()
    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    const sampler = new Sampler(admin, admin, { everyMs: 1000, metrics: { urls: ['http://me:secret@{host}:1/metrics'], read } })
    const sample = await sampler.take()
    assert.match(sample.failures[0]!.what, /^metrics of http:\/\/[^@]+:1\/metrics$/)
    assert.equal([...advance(undefined, sample).brokers.values()][0]!.state, 'up')
  })
})
