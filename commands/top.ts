import { Readable, Writable } from 'node:stream'
import {
  ClusterCommand,
  Fault,
  Flags,
  loadMain,
  type OutputFormat,
  parseDurationMs,
  pause,
  pinningFlags,
  type Shell,
  textArg,
  usageFault,
  withoutSecrets,
} from '../src/cli/index.ts'
import type { Admin } from '../src/client/index.ts'
import {
  loadLive,
  loadRecording,
  loadSampler,
  loadSession,
  type PanelId,
  panelIds,
  type SampleSource,
  type TopSession,
} from '../src/top/index.ts'

const EVERY_MS_MIN = 500
/** Of a page without a terminal. */
const PAGE_COLUMNS = 160
/** A broker that lets a request wait for longer is taken for dead. */
const REQUEST_MS_MAX = 5000
const PAGE_MS_MAX = 1500

export default class Top extends ClusterCommand {
  static override summary = 'watch a cluster: lag, rates, brokers, the quorum, moves, what happens'
  static override description =
    'A screen that shows the cluster anew every two seconds; ? shows its keys. Works with any Kafka cluster: everything but latencies comes from the protocol. Without a terminal, and with --once, one frame is printed; --output json, ndjson, csv … give the rows of a panel to programs.'
  static override examples = [
    '<%= config.bin %> top',
    { description: 'Groups that match, every five seconds:', command: "<%= config.bin %> top groups -g '^billing' -i 5s" },
    { description: 'For a program:', command: '<%= config.bin %> top groups --once --output json' },
    { description: 'Keep what is seen, and look at it again:', command: '<%= config.bin %> top --record night.ndjson' },
    '<%= config.bin %> top --replay night.ndjson',
    {
      description: 'With latencies from metrics endpoints:',
      command: '<%= config.bin %> top brokers --metrics-url http://{host}:9404/metrics',
    },
  ]
  static override args = { panel: textArg('groups, topics, brokers, quorum, moves, txns or events; default: groups') }
  static override flags = {
    groups: Flags.string({ char: 'g', summary: 'only groups that match', helpValue: 'REGEX' }),
    topics: Flags.string({ char: 't', summary: 'only topics that match', helpValue: 'REGEX' }),
    interval: Flags.string({ char: 'i', summary: 'how often to look, e.g. 500ms, 5s', default: '2s', helpValue: 'TIME' }),
    once: Flags.boolean({ summary: 'two looks, one frame' }),
    issues: Flags.boolean({ summary: 'only what is not as it should be' }),
    record: Flags.string({ summary: 'write what is seen to a file', helpValue: 'FILE', exclusive: ['replay'] }),
    replay: Flags.string({ summary: 'show what was recorded', helpValue: 'FILE' }),
    'metrics-url': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'metrics of brokers: {host} and {id} stand for those of each, or ID=URL; default: metricsUrl of the profile',
      helpValue: 'URL',
    }),
    'read-only': Flags.boolean({ summary: 'nothing can be changed from the screen' }),
    'screen-reader': Flags.boolean({ summary: 'plain lines without drawings (INK_SCREEN_READER)' }),
  }

  /** Whoever sits in front of a terminal wants the screen, whatever format tables shall have. */
  protected override formatByDefault(wanted: OutputFormat, flags: Record<string, unknown>): OutputFormat {
    return this.shell.stdout.isTTY === true && flags.once !== true ? 'text' : super.formatByDefault(wanted, flags)
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(Top)
    const panel = panelNamed(args.panel)
    const everyMs = parseDurationMs(flags.interval, '--interval')
    if (everyMs < EVERY_MS_MIN) throw usageFault(`--interval ${flags.interval} is too often`, `At most every ${EVERY_MS_MIN} ms.`)
    const host = await this.shell.host()
    const { firstUi, TopSession } = await loadSession()
    const { stdout, env } = this.shell
    const screen = stdout as typeof stdout & { readonly rows?: number }
    const isSeen = this.output === 'text' && !flags.once && stdout.isTTY === true && this.shell.stdin.isTTY === true
    const isLive = isSeen && ['', '0', 'false'].includes(env.CI ?? '')
    if (isSeen && !isLive) this.tell('CI is set in the environment, so one frame is printed; env -u CI tkafka top draws the screen')
    const source = flags.replay === undefined ? await this.#cluster(flags, everyMs) : await this.#replay(flags.replay)
    const writer =
      flags.record === undefined ? undefined : await (await loadRecording()).RecordingWriter.open(host.disk, flags.record, everyMs)
    if (writer !== undefined) this.scope.defer(() => writer.close())
    const isSpoken = flags['screen-reader'] || env.INK_SCREEN_READER === 'true'
    const session = new TopSession(
      {
        clock: host.clock,
        source,
        isReplay: flags.replay !== undefined,
        isSpoken,
        ...(writer === undefined ? {} : { record: (sample) => writer.write(sample) }),
        run: (words) => runCaptured(this.shell, words),
        save: async (text) => {
          const path = `tkafka-top-${new Date(host.clock.now()).toISOString().slice(0, 19).replace(/[T:]/g, '-')}.txt`
          await host.disk.replaceFile(path, Buffer.from(text))
          return path
        },
      },
      {
        ...firstUi({
          columns: stdout.columns ?? PAGE_COLUMNS,
          rows: screen.rows ?? 24,
          everyMs: source.everyMs ?? everyMs,
          panel,
          isReadOnly: flags['read-only'] || flags.replay !== undefined,
          connection: flags.replay === undefined ? pinningFlags(flags, this.cluster.profile, await this.settings(flags)) : [],
        }),
        issuesOnly: flags.issues,
      },
    )
    if (isLive) await this.#live(session, isSpoken, flags['no-color'])
    else await this.#printed(session, panel, flags.once || flags.replay !== undefined ? 'once' : 'on and on', flags.replay !== undefined)
  }

  async #cluster(flags: TopFlags, everyMs: number): Promise<Source> {
    const groups = patternOf(flags.groups, '--groups')
    const topics = patternOf(flags.topics, '--topics')
    const settings = await this.settings(flags)
    const ofProfile = this.metricsUrlOf(settings)
    const urls = (flags['metrics-url'] ?? (ofProfile === null ? [] : [ofProfile])).map(checkedUrl)
    const admin = await this.openAdmin(flags)
    const { openAdmin } = await import('../src/client/admin/index.ts')
    const requestMs = Math.min(this.timeoutMs(flags), Math.max(REQUEST_MS_MAX, everyMs))
    const open = async (): Promise<Admin> => {
      const bounds = { 'request.timeout.ms': String(requestMs), 'default.api.timeout.ms': String(requestMs) }
      return this.scope.use(openAdmin(await this.shell.host(), { ...settings.values, ...bounds }))
    }
    // The first has shown that the cluster is there.
    admin.close()
    const { hidingSource, Sampler } = await loadSampler()
    const sampler = new Sampler(await open(), await open(), {
      everyMs,
      groups,
      topics,
      metrics: urls.length === 0 ? undefined : { urls, read: readPage },
    })
    return hidingSource({ next: (attention) => sampler.take(attention) }, (text) => withoutSecrets(this.shell, text))
  }

  async #replay(path: string): Promise<Source> {
    const { RecordingReader } = await loadRecording()
    try {
      const reader = await RecordingReader.open((await this.shell.host()).disk, path)
      this.scope.defer(() => reader.close())
      return { next: () => reader.next(), everyMs: reader.everyMs }
    } catch (error) {
      if (error instanceof SyntaxError) throw new Fault(error.message, { hint: 'tkafka top --record FILE makes one.' })
      throw error
    }
  }

  async #live(session: TopSession, isSpoken: boolean, isColorless: boolean): Promise<void> {
    const { stdin, stdout, stderr, env } = this.shell
    const stop = this.shell.stopSignal()
    const { openLive } = await loadLive()
    const streams = { stdin, stdout, stderr } as unknown as Pick<Parameters<typeof openLive>[2], 'stdin' | 'stdout' | 'stderr'>
    const hasColor = !isColorless && (env.NO_COLOR ?? '') === ''
    const sleep = process.platform === 'win32' ? undefined : sleepUntilWoken
    const terminal = { sleep, write: (text: string) => void stdout.write(text), onQuit: () => session.close() }
    const live = openLive(session, terminal, { ...streams, hasColor, isSpoken })
    const onStop = (): void => void live.close()
    stop.addEventListener('abort', onStop, { once: true })
    try {
      if (stop.aborted) await live.close()
      void session.start()
      await live.ended
    } finally {
      stop.removeEventListener('abort', onStop)
      session.close()
      await live.close()
    }
  }

  /** Frames and rows for those without a terminal. The first look has no rates: it is the second that is shown. */
  async #printed(session: TopSession, panel: PanelId, how: 'once' | 'on and on', isReplay: boolean): Promise<void> {
    const isEndless = how === 'on and on' && this.output === 'ndjson'
    const stop = isEndless ? this.shell.stopSignal() : new AbortController().signal
    await this.#look(session)
    for (;;) {
      if (isReplay) while (session.trouble === null && (await session.look()));
      else {
        if (!(await pause((await this.shell.host()).clock, session.ui.everyMs, stop))) return
        await this.#look(session)
      }
      if (this.output === 'text' || this.output === 'wide') await this.#printFrame(session)
      else await this.#printRows(session, panel)
      if (!isEndless || isReplay) return
    }
  }

  async #look(session: TopSession): Promise<void> {
    await session.look()
    if (session.model === undefined) throw new Fault(session.trouble ?? 'there is nothing to show')
  }

  async #printFrame(session: TopSession): Promise<void> {
    const { frameOf, textOf, tableOf } = await loadSession()
    const { clock } = await this.shell.host()
    const ui = { ...session.ui, isWide: this.output === 'wide', columns: this.output === 'wide' ? 240 : session.ui.columns }
    const order = tableOf(ui).order.length
    const around = { nowMs: clock.monotonic(), trouble: null, isReplay: false, isSpoken: false }
    // All rows, and without the line of keys.
    const lines = frameOf({ ...ui, rows: Math.max(1, order) + 6 }, session.model, around).slice(0, -1)
    await this.write(
      `${lines
        .map((line) => textOf(line).trimEnd())
        .join('\n')
        .trimEnd()}\n`,
    )
  }

  async #printRows(session: TopSession, panel: PanelId): Promise<void> {
    const { chosenRows, jsonOf, panels, tableOf } = await loadSession()
    const { kind, rows, columns } = panels[panel]
    const all = rows(session.model!, null)
    if (typeof all === 'string') this.tell(all, 'always')
    await this.render({
      kind,
      items: typeof all === 'string' ? [] : chosenRows(panels[panel], all, { ...tableOf(session.ui), issuesOnly: session.ui.issuesOnly }),
      columns: columns
        .filter(({ drawing }) => drawing !== true)
        .map(({ name, value, output, text, isRight, isWide }) => ({
          name,
          value: output ?? value,
          text,
          right: isRight === true,
          wide: isWide === true,
        })),
      toJson: (row) => JSON.parse(jsonOf(row)),
    })
  }
}

