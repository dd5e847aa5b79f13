import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { Producer } from '../../src/client/index.ts'
import { alertRules, dashboards, expressionsOf, scrapeConfig } from '../../src/dashboards/index.ts'
import type { Naming } from '../../src/metrics/index.ts'
import { freePorts } from '../apache/free-port.ts'
import { MixedCluster } from '../apache/mixed-cluster.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'
import { eventually } from '../client/broker-at.ts'
import { seriesOf } from './expression.ts'
import { ofOthers } from './of-others.ts'
import { Prometheus, withoutPrometheus } from './prometheus.ts'
import * as published from './public-expressions.ts'

const RECORDS = 300

/** Labels that Strimzi's pod monitors give to what they scrape. */
const podLabels = (name: string) => ({
  ...{ namespace: 'kafka', strimzi_io_cluster: 'test', strimzi_io_name: 'test-kafka' },
  ...{ kubernetes_pod_name: `test-${name}`, container: 'kafka' },
})

/** What a reader of the dashboards chooses. */
const chosen: Readonly<Record<string, string>> = {
  kubernetes_namespace: 'kafka',
  strimzi_cluster_name: 'test',
  ...{ kafka_broker: '.+', kraft_node: '.+', kafka_topic: '.+', kafka_partition: '.+' },
  ...{ topic: '.+', consumergroup: '.+', group: '.+', __rate_interval: '5m' },
}
const filled = (expression: string, others: Readonly<Record<string, string>>): string =>
  expression.replace(/\$(\w+)/g, (_, name) => ({ ...chosen, ...others })[name] ?? `no ${name}`)

const isOfNodes = (expression: string): boolean => seriesOf(expression).every(({ name }) => !(name in ofOthers) || name === 'up')

