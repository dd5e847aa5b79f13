import { hostname } from 'node:os'
import { embeddedProperties, NodeSettingsError, StorageError, startNode } from '../../src/broker/index.ts'
import {
  BaseCommand,
  Fault,
  firstLogDirectory,
  forgetPid,
  nodeFlags,
  nodeProperties,
  notePid,
  textArg,
  version,
} from '../../src/cli/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

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
    const { properties, isEmbedded } = await nodeProperties(this.shell, args.file, flags, (directory) => embeddedProperties(directory))
    const stop = this.shell.stopSignal()
    const host = nodeHost()
    let failed: Error | undefined
    const ended = Promise.withResolvers<void>()
    const onFatal = (error: Error): void => {
      failed = error
      ended.resolve()
    }
    const node = await startNode({ host, properties, hostName: hostname(), formatWhenNew: isEmbedded, onFatal }).catch((error: unknown) => {
      if (error instanceof NodeSettingsError || error instanceof StorageError) throw new Fault(error.message, { cause: error })
      throw error
    })
    const directory = firstLogDirectory(properties)
    await notePid(host, directory, process.pid)
    for (const warning of node.warnings) this.tell(`tkafka: ${warning}`)
    const listeners = node.settings.listeners
      .map(({ name, advertised }) => `${name} ${advertised.host}:${node.broker.address(name)?.port}`)
      .join(', ')
    this.tell(`tkafka ${version}: ${listeners}; cluster ${node.clusterId}; data in ${directory}${node.formatted ? ' (new)' : ''}`)
    stop.addEventListener('abort', () => ended.resolve(), { once: true })
    if (stop.aborted) ended.resolve()
    await ended.promise
    await node.broker.close()
    await forgetPid(host, directory)
    if (failed !== undefined) throw failed
    // A clean shutdown is a success, whoever asked for it.
    this.shell.exitCode = 0
  }
}
