import { hostname } from 'node:os'
import {
  bytesText,
  counted,
  defaultDataDirectory,
  ExaminingCommand,
  Fault,
  Flags,
  failureOf,
  loadBundleNode,
  messageOf,
  usageFault,
  version,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { type BundledPart, type Gathered, loadBundle } from '../../src/ops/index.ts'

const LOOK_MS_MAX = 5000
const limits = { lagMsMax: 5000, skewMsMax: 2000, diskShareMax: 0.85 }

export default class DebugBundle extends ExaminingCommand {
  static override summary = 'gather what somebody needs to look at a cluster from afar'
  static override description =
    'Into one archive, .tar.gz or .zip by the name of -o: what the doctor finds; brokers, features, quorum, settings, log directories; topics, offsets, groups and what they have committed; transactions, rules, quotas. Of a node on this machine, when -d names its data directory or one runs in the usual place, also its server.properties, the end of its journal, its metrics, and what Linux tells of process and machine. Passwords and other secrets are taken out; --redact takes out names of topics, groups, clients, users, hosts and directories as well, and keeps beside the bundle, for you alone, which is which; where the cluster could not tell all its names, texts of a node that may hold them are left out. No records are read. What could not be had is told, and in the bundle. It takes no longer than twice --timeout.'
  static override examples = [
    '<%= config.bin %> debug bundle',
    { description: 'With the node on this machine:', command: '<%= config.bin %> debug bundle -d /var/lib/tkafka -o bundle.tar.gz' },
    { description: 'To be shown to strangers:', command: '<%= config.bin %> debug bundle --redact -o bundle.tar.gz' },
  ]
  static override flags = {
    to: Flags.string({
      char: 'o',
      aliases: ['to-file'],
      summary: 'where; default: a name with the time, here',
      helpValue: 'FILE.tar.gz|FILE.zip',
    }),
    redact: Flags.boolean({ aliases: ['anonymize'], summary: 'without names of topics, groups, clients, users, hosts and directories' }),
    'data-dir': Flags.string({
      char: 'd',
      aliases: ['data-directory'],
      summary: 'data directory of a node on this machine',
      helpValue: 'DIR',
    }),
    'server-config': Flags.string({ summary: 'server.properties of that node, where it is not found beside its data', helpValue: 'FILE' }),
    journal: Flags.string({ summary: 'what that node writes its journal to, likewise', helpValue: 'FILE' }),
    'metrics-url': Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'pages of metrics of brokers', helpValue: 'URL' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(DebugBundle)
    const host = await this.shell.host()
    const { clock } = host
    const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')
    const path = flags.to ?? `tkafka-bundle-${stamp}.tar.gz`
    const [, ending] = /\.(tar\.gz|tgz|zip)$/.exec(path) ?? []
    if (ending === undefined)
      throw usageFault(`${path} ends neither in .tar.gz nor in .zip`, 'A bundle is an archive of one of these kinds.')
    const timeoutMs = this.timeoutMs(flags)
    const deadlineMs = clock.monotonic() + 2 * timeoutMs
    const { archiveOf, gather, gatherCluster, namesIn, shownSettings, withoutUnknownNames, writtenParts } = await loadBundle()
    const { values } = await this.settings(flags)
    const gathered: Gathered[] = [
      ...(await gather([{ path: 'doctor.json', ask: () => this.examined(flags, limits) }], clock, deadlineMs)),
      { path: 'client.json', content: shownSettings(values), reason: null },
    ]
    let failure: unknown
    try {
      const admin: Admin = await this.openAdmin(flags)
      gathered.push(...(await gatherCluster(admin, clock, deadlineMs, Math.min(timeoutMs, LOOK_MS_MAX))))
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failure = error
      gathered.push({ path: 'cluster/cluster.json', content: undefined, reason: error.message })
    }
    const { localNode, nodeParts, pagePart } = await loadBundleNode()
    const node = await localNode(host, flags['data-dir'] ?? defaultDataDirectory(this.shell))
    const isLocal = flags['data-dir'] !== undefined || node.pid !== undefined
    const pages = (flags['metrics-url'] ?? []).flatMap((url, index) => pagePart(host, `metrics/${index + 1}.txt`, url))
    const files = { config: flags['server-config'], journal: flags.journal }
    gathered.push(...(await gather([...(isLocal ? nodeParts(host, node, files) : []), ...pages], clock, deadlineMs)))
    const names = flags.redact ? namesIn(gathered) : undefined
    names?.add('host', [...hostsOf(values), hostname()])
    const { files: written, parts } = writtenParts(flags.redact ? withoutUnknownNames(gathered) : gathered, names)
    const manifest = {
      tkafka: version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      time: new Date(clock.now()).toISOString(),
      redacted: flags.redact,
      parts,
    }
    const all = [{ path: 'manifest.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) }, ...written]
    const bytes = await archiveOf(ending === 'zip' ? 'zip' : 'tar.gz', `tkafka-bundle-${stamp}`, all, clock.now())
    await this.#write(path, bytes)
    if (names !== undefined) {
      const key = `${path.slice(0, -ending.length - 1)}.names.json`
      await this.#write(key, Buffer.from(`${JSON.stringify(names.names, null, 2)}\n`))
      this.tell(`which name is which is in ${key}: keep it to yourself`)
    }
    await this.#show(path, bytes.length, parts)
    if (failure !== undefined) await this.reportFailures([failureOf(failure)])
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const { disk } = await this.shell.host()
    try {
      await disk.replaceFile(path, bytes, 'private')
    } catch (error) {
      throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
    }
  }

  async #show(path: string, size: number, parts: readonly BundledPart[]): Promise<void> {
    const incomplete = parts.filter(({ state }) => state !== 'there')
    await this.render<BundledPart>({
      kind: 'BundledParts',
      items: parts,
      columns: [
        { name: 'PATH', value: (part) => part.path },
        { name: 'STATE', value: ({ state }) => state.toUpperCase() },
        { name: 'BYTES', value: ({ bytes }) => bytes, right: true },
        { name: 'REASON', value: ({ reason }) => reason, narrow: 'shorten' },
      ],
      text: (_, style) => {
        const head = `${style.bold(path)}: ${counted(parts.length - parts.filter(({ state }) => state === 'missing').length, 'file')}, ${bytesText(size)}\n`
        return `${head}${incomplete.map((part) => `  ${style.warn(part.state)} ${part.path}: ${style.dim(part.reason ?? '')}\n`).join('')}`
      },
    })
  }
}

const hostsOf = (values: Readonly<Record<string, string>>): string[] =>
  (values['bootstrap.servers'] ?? '')
    .split(',')
    .map((server) => server.replace(/:\d+$/, '').trim())
    .filter((host) => host !== '' && !/^(localhost|127\.|\[?::1)/.test(host))
