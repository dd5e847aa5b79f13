import {
  type BenchKind,
  type BenchReport,
  type BenchRound,
  type BenchRow,
  loadMadeTopics,
  loadProducerLoad,
  middleRound,
  type NewBenchTopic,
  type RecordContent,
  reportFormat,
} from '../../bench/index.ts'
import type { Admin, SettingsInput } from '../../client/index.ts'
import { ClusterCommand, type ClusterFlags } from '../cluster-command.ts'
import { Fault } from '../fault.ts'
import { parseCount } from '../flags.ts'
import { counted } from '../render/quantities.ts'

export interface Bench {
  readonly kind: BenchKind
  readonly topic: string
  readonly settings: BenchReport['settings']
  readonly rounds: string
  readonly save?: string | undefined
  readonly saves: boolean
  readonly report?: string | undefined
  /** One round from warm-up to end. */
  readonly round: (onRow: (row: BenchRow) => void) => Promise<BenchRound>
}

type LoadFlags = ClusterFlags & { readonly yes: boolean }

/** What Kafka's producers linger. */
const LINGER_MS = 5

/** A command that puts a load on a cluster and tells what it took: rows while it runs, a summary, a report to keep. */
export abstract class BenchCommand extends ClusterCommand {
  /** Settings that some client of a load knows, if not every one. */
  #clientKeys: ReadonlySet<string> = new Set()

