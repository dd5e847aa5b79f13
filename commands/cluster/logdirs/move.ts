import {
  divide,
  dryRunFlag,
  Fault,
  Flags,
  loadProgress,
  loadReassignmentFile,
  parseCount,
  ReassignCommand,
  textArgs,
  topicPartitionsOf,
  usageFault,
} from '../../../src/cli/index.ts'
import type { Admin } from '../../../src/client/index.ts'
import { type DirectoryMove, loadLogDirs } from '../../../src/ops/index.ts'

const LOOK_MS = 500

export default class ClusterLogdirsMove extends ReassignCommand {
  static override summary = 'move replicas of a broker to another of its log directories'
  static override description =
    'They are copied in the background: cluster logdirs list --replicas marks copies that are under way. Ctrl-C leaves --wait, and the moves go on; run again, it follows those that are not there yet. A throttle goes at the end of --wait, else with the next reassign status.'
  static override examples = [
    '<%= config.bin %> cluster logdirs move orders:0,1 --broker 2 --to /disk2/kafka',
    {
      description: 'Everything from a disk that shall be taken out:',
      command: '<%= config.bin %> cluster logdirs move --broker 2 --from /disk1/kafka --to /disk2/kafka --dry-run',
    },
  ]
  static override args = { topic: textArgs('topics, or partitions of them: TOPIC:0,1') }
  static override flags = {
    broker: Flags.string({ summary: 'the broker', helpValue: 'ID', required: true }),
    to: Flags.string({ summary: 'the directory, as log.dirs names it', helpValue: 'DIR', required: true }),
    from: Flags.string({ summary: 'only what lies in this one', helpValue: 'DIR' }),
    throttle: Flags.string({ summary: 'bytes a second that the broker may copy for it', helpValue: 'RATE' }),
    wait: Flags.boolean({ summary: 'until all are there' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ClusterLogdirsMove)
    const broker = parseCount(flags.broker, '--broker', 0, 0x7fffffff)
    if (argv.length === 0 && flags.from === undefined) throw usageFault('which replicas?', 'Name topics, or --from a directory.')
    const rate = flags.throttle === undefined ? undefined : (await loadReassignmentFile()).parseRate(flags.throttle, '--throttle')
    const admin = await this.openAdmin(flags)
    const moves = await this.#moves(admin, broker, argv, flags)
    const { startDirectoryMoves } = await loadLogDirs()
    if (rate !== undefined && moves.length > 0 && !flags['dry-run']) await this.throttleDirectories(admin, [broker], rate, flags.wait)
    const results = flags['dry-run'] ? moves.map((item) => ({ item, error: null, value: null })) : await startDirectoryMoves(admin, moves)
    const { values, errors } = divide(results, ({ topic, partition }) => `${topic}-${partition}`)
    if (results.length === 0) this.tell('nothing has to move')
    const isDone =
      flags.wait &&
      !flags['dry-run'] &&
      (await this.#follow(
        admin,
        broker,
        values.map(({ item }) => item),
      ))
    if (isDone) await this.settleThrottles(admin)
    const status = flags['dry-run'] ? 'WOULD-MOVE' : isDone ? 'MOVED' : 'STARTED'
    await this.render<DirectoryMove & { status: string }>({
      kind: 'DirectoryMoves',
      items: values.map(({ item }) => ({ ...item, status })),
      errors,
      columns: [
        { name: 'BROKER', value: (each) => each.broker, right: true },
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'FROM', value: ({ from }) => from, narrow: 'shorten' },
        { name: 'TO', value: ({ path }) => path, narrow: 'shorten' },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }

  /** False: it was told to stop before. */
  async #follow(admin: Admin, broker: number, moves: readonly DirectoryMove[]): Promise<boolean> {
    const { directoryProgress } = await loadLogDirs()
    const { MoveMeter, ProgressLine, reportText } = await loadProgress()
    const { clock } = await this.shell.host()
    const stop = this.shell.stopSignal()
    const meter = new MoveMeter(moves)
    const line = new ProgressLine(this.shell, clock.monotonic(), this.quiet)
    try {
      while (!stop.aborted) {
        const left = await directoryProgress(admin, broker, moves)
        if (left.length === 0) return true
        const report = meter.look(clock.monotonic(), left, [], null)
        line.show(reportText(report, false), clock.monotonic())
        if (this.output === 'ndjson') await this.write(`${JSON.stringify({ progress: report })}\n`)
        await this.pause(LOOK_MS)
      }
    } finally {
      line.end()
    }
    return false
  }

  /** What the broker has of what was named, and not yet where it shall be. */
  async #moves(admin: Admin, broker: number, named: readonly string[], { from, to }: { from?: string | undefined; to: string }) {
    const { values, errors } = divide(await admin.describeLogDirs({ brokers: [broker] }), (id) => `broker ${id}`)
    if (errors[0] !== undefined) throw new Fault(`broker ${broker}: ${errors[0].message}`, { hint: 'See tkafka cluster describe.' })
    const directories = values[0]!.value.map(({ path }) => path)
    const unknown = [to, ...(from === undefined ? [] : [from])].find((path) => !directories.includes(path))
    if (unknown !== undefined)
      throw new Fault(`broker ${broker} has no log directory ${unknown}`, { hint: `It has ${directories.join(', ')}.` })
    const { replicaPlaces } = await loadLogDirs()
    const places = replicaPlaces([{ item: broker, value: values[0]!.value }]).filter(({ future }) => !future)
    const wanted = named.length === 0 ? undefined : new Set((await topicPartitionsOf(admin, named)).map(keyOf))
    return places
      .filter((each) => each.path !== to && (from === undefined || each.path === from) && (wanted === undefined || wanted.has(keyOf(each))))
      .map(({ topic, partition, path, bytes }): DirectoryMove => ({ topic, partition, broker, from: path, path: to, bytes }))
  }
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}-${partition}`