describe('the metrics of three brokers', () => {
  let cluster: MixedCluster
  let statusPorts: readonly number[]
  const tkafka = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: cluster.bootstrap['bootstrap.servers'] } })
    assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const items = async (...argv: string[]) => JSON.parse(await tkafka(...argv, '--json')).items
  const produce = async (topic: string, count: number): Promise<void> => {
    await using producer = new Producer(cluster.host, cluster.bootstrap)
    await producer.ready(topic)
    for (let index = 0; index < count; index++) producer.send({ topic, partition: index % 3, value: Buffer.from(`record ${index}`) })
    await producer.flush()
  }
  /** The groups stand there on each of the three partitions. */
  const commit = async (group: string, topic: string, offset: number): Promise<void> => {
    const offsets = [0, 1, 2].map((partition) => ({ topic, partition, offset }))
    await eventually(`${group} has committed`, async () =>
      (await cluster.admin.alterGroupOffsets(group, offsets)).every(({ error }) => error === null),
    )
  }

  before(async () => {
    statusPorts = await freePorts(3)
    cluster = await MixedCluster.start(['tkafka', 'tkafka', 'tkafka'], {}, (id) => ({
      'tkafka.status.listener': `127.0.0.1:${statusPorts[id - 1]}`,
    }))
    await tkafka('topics', 'create', 'orders', '--replica-assignment', '1:2:3,2:3:1,3:1:2')
    await tkafka('topics', 'create', 'strict', '--replica-assignment', '1:2:3', '-c', 'min.insync.replicas=3')
    await tkafka('topics', 'create', 'alone', '--replica-assignment', '3')
    await cluster.inSync('orders')
    await produce('orders', RECORDS)
  })
  after(() => cluster[Symbol.asyncDispose]())

  test('say of a lag what groups describe and top say, whoever coordinates and leads, and each of it once', async () => {
    // So many that each of the three coordinates some.
    const groups = Array.from({ length: 6 }, (_, index) => `readers-${index}`)
    await Promise.all(groups.map((group, index) => commit(group, 'orders', 10 * index)))
    const described: { groupId: string; lag: number }[] = (
      await Promise.all(groups.map((group) => items('groups', 'describe', group)))
    ).flat()
    const seen: { id: string; lag: number }[] = await items('top', 'groups', '--once', '-i', '500ms', '-g', '^readers-')
    const lags = new Map<string, number>()
    const sums = new Map<string, number>()
    const coordinators = new Set<number>()
    const read = async (): Promise<void> => {
      for (const all of [lags, sums, coordinators]) all.clear()
      for (const [index, port] of statusPorts.entries()) await readPage(index, port)
    }
    const readPage = async (index: number, port: number): Promise<void> => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      for (const [series, , name, group, value] of page.matchAll(
        /^(kafka_consumergroup_(lag|lag_sum)\{consumergroup="([^"]+)".*\}) (\d+)$/gm,
      )) {
        coordinators.add(index)
        const into = name === 'lag' ? lags : sums
        assert.ok(!into.has(series!), `${series} is shown twice`)
        into.set(series!.split('} ')[0]!, Number(value))
        assert.ok(groups.includes(group!))
      }
    }
    // A leader that lets a coordinator wait for more than a second leaves a gap.
    await eventually('every lag is shown', async () => {
      await read()
      return lags.size === 3 * groups.length && sums.size === groups.length
    })
    const sumOf = (all: ReadonlyMap<string, number>, group: string): number =>
      [...all].reduce((sum, [series, lag]) => sum + (series.includes(`"${group}"`) ? lag : 0), 0)
    for (const [index, group] of groups.entries()) {
      const lag = RECORDS - 30 * index
      assert.deepEqual(
        {
          metrics: sumOf(lags, group),
          sum: sumOf(sums, group),
          top: seen.find(({ id }) => id === group)?.lag,
          described: described.find(({ groupId }) => groupId === group)?.lag,
        },
        { metrics: lag, sum: lag, top: lag, described: lag },
      )
    }
    assert.ok(coordinators.size > 1, 'the groups have several coordinators')
    await tkafka('groups', 'delete', ...groups, '--yes')
  })

  describe('in a Prometheus', { skip: withoutPrometheus }, () => {
    let prometheus: Prometheus
    let reporter: RunningBroker
    const naming = (job: string): Naming => (job === 'reporter' ? 'reporter' : 'jmx-exporter')
    const termsOf = (job: string) => ({ naming: naming(job), clusterLabel: 'job' })

    /** Asks until each has found something, and gives those that have not. */
    const silent = async (wanted: readonly string[], withinMs: number): Promise<string[]> => {
      let left = [...new Set(wanted)]
      const ask = async (): Promise<boolean> => {
        const answers = await Promise.all(left.map((expression) => prometheus.query(expression)))
        left = left.filter((_, index) => answers[index]!.length === 0)
        return left.length === 0
      }
      await eventually('all expressions have data', ask, withinMs).catch(() => {})
      return left
    }

    before(async () => {
      reporter = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0', 'tkafka.metrics.naming': 'reporter' })
      const reporting = reporterTraffic()
      reporting.catch(() => {})
      const targets = statusPorts.map((port) => `127.0.0.1:${port}`)
      // The limits are low, so that what is wrong with a small cluster is enough.
      const rules = await tkafka('metrics', 'alerts', '--lag-records', '30', '--lag-time', '2s', '--disk-percent', '1')
      writeFileSync(join(cluster.folder, 'alerts.yml'), rules)
      const config = parse(await tkafka('metrics', 'prometheus', ...targets, '--rules', 'alerts.yml', '--interval', '1s'))
      config.global.evaluation_interval = '500ms'
      const [job] = config.scrape_configs
      job.static_configs = targets.map((target, index) => ({ targets: [target], labels: podLabels(`broker-${index + 1}`) }))
      const other = scrapeConfig({
        ...{ targets: [`127.0.0.1:${reporter.broker.status!.address.port}`], job: 'reporter', rulesFile: undefined, interval: '1s' },
      }) as typeof config
      other.scrape_configs[0].static_configs[0].labels = podLabels('reporter-0')
      config.scrape_configs.push(...other.scrape_configs)
      prometheus = await Prometheus.start(cluster.folder, stringify(config))
      await Promise.all([commit('billing', 'orders', 1), commit('slow', 'orders', 1), commit('gone', 'orders', 20)])
      const known = async (): Promise<number> => (await prometheus.query('kafka_consumergroup_lag{topic="orders"}')).length
      await eventually('it has scraped what they have committed', async () => (await known()) === 9)
      await Promise.all([produce('orders', 3), commit('billing', 'orders', 50), commit('slow', 'orders', 2)])
      await reporting
      // Behind what is left of the topic is then who goes on, and is slow.
      await tkafka('topics', 'trim', 'orders', '-o', '10', '--yes')
    })
    after(async () => {
      await prometheus?.[Symbol.asyncDispose]()
      await reporter?.[Symbol.asyncDispose]()
    })

    const reporterTraffic = async (): Promise<void> => {
      const server = ['-b', reporter.bootstrap]
      await tkafka('topics', 'create', 'others', '-p', '1', '-r', '1', ...server)
      const bootstrap = { 'bootstrap.servers': reporter.bootstrap }
      await using producer = new Producer(cluster.host, bootstrap)
      await producer.sendAsync({ topic: 'others', partition: 0, value: Buffer.from('a record') })
      await tkafka('consume', 'others', '-o', 'start', '-n', '1', '-g', 'readers', ...server)
    }

    test('every expression of the public dashboards finds data', async () => {
      const { strimziKafka, strimziKraft, strimziKafkaExporter, kafkaExporterOverview } = published
      const { strimziReporterKafka, strimziReporterKraft } = published
      const all = [
        ...[strimziKafka, strimziKraft, strimziKafkaExporter, strimziReporterKafka, strimziReporterKraft].flat(),
        ...kafkaExporterOverview,
      ]
      const wanted = all.filter(isOfNodes).map((expression) => filled(expression, { instance: 'tkafka' }))
      assert.ok(wanted.length > 80, `${wanted.length} of ${all.length}`)
      assert.deepEqual(await silent(wanted, 15_000), [])
      // Alerts find something when something is wrong; here are topics that nobody writes to.
      const alerts = published.strimziAlerts.filter(isOfNodes)
      assert.ok(alerts.length > 8)
      const found = await Promise.all(alerts.map((expression) => prometheus.query(expression)))
      const firing = alerts.filter((_, index) => found[index]!.length > 0)
      assert.ok(firing.includes('changes(kafka_topic_partition_current_offset[10m]) == 0'), firing.join('\n'))
      for (const calm of firing) assert.doesNotMatch(calm, /underreplicated|under_replicated|underminisr|offline|^up|lag/)
    })

    test('every expression of our own dashboards finds data', async () => {
      const wanted = Object.values(dashboards(termsOf('tkafka'))).flatMap(expressionsOf)
      assert.ok(wanted.length > 80, `${wanted.length}`)
      assert.deepEqual(
        await silent(
          wanted.map((expression) => filled(expression, { cluster: 'tkafka', instance: '.+' })),
          15_000,
        ),
        [],
      )
    })

    test('every alert is understood, those of a healthy cluster are silent, and what goes wrong is told', async () => {
      const ruled = Object.values(alertRules(termsOf('tkafka'))).flat()
      let states = await prometheus.rules()
      await eventually('all rules are evaluated', async () => {
        states = await prometheus.rules()
        return [...states.values()].every(({ health }) => health !== 'unknown')
      })
      assert.deepEqual(
        [...states.values()].filter(({ health }) => health !== 'ok'),
        [],
      )
      assert.deepEqual([...states.keys()].sort(), ruled.map(({ alert }) => alert).sort())
      const told = async (): Promise<string[]> => {
        states = await prometheus.rules()
        return [...states.values()].filter(({ state }) => state !== 'inactive').map(({ name }) => name)
      }
      const wrong = ['ConsumerLag', 'ConsumerLagTime', 'ConsumerStopped', 'ConsumerLostRecords', 'DiskAlmostFull']
      await eventually(`${wrong} are told`, async () => {
        const names = await told()
        return wrong.every((name) => names.includes(name))
      })
      // How busy this machine is, and how fast its disk fills, is nobody's fault here.
      const ofMachine = /^(DiskFullWithinADay|RequestsQueue|HandlersBusy|ProduceSlow|FetchSlow|CommitsSlow|MetadataStale)$/
      assert.deepEqual(
        (await told()).filter((name) => !wrong.includes(name) && !ofMachine.test(name)),
        [],
      )
      assert.deepEqual(
        ['ConsumerStopped', 'ConsumerLostRecords'].map((name) => states.get(name)!.alerts.map(({ labels }) => labels.consumergroup)),
        [['gone'], ['slow']],
      )
      await cluster.kill(3)
      wrong.push('BrokerDown', 'BrokerFenced', 'PartitionsOffline', 'PartitionsUnderMinIsr', 'PartitionsUnderReplicated')
      await eventually(`${wrong} are told`, async () => {
        const names = await told()
        return wrong.every((name) => names.includes(name))
      })
      // Nobody leads it who would show it.
      await eventually('the partition without a leader is shown', async () => {
        const shown = await prometheus.query('kafka_topic_partition_leader{topic="alone"} == -1')
        return shown.length === 1 && (await prometheus.query('kafka_topic_partition_replicas{topic="alone"}')).at(0)?.value === 1
      })
      for (const name of wrong) {
        for (const { annotations, labels } of states.get(name)!.alerts) {
          const text = Object.values(annotations).join('\n')
          assert.doesNotMatch(text, /error expanding|<no value>|\{\{/, `${name} ${JSON.stringify(labels)}`)
          assert.match(annotations.next!, /^tkafka /)
        }
      }
      const [fenced] = states.get('BrokerFenced')!.alerts
      assert.equal(fenced!.annotations.summary, 'broker 3 is fenced')
      assert.deepEqual(
        [...states.values()].filter(({ health }) => health !== 'ok'),
        [],
      )
    })
  })
})
