import { parseUuid } from '../../base/index.ts'
import type { Admin, QuorumDescription, QuorumReplica } from '../../client/index.ts'
import { loadProperties, type Properties, withAdmin, withBootstrap } from '../admin-session.ts'
import { grammar } from '../declared/kafka-metadata-quorum.ts'
import { answered } from '../java/client-failure.ts'
import { JavaException } from '../java/exception.ts'
import type { Namespace } from '../options/argument-parser.ts'
import { terse, withArguments } from '../options/arguments-run.ts'
import { guarded, messageAndTrace, type Tool, type ToolIo } from '../tool.ts'
import { newVoter } from './new-voter.ts'
import { tableText } from './table-text.ts'

export const kafkaMetadataQuorum: Tool = (args, io) =>
  withArguments(grammar, args, io, 0, (namespace) =>
    guarded(
      () => run(namespace, io),
      (exception) => {
        if (!exception.is('TerseException')) return messageAndTrace(io)(exception)
        io.err(`${exception.text}\n`)
        return 1
      },
    ),
  )

async function run(namespace: Namespace, io: ToolIo): Promise<number> {
  const path = namespace.text('command-config')
  const file = await loadProperties(io, path).catch((error: unknown) => {
    if (error instanceof JavaException && error.is('NoSuchFileException')) throw terse(`Properties file ${path} does not exists!`)
    throw error
  })
  const properties = withBootstrap(file, namespace.text('bootstrap-server'), namespace.text('bootstrap-controller'))
  await withAdmin(io, clientPart(properties), async (admin) => {
    if (namespace.command === 'describe') await describe(namespace, admin, io)
    else if (namespace.command === 'remove-controller') await removeController(namespace, admin, io)
    else {
      if (path === undefined)
        throw terse('You must supply the configuration file of the controller you are adding when using add-controller.')
      await addController(namespace, admin, io, properties)
    }
  })
  return 0
}

/** The file may be a controller's, whose security is not that of a client. */
const clientPart = ({ 'client.id': _, ...others }: Properties): Properties => others

async function describe(namespace: Namespace, admin: Admin, io: ToolIo): Promise<void> {
  const [status, replication, human] = ['status', 'replication', 'human-readable'].map((name) => namespace.has(name))
  if (status && replication) throw terse('Only one of --status or --replication should be specified with describe sub-command')
  if (replication) await describeReplication(admin, io, human === true)
  else if (status) {
    if (human) throw terse('The option --human-readable is only supported along with --replication')
    await describeStatus(admin, io)
  } else throw terse('One of --status or --replication must be specified with describe sub-command')
}

const quorumOf = (admin: Admin): Promise<QuorumDescription> => answered('describeMetadataQuorum', admin.describeQuorum())

function leaderOf({ voters, leaderId }: QuorumDescription): QuorumReplica {
  const leader = voters.find(({ replicaId }) => replicaId === leaderId)
  if (leader === undefined) throw new JavaException('java.util.NoSuchElementException', 'No value present')
  return leader
}

async function describeReplication(admin: Admin, io: ToolIo, human: boolean): Promise<void> {
  const quorum = await quorumOf(admin)
  const leader = leaderOf(quorum)
  const { clock } = await io.host()
  const nowMs = clock.now()
  const time = (timestamp: number | bigint, what: string): string => {
    const at = Number(timestamp)
    if (at < 0 || !human) return String(at < 0 ? -1 : at)
    if (at > 0 && at <= nowMs) return `${nowMs - at} ms ago`
    throw new JavaException(
      'org.apache.kafka.common.KafkaException',
      `Error while computing relative time, possible drift in system clock.\nCurrent timestamp is ${nowMs}, ${what} timestamp is ${at}`,
    )
  }
  const row =
    (status: string) =>
    (replica: QuorumReplica): string[] => [
      String(replica.replicaId),
      replica.directoryId,
      String(replica.logEndOffset),
      String(leader.logEndOffset - replica.logEndOffset),
      time(replica.lastFetchTimestamp, 'last fetch'),
      time(replica.lastCaughtUpTimestamp, 'last caught up'),
      status,
    ]
  const followers = quorum.voters.filter(({ replicaId }) => replicaId !== quorum.leaderId)
  const rows = [row('Leader')(leader), ...followers.map(row('Follower')), ...quorum.observers.map(row('Observer'))]
  const headers = ['NodeId', 'DirectoryId', 'LogEndOffset', 'Lag', 'LastFetchTimestamp', 'LastCaughtUpTimestamp', 'Status']
  io.out(tableText(headers, rows))
}

