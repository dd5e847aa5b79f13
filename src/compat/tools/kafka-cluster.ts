import type { Admin } from '../../client/index.ts'
import { loadProperties, withAdmin, withBootstrap } from '../admin-session.ts'
import { grammar } from '../declared/kafka-cluster.ts'
import { answered } from '../java/client-failure.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'
import { padded, widest } from '../java/padded.ts'
import type { Namespace } from '../options/argument-parser.ts'
import { withArguments } from '../options/arguments-run.ts'
import { guarded, log, messageAndTrace, type Tool, type ToolIo } from '../tool.ts'

export const kafkaCluster: Tool = (args, io) =>
  // The exit code of --help is that of a failure.
  withArguments(grammar, args, io, 1, (namespace) =>
    guarded(async () => {
      const old = namespace.text('config')
      if (old !== undefined && namespace.has('command-config'))
        throw new JavaException(
          'net.sourceforge.argparse4j.inf.ArgumentParserException',
          '--config and --command-config cannot be specified together.',
        )
      if (old !== undefined)
        io.out('Option --config has been deprecated and will be removed in a future version. Use --command-config instead.\n')
      const file = await loadProperties(io, old ?? namespace.text('command-config'))
      const properties = withBootstrap(file, namespace.text('bootstrap-server'), namespace.text('bootstrap-controller'))
      await withAdmin(io, properties, (admin) => run(namespace, admin, io))
      return 0
    }, messageAndTrace(io)),
  )

async function run(namespace: Namespace, admin: Admin, io: ToolIo): Promise<void> {
  if (namespace.command === 'cluster-id') {
    const { clusterId } = await answered('listNodes', admin.describeCluster())
    io.out(clusterId === '' ? 'No cluster ID found. The Kafka version is probably too old.\n' : `Cluster ID: ${clusterId}\n`)
  } else if (namespace.command === 'unregister') {
    const id = namespace.number('id') ?? 0
    await told(io, 'The target cluster does not support the broker unregistration API.', async () => {
      await answered('unregisterBroker', admin.unregisterBroker(id)).catch(async (error: unknown) => {
        const why = error instanceof JavaException ? error.causedBy?.text : undefined
        const text = `[AdminClient clientId=adminclient-1] Unregister broker request for broker ID ${id} failed: ${why}`
        await log(io, 'ERROR', text, 'org.apache.kafka.clients.admin.KafkaAdminClient')
        throw error
      })
      io.out(`Broker ${id} is no longer registered.\n`)
    })
  } else {
    const includeFenced = namespace.has('include-fenced-brokers')
    const ofControllers = namespace.has('bootstrap-controller')
    if (includeFenced && ofControllers)
      throw illegalArgument('The option --include-fenced-brokers is only supported with --bootstrap-server option')
    await told(io, undefined, () => listEndpoints(io, admin, ofControllers, includeFenced))
  }
}

/** A cluster that is too old is told of without failing; without `text` in the words of the exception. */
async function told(io: ToolIo, text: string | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const cause = error instanceof JavaException ? error.causedBy : undefined
    if (cause?.is('UnsupportedVersionException') !== true) throw error
    io.out(`${text ?? cause.text}\n`)
  }
}

async function listEndpoints(io: ToolIo, admin: Admin, ofControllers: boolean, includeFenced: boolean): Promise<void> {
  const { nodes } = await answered('listNodes', admin.describeCluster(includeFenced ? { includeFenced } : {}))
  const racks = nodes.map(({ rack }) => rack ?? '').filter((rack) => rack !== '')
  const hostWidth =
    nodes.length === 0
      ? 100
      : widest(
          0,
          nodes.map(({ host }) => host),
        )
  const state = (text: string): string[] => (ofControllers ? [] : [text])
  const widths = [10, hostWidth, 10, racks.length === 0 ? 10 : widest(0, racks), ...(ofControllers ? [] : [10]), 15]
  const row = (id: string, host: string, port: string, rack: string, fencing: string, type: string): void =>
    void io.out(`${padded(widths, [id, host, port, rack, ...state(fencing), type])}\n`)
  row('ID', 'HOST', 'PORT', 'RACK', 'STATE', 'ENDPOINT_TYPE')
  for (const { id, host, port, rack, fenced } of nodes)
    row(String(id), host, String(port), String(rack), fenced ? 'fenced' : 'unfenced', ofControllers ? 'controller' : 'broker')
}
