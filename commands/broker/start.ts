import { hostname } from 'node:os'
import type { DirectoryError, ListenerError, Node, OpeningNode } from '../../src/broker/index.ts'
import {
  addressText,
  BaseCommand,
  type BrokerNote,
  directoryFault,
  Fault,
  findBroker,
  firstLogDirectory,
  forgetPid,
  type NodeProperties,
  nodeFlags,
  nodeProperties,
  notePid,
  removeNote,
  textArg,
  version,
  writeNote,
} from '../../src/cli/index.ts'
import type { Host, Journal } from '../../src/host/index.ts'

export default class BrokerStart extends BaseCommand {
  static override summary = 'run a broker'
  static override description =
    'Without a file: one node on 127.0.0.1:9092 whose data directory is formatted when it is new. With a file: server.properties of Apache Kafka as they are; unknown keys warn, wrong values refuse, with their lines. Nothing is written before ports are free. SIGTERM and SIGINT shut down cleanly.'
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
    const settings = await nodeProperties(this.shell, args.file, flags, embedded)
    const { properties, isEmbedded, placeOf } = settings
    const directory = firstLogDirectory(properties)
    const stop = this.shell.stopSignal()
    const host = nodeHost()
    endOnBugs(host.journal)
    const ended = Promise.withResolvers<Error | undefined>()
    // A node that does not serve yet owes nobody an orderly end; the next start recovers what this one did to the logs.
    const giveUp = (): never => process.exit(stop.reason === 'interrupt' ? 130 : 143)
    stop.addEventListener('abort', giveUp, { once: true })
    // A node whose first directory is lost may still serve from the others.
    const note = (noted: BrokerNote): Promise<void> =>
      writeNote(host, directory, noted)
        .then(() => notePid(host, directory, process.pid))
        .catch((error: unknown) => host.journal.warn('tkafka broker status and stop will not find this process', { error }))
    const node = await startNode({
      ...{ host, properties, placeOf, hostName: hostname(), formatWhenNew: isEmbedded, version },
      ...(args.file !== undefined && { configFile: args.file }),
      onOpening: (opening) => note(noteOf(opening, [])),
      onFatal: ended.resolve,
    }).catch(async (error: unknown) => {
      throw await startFault(error, host, settings)
    })
    stop.removeEventListener('abort', giveUp)
    await note(noteOf({ ...node, status: node.running.status?.address }, boundListeners(node)))
    for (const line of startSummary(node, version)) this.tell(line)
    stop.addEventListener('abort', () => ended.resolve(undefined), { once: true })
    if (stop.aborted) ended.resolve(undefined)
    const failed = await ended.promise
    // While the broker waits to be let go, which has a limit of its own, the time for all the rest does not run.
    let leftMs = SHUTDOWN_LIMIT_MS
    const giveUpLate = (): void => {
      limit = host.clock.after(LOOK_MS, giveUpLate)
      if (node.broker?.lifecycle.state === 'pending controlled shutdown') return
      leftMs -= LOOK_MS
      if (leftMs > 0) return
      host.journal.fatal('the shutdown takes too long: giving up; the next start recovers the logs', { limitMs: SHUTDOWN_LIMIT_MS })
      process.exit(1)
    }
    let limit = host.clock.after(LOOK_MS, giveUpLate)
    await node.running.close()
    limit.cancel()
    await Promise.allSettled([forgetPid(host, directory), removeNote(host, directory)])
    if (failed !== undefined) throw new Fault(`the node cannot go on: ${failed.message}`, { cause: failed })
    // A clean shutdown is a success, whoever asked for it.
    this.shell.exitCode = 0
  }
}

const noteOf = ({ settings, clusterId, status }: OpeningNode, listeners: BrokerNote['listeners']): BrokerNote => ({
  pid: process.pid,
  version,
  startedMs: Math.round(performance.timeOrigin),
  nodeId: settings.nodeId,
  clusterId,
  roles: Object.entries(settings.roles).flatMap(([role, has]) => (has ? [role] : [])),
  listeners,
  status: status === undefined ? null : addressText(status),
})

const boundListeners = ({ running, settings }: Node): BrokerNote['listeners'] =>
  settings.listeners.map(({ name, isController }) => ({ name, isController, ...running.address(name)! }))

/** Whoever supervises the process kills it after 90 s or so; a log that says why is better. A broker that asks to be let go says what it does. */
const SHUTDOWN_LIMIT_MS = 60_000
const LOOK_MS = 1000

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
const startFault = async (error: unknown, host: Host, settings: NodeProperties): Promise<unknown> => {
  if (!(error instanceof Error)) return error
  switch (error.name) {
    case 'NodeSettingsError':
    case 'StorageError':
      return new Fault(error.message, { cause: error })
    case 'ListenerError':
      return new Fault(error.message, { cause: error, hint: await listenerHint(error as ListenerError, host, settings) })
    case 'DirectoryError':
      return directoryFault(error as DirectoryError, settings)
    default:
      if (settings.isEmbedded && error.message.includes(`${firstLogDirectory(settings.properties)}/dev is no partition directory`))
        return new Fault(error.message, {
          cause: error,
          hint: 'A cluster of tkafka dev lies there, where an older tkafka put it: take it away with tkafka dev down --delete, or name another place here: --data-dir.',
        })
      return error
  }
}

const listenerHint = async ({ code, port }: ListenerError, host: Host, { properties, isEmbedded }: NodeProperties): Promise<string> => {
  const directory = firstLogDirectory(properties)
  const broker = code === 'EADDRINUSE' ? await findBroker(host, directory) : undefined
  if (broker?.running === true) return `A broker runs on ${directory} already, process ${broker.pid}: see tkafka broker status and stop.`
  const other = 'PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093'
  const elsewhere = isEmbedded
    ? `-X listeners=${other}`
    : 'listeners=NAME://HOST:PORT,… in the file, and the addresses that name it (advertised.listeners, controller.quorum…)'
  return code === 'EADDRINUSE'
    ? `Who has it: ss -ltnp 'sport = :${port}'. Stop that, or listen elsewhere: ${elsewhere}.`
    : `Listen elsewhere: ${elsewhere}.`
}