async function describeStatus(admin: Admin, io: ToolIo): Promise<void> {
  const { clusterId } = await answered('listNodes', admin.describeCluster())
  const quorum = await quorumOf(admin)
  const leader = leaderOf(quorum)
  const last = quorum.voters.reduce((least, each) => (each.logEndOffset < least.logEndOffset ? each : least))
  const [leaderMs, lastMs] = [Number(leader.lastCaughtUpTimestamp), Number(last.lastCaughtUpTimestamp)]
  const lagMs = last === leader ? 0 : leaderMs >= 0 && lastMs >= 0 ? leaderMs - lastMs : -1
  io.out(
    `ClusterId:              ${clusterId}\n` +
      `LeaderId:               ${quorum.leaderId}\n` +
      `LeaderEpoch:            ${quorum.leaderEpoch}\n` +
      `HighWatermark:          ${quorum.highWatermark}\n` +
      `MaxFollowerLag:         ${leader.logEndOffset - last.logEndOffset}\n` +
      `MaxFollowerLagTimeMs:   ${lagMs}\n` +
      `CurrentVoters:          ${replicasText(quorum, quorum.voters)}\n` +
      `CurrentObservers:       ${replicasText(quorum, quorum.observers)}\n`,
  )
}

/** `[{"id": 1, "directoryId": "…", "endpoints": ["CONTROLLER://host:9093"]}]` */
function replicasText({ nodes }: QuorumDescription, replicas: readonly QuorumReplica[]): string {
  const texts = replicas.map(({ replicaId, directoryId }) => {
    const listeners = nodes.find(({ id }) => id === replicaId)?.listeners ?? []
    const directory = directoryId === 'AAAAAAAAAAAAAAAAAAAAAA' ? '' : `, "directoryId": "${directoryId}"`
    const endpoints = listeners.map((each) => `"${endpointText(each)}"`).join(', ')
    return `{"id": ${replicaId}${directory}${endpoints === '' ? '' : `, "endpoints": [${endpoints}]`}}`
  })
  return `[${texts.join(', ')}]`
}

type Endpoint = QuorumDescription['nodes'][number]['listeners'][number]

const endpointText = ({ name, host, port }: Endpoint): string => `${name}://${host.includes(':') ? `[${host}]` : host}:${port}`

async function addController(namespace: Namespace, admin: Admin, io: ToolIo, properties: Properties): Promise<void> {
  const voter = await newVoter(io, properties)
  const dryRun = namespace.has('dry-run')
  if (!dryRun) await answered('addRaftVoter', admin.addRaftVoter(voter))
  const endpoints = voter.listeners.map(endpointText).join(', ')
  io.out(
    `${dryRun ? 'DRY RUN of adding' : 'Added'} controller ${voter.id} with directory id ${voter.directoryId} and endpoints: ${endpoints}\n`,
  )
}

async function removeController(namespace: Namespace, admin: Admin, io: ToolIo): Promise<void> {
  const id = namespace.number('controller-id') ?? 0
  if (id < 0) throw terse(`Invalid negative --controller-id: ${id}`)
  const text = namespace.text('controller-directory-id') ?? ''
  const directoryId = parsedUuid(text)
  const dryRun = namespace.has('dry-run')
  if (!dryRun) await answered('removeRaftVoter', admin.removeRaftVoter({ id, directoryId }))
  io.out(`${dryRun ? 'DRY RUN of removing ' : 'Removed '} KRaft controller ${id} with directory id ${directoryId}\n`)
}

/** @throws JavaException */
function parsedUuid(text: string): string {
  const failed = (why: string): JavaException => terse(`Failed to parse --controller-directory-id: ${why}`)
  if (text.length > 24) throw failed(`Input string with prefix \`${text.slice(0, 24)}\` is too long to be decoded as a base64 UUID`)
  const bytes = Buffer.from(text, 'base64url').length
  if (bytes !== 16)
    throw failed(`Input string \`${text}\` decoded as ${bytes} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID`)
  return parseUuid(text) ?? text
}
