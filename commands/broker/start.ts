import { hostname } from 'node:os'
import {
  BaseCommand,
  Fault,
  firstLogDirectory,
  forgetPid,
  messageOf,
  nodeFlags,
  nodeProperties,
  notePid,
  textArg,
  version,
} from '../../src/cli/index.ts'
import { isDiskError, type Journal, NetworkError } from '../../src/host/index.ts'

export default class BrokerStart extends BaseCommand {
  static override summary = 'run a broker'
  static override description =
    'Without a file: one node on 127.0.0.1:9092 whose data directory is formatted when it is new. With a file: server.properties of Apache Kafka as they are; unknown keys warn, wrong values refuse. SIGTERM and SIGINT shut down cleanly.'
  static override examples = [
    '<%= config.bin %> broker start',
    { description: 'Somewhere else:', command: '<%= config.bin %> broker start --data-dir /var/lib/tkafka' },
    {
      description: 'As Apache Kafka’s own server would be started:',
      command: '<%= config.bin %> broker start config/server.properties -X num.partitions=3',
    },
  ]
  static override args = { file: textArg('server.properties') }
  static override flags = nodeFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(BrokerStart)
    const { EMBEDDED_PORT, EMBEDDED_STATUS_PORT, embeddedProperties, startNode, startSummary } = await import('../../src/broker/index.ts')
    const { nodeHost } = await import('../../src/host/node/index.ts')
    const embedded = (directory: string) => embeddedProperties(directory, EMBEDDED_PORT, EMBEDDED_STATUS_PORT)
    const { properties, isEmbedded } = await nodeProperties(this.shell, args.file, flags, embedded)
    const stop = this.shell.stopSignal()
    const host = nodeHost()
    endOnBugs(host.journal)
    const ended = Promise.withResolvers<Error | undefined>()
    // A node that does not serve yet owes nobody an orderly end; the next start recovers what this one did to the logs.
    const giveUp = (): never => process.exit(stop.reason === 'interrupt' ? 130 : 143)
    stop.addEventListener('abort', giveUp, { once: true })
    const node = await startNode({
      ...{ host, properties, hostName: hostname(), formatWhenNew: isEmbedded, version },
      onFatal: ended.resolve,
    }).catch((error: unknown) => {
      throw startFault(error)
    })
    stop.removeEventListener('abort', giveUp)
    const directory = firstLogDirectory(properties)
    await notePid(host, directory, process.pid)
    for (const warning of node.warnings) this.tell(`tkafka: ${warning}`)
    for (const line of startSummary(node, version)) this.tell(line)
    stop.addEventListener('abort', () => ended.resolve(undefined), { once: true })
    if (stop.aborted) ended.resolve(undefined)
    const failed = await ended.promise
    const limit = host.clock.after(SHUTDOWN_LIMIT_MS, () => {
      host.journal.fatal('the shutdown takes too long: giving up; the next start recovers the logs', { limitMs: SHUTDOWN_LIMIT_MS })
      process.exit(1)
    })
    await node.broker.close()
    limit.cancel()
    await forgetPid(host, directory)
    if (failed !== undefined) throw new Fault(`the node cannot go on: ${failed.message}`, { cause: failed })
    // A clean shutdown is a success, whoever asked for it.
    this.shell.exitCode = 0
  }
}

/** Whoever supervises the process kills it after 90 s or so; a log that says why is better. */
const SHUTDOWN_LIMIT_MS = 60_000

/** Nothing that a node holds can be trusted after a bug: it ends at once, and the next start recovers. */
const endOnBugs = (journal: Journal): void => {
  const end = (error: unknown): void => {
    journal.fatal('a bug: the node ends at once', { error })
    process.exit(1)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}

/** Why a node does not start, with what to do next. */
const startFault = (error: unknown): unknown => {
  if (error instanceof Error && ['NodeSettingsError', 'StorageError'].includes(error.name))
    return new Fault(error.message, { cause: error })
  if (error instanceof NetworkError && error.code === 'EADDRINUSE') {
    const hint = 'Another process listens there, perhaps a broker (tkafka broker status): stop it, or set listeners with -X listeners=…'
    return new Fault(error.message, { cause: error, hint })
  }
  if (isDiskError(error)) {
    const unusable = ['EACCES', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(error.code)
    const hint = unusable ? 'The data directory must be writable: name another one with --data-dir, or with log.dirs.' : ''
    return new Fault(`cannot write ${error.path}: ${messageOf(error)}`, { cause: error, hint })
  }
  return error
}