interface Source extends SampleSource {
  readonly everyMs?: number
}

interface TopFlags {
  readonly profile?: string | undefined
  readonly 'bootstrap-server'?: string | undefined
  readonly 'bootstrap-controller'?: string | undefined
  readonly 'command-config'?: string | undefined
  readonly 'command-property'?: string[] | undefined
  readonly 'metrics-url'?: string[] | undefined
  readonly timeout?: string | undefined
  readonly groups?: string | undefined
  readonly topics?: string | undefined
}

function panelNamed(name: string | undefined): PanelId {
  const panel = panelIds.find((id) => id === (name ?? 'groups').toLowerCase())
  if (panel === undefined) throw usageFault(`there is no panel ${name}`, `Panels: ${panelIds.join(', ')}.`)
  return panel
}

function patternOf(text: string | undefined, flag: string): RegExp | undefined {
  if (text === undefined) return undefined
  try {
    return new RegExp(text)
  } catch {
    throw usageFault(`${flag}: ${text} is no regular expression`, 'Write .* for anything, and a backslash before a sign that means itself.')
  }
}

function checkedUrl(text: string): string {
  const url = text.replace(/^\d+=/, '').replaceAll('{host}', 'host').replaceAll('{id}', '1')
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw usageFault(`--metrics-url ${text} is no URL`, 'Write http://{host}:9404/metrics, or 1=http://…')
  return text
}

