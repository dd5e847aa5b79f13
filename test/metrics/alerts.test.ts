import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { parse } from 'yaml'
import { commands } from '../../commands/index.ts'
import { flagSetOf } from '../../src/cli/base-command.ts'
import { resolveCommand } from '../../src/cli/command-tree.ts'
import { type AlertRule, alertRules, dashboardNames, dashboards, rulesFile } from '../../src/dashboards/index.ts'
import { run } from '../cli/run-command.ts'
import { withoutPrometheus } from './prometheus.ts'

const folder = mkdtempSync(join(tmpdir(), 'tkafka-alerts-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const options = { naming: 'jmx-exporter', clusterLabel: 'job' } as const
const rules = alertRules(options)
const all: AlertRule[] = Object.values(rules).flat()

/** Series as promtool takes them, minute by minute for an hour: `a+bxn` is a, a + b, … */
type SeriesByName = Readonly<Record<string, string>>

/** What makes those true that a test cannot cheaply do to a running cluster: test/metrics/cluster.test.ts has the others. */
const made: Readonly<Record<string, SeriesByName>> = {
  LogDirectoryOffline: { kafka_log_logmanager_offlinelogdirectorycount: '1+0x60' },
  DiskFullWithinADay: {
    'tkafka_log_directory_usable_bytes{logDirectory="/data"}': '400-4x60',
    'tkafka_log_directory_total_bytes{logDirectory="/data"}': '1000+0x60',
  },
  OpenFilesAlmostOut: { process_open_fds: '90+0x60', process_max_fds: '100+0x60' },
  InSyncReplicasShrink: { kafka_server_replicamanager_isrshrinks_total: '0+60x60' },
  UncleanLeaderElection: { kafka_controller_controllerstats_uncleanleaderelections_total: '0+0x55 1+0x5' },
  RequestsQueue: { nodejs_eventloop_lag_p99_seconds: '0.5+0x60' },
  HandlersBusy: { kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent: '0.1+0x60' },
  ProduceSlow: { 'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"}': '2000+0x60' },
  FetchSlow: { 'kafka_network_requestmetrics_localtimems{request="FetchConsumer",quantile="0.99"}': '900+0x60' },
  ProducesRefused: { kafka_server_brokertopicmetrics_failedproducerequests_total: '0+60x60' },
  NoActiveController: { kafka_controller_kafkacontroller_activecontrollercount: '0+0x60' },
  NoQuorumLeader: { kafka_server_raftmetrics_current_leader: '-1+0x60' },
  QuorumElections: { kafka_server_raftmetrics_current_epoch: '0+1x60' },
  QuorumNodeBehind: {
    'kafka_server_raftmetrics_log_end_offset{instance="a"}': '5000+100x60',
    'kafka_server_raftmetrics_log_end_offset{instance="b"}': '5000+0x60',
  },
  MetadataStale: { kafka_server_brokermetadatametrics_last_applied_record_lag_ms: '0+1000x60' },
  CommitsSlow: { kafka_server_raftmetrics_commit_latency_avg: '900+0x60' },
}

describe('the rules for alerts', () => {
  test('name themselves once, and say what is wrong, what it means and where to begin', () => {
    assert.equal(new Set(all.map(({ alert }) => alert)).size, all.length)
    for (const { alert, summary, description } of all) {
      assert.match(alert, /^[A-Z][A-Za-z]+$/)
      assert.match(description, /\.$/, alert)
      assert.doesNotMatch(summary, /\.$/, alert)
    }
  })

  test('begin with commands that there are', async () => {
    for (const { alert, next } of all) {
      const lines = [...next.matchAll(/tkafka [^;,:]+(?:http:\S+)?/g)].map(([line]) => line.trim())
      assert.ok(lines.length > 0, `${alert} names no command`)
      for (const line of lines) {
        const found = resolveCommand(line.split(' ').slice(1), Object.keys(commands))
        assert.equal(found.kind, 'command', `${alert}: ${line}`)
        if (found.kind !== 'command') continue
        const set = flagSetOf((await commands[found.id]!()).default)
        const names = Object.entries(set).flatMap(([name, { char, aliases = [] }]) => [
          `-${char}`,
          `--${name}`,
          ...aliases.map((each) => `--${each}`),
        ])
        const unknown = found.rest.filter((word) => /^--?[a-z]/.test(word) && word !== '-size' && !names.includes(word))
        assert.deepEqual(unknown, [], `${alert}: ${line}`)
      }
    }
  })

  test('come as a file, as a list, and with the limits that are asked for', async () => {
    const { code, stdout } = await run(['metrics', 'alerts'])
    assert.equal(code, 0)
    assert.deepEqual(parse(stdout), rulesFile(rules))
    const { stdout: listed } = await run(['metrics', 'alerts', '--lag-records', '5', '--lag-time', '90s', '--disk-percent', '70', '--json'])
    const expr = new Map(JSON.parse(listed).items.map((each: AlertRule) => [each.alert, each.expr]))
    assert.match(String(expr.get('ConsumerLag')), / > 5$/)
    assert.match(String(expr.get('ConsumerLagTime')), /offset 90s\)/)
    assert.match(String(expr.get('DiskAlmostFull')), / > 0\.7$/)
    assert.equal((await run(['metrics', 'alerts', '--lag-time', 'soon'])).code, 2)
  })

  test('hold where something is wrong, and not where nothing is', { skip: withoutPrometheus }, () => {
    const expressionOf = (alert: string): string => all.find((rule) => rule.alert === alert)!.expr
    const seriesOf = (series: SeriesByName) =>
      Object.entries(series).map(([name, values]) => ({
        series: name.includes('{') ? name.replace('{', '{job="k",') : `${name}{job="k"}`,
        values,
      }))
    const counted = (alert: string, samples: readonly object[]) => ({
      expr: `count(${expressionOf(alert)})`,
      ...{ eval_time: '1h', exp_samples: samples },
    })
    const whenAll = (series: SeriesByName, samples: readonly object[]) => ({
      ...{ interval: '1m', input_series: seriesOf(series) },
      promql_expr_test: Object.keys(made).map((alert) => counted(alert, samples)),
    })
    const wrong: SeriesByName = Object.assign({}, ...Object.values(made))
    const tests = [whenAll(wrong, [{ labels: '{}', value: 1 }]), whenAll(atBest(wrong), [])]
    writeFileSync(join(folder, 'alerts.yml'), JSON.stringify(rulesFile(rules)))
    writeFileSync(join(folder, 'tests.yml'), JSON.stringify({ rule_files: ['alerts.yml'], evaluation_interval: '1m', tests }))
    promtool('check', 'rules', 'alerts.yml')
    promtool('test', 'rules', 'tests.yml')
  })

  describe('of lag', { skip: withoutPrometheus }, () => {
    const labels = 'job="k",consumergroup="g",topic="t"'
    const sum = (values: string, instance = 'a'): object => ({
      series: `kafka_consumergroup_lag_sum{${labels},instance="${instance}"}`,
      values,
    })
    const offsets = (values: string, instance = 'a'): object => ({
      series: `kafka_consumergroup_current_offset_sum{${labels},instance="${instance}"}`,
      values,
    })
    const partition = (index: number, values: string, instance = 'a'): object => ({
      series: `kafka_consumergroup_lag{${labels},partition="${index}",instance="${instance}"}`,
      values,
    })
    /** How many alerts there are of a kind, at some minutes. */
    const holds = (alert: string, series: readonly object[], firing: Readonly<Record<number, boolean>>): void => {
      const tests = [
        {
          ...{ interval: '1m', input_series: series },
          promql_expr_test: Object.entries(firing).map(([minute, isFiring]) => ({
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
            eval_time: `${minute}m`,
            exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
          })),
        },
      ]
      writeFileSync(join(folder, 'alerts.yml'), JSON.stringify(rulesFile(rules)))
      writeFileSync(join(folder, 'lag.yml'), JSON.stringify({ rule_files: ['alerts.yml'], evaluation_interval: '1m', tests }))
      promtool('test', 'rules', 'lag.yml')
    }
    const always = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [at + 6, true]))

    test('goes on while a leader misses a scrape', () =>
      holds(
        'ConsumerLag',
        [sum('2000000+0x9 stale 2000000+0x49'), partition(0, '0+0x60'), partition(1, '2000000+0x9 stale 2000000+0x49'), offsets('5+0x60')],
        always,
      ))

    test('goes on while a partition has no leader any more, with what was told of it last', () =>
      holds(
        'ConsumerLag',
        [sum('2000000+0x19 stale'), partition(0, '0+0x60'), partition(1, '2000000+0x19 stale'), offsets('5+0x60')],
        always,
      ))

    test('begins while a partition has no leader', () =>
      holds(
        'ConsumerLag',
        [sum('0+0x19 stale'), partition(0, '0+0x19 100000+100000x40'), partition(1, '0+0x19 stale'), offsets('5+0x60')],
        { 19: false, 50: true },
      ))

    test('goes on where no partitions are told of', () => holds('ConsumerLag', [sum('2000000+0x19 stale'), offsets('5+0x60')], always))

    test('ends soon after the group was deleted', () =>
      holds('ConsumerLag', [sum('2000000+0x19 stale'), partition(1, '2000000+0x19 stale'), offsets('5+0x19 stale')], {
        19: true,
        25: false,
        50: false,
      }))

    test('is what the coordinator tells, not the one before', () =>
      holds(
        'ConsumerLag',
        [
          ...[sum('2000000+0x3 stale'), partition(0, '2000000+0x3 stale'), offsets('5+0x3 stale')],
          ...[sum('_x4 0+0x56', 'b'), partition(0, '_x4 0+0x56', 'b'), offsets('_x4 9+0x56', 'b')],
        ],
        Object.fromEntries(Object.keys(always).map((minute) => [minute, false])),
      ))

    test('in time goes on as well', () =>
      holds(
        'ConsumerLagTime',
        [
          {
            series: 'kafka_consumergroup_current_offset{job="k",consumergroup="g",topic="t",partition="1",instance="a"}',
            values: '5+0x60',
          },
          { series: 'kafka_topic_partition_current_offset{job="k",topic="t",partition="1",instance="b"}', values: '9+0x60' },
          partition(1, '4+0x29 stale 4+0x9 stale'),
        ],
        { 20: true, 30: true, 31: true, 36: true, 55: true },
      ))
  })
})