  protected override warnUnknown(keys: readonly string[]): void {
    super.warnUnknown(keys.filter((key) => !this.#clientKeys.has(key)))
  }

  /** A cluster under load: its administrator, and how to reach it. `server`: another one, otherwise reached in the same way. */
  protected async openLoad(
    flags: LoadFlags,
    name: string,
    server?: string,
  ): Promise<{ name: string; admin: Admin; config: Record<string, string> }> {
    const { openAdmin, consumerSettings, producerSettings } = await import('../../client/index.ts')
    this.#clientKeys = new Set([...Object.keys(producerSettings), ...Object.keys(consumerSettings)])
    const { values } = await this.settings(flags)
    const where = server ?? values['bootstrap.servers'] ?? ''
    // What nobody has to name may be loaded as it is asked for; production wants a word, from scripts too.
    if (this.nameToConfirm !== undefined) await this.confirm(flags, [`${where} is put under load`], 'Go ahead?')
    if (server === undefined) return { name, admin: await this.openAdmin(flags), config: values }
    const config = { ...values, 'bootstrap.servers': server }
    const timeoutMs = this.timeoutMs(flags)
    const timeouts = { 'request.timeout.ms': String(timeoutMs), 'default.api.timeout.ms': String(timeoutMs) }
    const admin = this.scope.use(openAdmin(await this.shell.host(), { ...config, ...timeouts }, { connectAttempts: 3 }))
    await admin.cluster.refresh([], timeoutMs)
    return { name, admin, config }
  }

  /** Records are given up after the time that --timeout says, unless the client's settings say something of their own. */
  protected limits(flags: ClusterFlags, values: Readonly<Record<string, string>>): Record<string, number> {
    const timeoutMs = this.timeoutMs(flags)
    const isSaid = 'request.timeout.ms' in values || 'delivery.timeout.ms' in values
    const lingerMs = Number(values['linger.ms'] ?? LINGER_MS)
    return {
      'max.block.ms': timeoutMs,
      ...(isSaid || Number.isNaN(lingerMs) ? {} : { 'request.timeout.ms': timeoutMs, 'delivery.timeout.ms': timeoutMs + lingerMs }),
    }
  }

  /** The topic that was named, or one that is made now and deleted with the command. `check`: what has to hold before. @throws Fault */
  protected async topicFor(
    flags: LoadFlags,
    name: string | undefined,
    made: NewBenchTopic,
    check?: (admin: Admin) => Promise<void>,
  ): Promise<string> {
    const { admin } = await this.openLoad(flags, '')
    await check?.(admin)
    if (name !== undefined) {
      const [found] = await admin.describeTopics([name])
      if (found?.error !== null && found !== undefined)
        throw new Fault(`${found.error.message} [${found.error.name} ${found.error.code}]`, {
          hint: 'Create it with tkafka topics create, or name none: then one is made, and deleted afterwards.',
        })
      return name
    }
    return this.#makeTopic(admin, made)
  }

  /** Another's group would lose partitions to the load, and find its offsets moved. @throws Fault (usage) unless that is wanted */
  protected async confirmGroup(flags: LoadFlags, group: string, topic: string): Promise<void> {
    const admin = await this.openAdmin(flags)
    const [[described], [listed]] = await Promise.all([admin.describeGroups([group]), admin.listGroupOffsets([group])])
    const members = described?.error === null ? described.value.members.length : 0
    const committed = listed?.error === null ? listed.value.filter(({ item }) => item.topic === topic).length : 0
    if (members > 0) await this.confirm(flags, [`group ${group} has ${counted(members, 'member')}, which lose partitions`], 'Go ahead?')
    else if (committed > 0)
      await this.confirm(flags, [`group ${group} has committed offsets of ${topic}, which will be moved`], 'Go ahead?')
  }

  /** Writes what a load shall read. @throws Fault when not all of it could be written */
  protected async fill(topic: string, countMax: number, producers: number, content: RecordContent, config: SettingsInput): Promise<void> {
    this.tell(`filling ${topic} with ${countMax} records`)
    const { produceLoad } = await loadProducerLoad()
    const host = await this.shell.host()
    const pace = { countMax, perSecond: Number.POSITIVE_INFINITY, durationMs: Number.POSITIVE_INFINITY, warmUpMs: 0, warmUpRecords: 0 }
    const stop = this.shell.stopSignal()
    const load = { host, config, topic, content, pace, producers, intervalMs: 60_000, onRow: () => {}, stop }
    const { failed, failure } = await produceLoad(load, () => {})
    if (failed > 0) throw new Fault(`of ${countMax} records to read ${failed} could not be written: ${failure}`)
  }

  /** A topic that is deleted with the command. @throws Fault */
  async #makeTopic(admin: Admin, made: NewBenchTopic): Promise<string> {
    const { deleteTopic, makeTopic } = await loadMadeTopics()
    const host = await this.shell.host()
    const name = await makeTopic(admin, host, made)
    this.scope.defer(async () => {
      const failure = await deleteTopic(admin, name)
      if (failure !== undefined) this.tell(failure, 'always')
    })
    return name
  }

  /** What a report tells of the load: the flags that make it what it is, and the client's settings that are no secret and no address. */
  protected async settingsOf(
    flags: Readonly<Record<string, string | number | boolean | null>>,
    config: Readonly<Record<string, unknown>>,
  ): Promise<BenchReport['settings']> {
    const { connectionSettings, consumerSettings, producerSettings, shareConsumerSettings } = await import('../../client/index.ts')
    const isOfLoad = (key: string): boolean =>
      [producerSettings, consumerSettings, shareConsumerSettings].some((each) => key in each) && !(key in connectionSettings)
    const given = Object.entries(config).filter(([key, value]) => isOfLoad(key) && value !== undefined)
    return { ...flags, ...Object.fromEntries(given.map(([key, value]) => [key, value === null ? null : String(value)])) }
  }

  /** All rounds, with what people and programs want to see of them. */
  protected async measure(bench: Bench): Promise<BenchReport> {
    const { clock } = await this.shell.host()
    const count = parseCount(bench.rounds, '--rounds', 1, 1000)
    const startedMs = clock.now()
    const isText = (this.output === 'text' || this.output === 'wide') && !this.wantsRows
    const { rowHead, rowText } = await import('./bench-text.ts')
    const stop = this.shell.stopSignal()
    let rounds: BenchRound[] = []
    while (rounds.length < count && !stop.aborted) {
      if (isText && count > 1) await this.write(`round ${rounds.length + 1} of ${count}\n`)
      if (isText) await this.write(`${rowHead(bench.kind)}\n`)
      const rates: number[] = []
      const number = rounds.length + 1
      rounds.push(
        await bench.round((row) => {
          if (!row.warmUp) rates.push(row.transactions?.perSecond ?? row.recordsPerSecond)
          if (isText) void this.write(`${rowText(bench.kind, row, rates, this.shell.stdout.columns)}\n`)
          else if (this.output === 'ndjson') void this.write(`${JSON.stringify({ event: 'row', round: number, ...row })}\n`)
          else this.tellRow(rowText(bench.kind, row, rates))
        }),
      )
    }
    if (rounds.length === 0) throw new Fault('stopped before anything was measured')
    // What was cut short is no round beside others.
    const interrupted = stop.aborted && rounds.length === 1
    if (stop.aborted && rounds.length > 1) rounds = rounds.slice(0, -1)
    const { topic, kind, settings } = bench
    const report: BenchReport = {
      format: reportFormat,
      kind,
      time: new Date(startedMs).toISOString(),
      topic,
      clusterId: this.cluster.id,
      settings,
      rounds,
      interrupted,
    }
    await this.#show(report, isText)
    await this.#keep(report, bench, isText)
    this.#judge(report)
    return report
  }

  /** Rows that cannot go to standard output, which holds one document: now and then on standard error. */
  protected tellRow(text: string): void {
    if (this.shell.stderr.isTTY === true) this.tell(text)
  }

  async #show(report: BenchReport, isText: boolean): Promise<void> {
    const { rowColumns, summaryText } = await import('./bench-text.ts')
    if (isText) await this.write(summaryText(report))
    else if (this.output === 'ndjson') {
      const { rounds, ...rest } = report
      for (const [index, { rows: _rows, ...round }] of rounds.entries())
        await this.write(`${JSON.stringify({ event: 'round', round: index + 1, ...round })}\n`)
      await this.write(`${JSON.stringify({ event: 'report', ...rest, rounds: rounds.length })}\n`)
    } else if (this.output === 'json' || this.output === 'yaml') await this.render({ kind: 'BenchReport', items: [report], columns: [] })
    else await this.render({ kind: 'BenchRows', items: middleRound(report).rows, columns: rowColumns(report.kind) })
  }