async function readPage(text: string): Promise<string> {
  const url = new URL(text)
  const login = [url.username, url.password].map(decodeURIComponent).join(':')
  url.username = url.password = ''
  const headers = login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(PAGE_MS_MAX) })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return answer.text()
}

/** Runs a command line of tkafka with nobody to ask; gives what it said, in order. */
async function runCaptured(shell: Shell, words: readonly string[]): Promise<{ readonly ok: boolean; readonly text: string }> {
  const chunks: string[] = []
  const sink = (): Writable =>
    new Writable({
      write: (chunk: Buffer | string, _encoding, done) => {
        chunks.push(String(chunk))
        done()
      },
    })
  const inner: Shell = {
    env: { ...shell.env, NO_COLOR: '1' },
    stdin: Readable.from([]),
    stdout: sink(),
    stderr: sink(),
    exitCode: 0,
    ...(shell.secrets === undefined ? {} : { secrets: shell.secrets }),
    host: () => shell.host(),
    stopSignal: () => shell.stopSignal(),
  }
  const { main } = await loadMain()
  await main(words, inner)
  return { ok: inner.exitCode === 0, text: chunks.join('') }
}

/** As the shell's job control has it: stopped until `fg`. */
function sleepUntilWoken(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGCONT', resolve)
    // The whole job, as a terminal does it: a launcher that stayed as the parent is what the shell waits for.
    process.kill(0, 'SIGTSTP')
  })
}