function promtool(...words: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}${stderr}`)
}

/** The same series of a cluster that has nothing to complain of. */
const atBest = (series: SeriesByName): SeriesByName =>
  Object.fromEntries(Object.keys(series).map((name) => [name, /total_bytes|max_fds/.test(name) ? '1000+0x60' : best(name)]))
const best = (name: string): string =>
  /usable_bytes/.test(name) ? '900+0x60' : /idle|controllercount|current_leader/.test(name) ? '1+0x60' : '0+0x60'

describe('the dashboards', () => {
  test('are written as files that Grafana can take: panels that do not overlap, with what they ask for and what it means', async () => {
    const { code, stdout } = await run(['metrics', 'dashboards', '--to', join(folder, 'new', 'dashboards'), '--json'])
    assert.equal(code, 0)
    const written: { name: string; path: string; expressions: number }[] = JSON.parse(stdout).items
    assert.deepEqual(
      written.map(({ name }) => name),
      dashboardNames,
    )
    const uids = new Set<string>()
    for (const { name, path, expressions } of written) {
      const { uid, panels, templating } = JSON.parse(readFileSync(path, 'utf8'))
      uids.add(uid)
      const variables = ['__rate_interval', ...templating.list.map((each: { name: string }) => each.name)]
      const drawn = panels.filter(({ type }: { type: string }) => type !== 'row')
      assert.equal(drawn.flatMap(({ targets }: { targets: object[] }) => targets).length, expressions)
      assert.equal(new Set(panels.map(({ id }: { id: number }) => id)).size, panels.length)
      const taken = new Set<string>()
      for (const { title, description, gridPos, targets = [] } of panels) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${name}: ${title} lies on another`)
            taken.add(`${x} ${y}`)
          }
        for (const { expr } of targets) {
          assert.ok(description.length > 0, title)
          for (const [, variable] of expr.matchAll(/\$(\w+)/g)) assert.ok(variables.includes(variable), `${title}: $${variable}`)
        }
      }
    }
    assert.equal(uids.size, dashboardNames.length)
  })

  test('one is printed, all are listed, and another label tells clusters apart', async () => {
    const { stdout } = await run(['metrics', 'dashboards', 'groups', '--cluster-label', 'cluster', '--naming', 'reporter'])
    const { title, templating } = JSON.parse(stdout)
    assert.equal(title, dashboards(options).groups.title)
    assert.match(templating.list[1].definition, /, cluster\)$/)
    const listed = await run(['metrics', 'dashboards'])
    assert.match(listed.stdout, /^NAME +TITLE/)
    assert.match(listed.stderr, /--to DIR/)
    assert.equal((await run(['metrics', 'dashboards', 'nothing'])).code, 2)
    assert.equal((await run(['metrics', 'dashboards', 'groups', 'topics'])).code, 2)
  })
})

test('prometheus.yml scrapes what it is told', async () => {
  const { stdout } = await run(['metrics', 'prometheus', 'k1:9644', 'k2:9644', '--job', 'prod', '--rules', 'a.yml', '--interval', '30s'])
  const { global: all, rule_files, scrape_configs } = parse(stdout)
  assert.deepEqual([all.scrape_interval, rule_files, scrape_configs[0].job_name], ['30s', ['a.yml'], 'prod'])
  assert.deepEqual(scrape_configs[0].static_configs, [{ targets: ['k1:9644', 'k2:9644'] }])
  assert.equal((await run(['metrics', 'prometheus', 'http://k1:9644/metrics'])).code, 2)
})