  async #keep(report: BenchReport, { save, saves, kind, report: page }: Bench, isText: boolean): Promise<void> {
    const { disk } = await this.shell.host()
    if (save !== undefined || (saves && isText)) {
      const path = save ?? `bench-${kind}-${report.time.replace(/[:.]/g, '-')}.json`
      try {
        await disk.replaceFile(path, Buffer.from(`${JSON.stringify(report)}\n`))
        this.tell(`saved ${path} (HDR inside)   → tkafka bench compare`)
      } catch (error) {
        if (save !== undefined) throw error
        this.tell(`tkafka: the report could not be saved in ${path}: ${(error as Error).message}`)
      }
    }
    if (page === undefined) return
    const { loadReportPage } = await import('../../bench/index.ts')
    const { reportPage } = await loadReportPage()
    await disk.replaceFile(page, Buffer.from(reportPage(report)))
    this.tell(`plots in ${page}`)
  }

  /** Failed records are failures; a client that never waited measured itself. */
  #judge(report: BenchReport): void {
    const round = middleRound(report)
    const failed = report.rounds.reduce((sum, each) => sum + each.failed, 0)
    if (failed > 0) {
      const why = report.rounds.find(({ failure }) => failure !== null)?.failure
      throw new Fault(`${counted(failed, 'record')} failed: ${why}`)
    }
    if (round.clientIdleShare !== null && round.clientIdleShare < 0.1 && round.elapsedMs > 500)
      this.tell(
        `the client was busy ${Math.round((1 - round.clientIdleShare) * 100)} % of the time: it was the limit, more than the cluster`,
      )
  }
}
