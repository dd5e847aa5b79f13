/** What stands between a client and a sound cluster, looked at step by step. */
import type { Admin } from '../../client/index.ts'
import type { Address, Host } from '../../host/index.ts'
import { Errors, KafkaError } from '../../protocol/index.ts'
import { checkAddress, isLoopback } from './address-check.ts'
import { type ClusterCheckOptions, checkCluster } from './cluster-check.ts'
import { type Finding, ill, ok } from './finding.ts'

export { type Finding, findingChecks } from './finding.ts'
export { type StrangeSize, strangeSize } from './strange-size.ts'

export interface Examination extends ClusterCheckOptions {
  readonly host: Host
  readonly servers: readonly Address[]
  readonly securityProtocol: string
  readonly timeoutMs: number
  /** An administrator who starts from one of the servers alone; it is closed by whoever made it. */
  readonly openAt: (server: Address) => Admin
}

/** From the addresses that a client is given to the cluster behind them. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const { host, servers, securityProtocol, timeoutMs, openAt } = examination
  const met = await Promise.all(
    servers.map(async (address) => {
      const admin = openAt(address)
      const open = (): Promise<unknown> => admin.cluster.refresh([], timeoutMs)
      const checked = await checkAddress(host, { address, namedBy: 'bootstrap', securityProtocol, timeoutMs, open })
      return { ...checked, admin, address }
    }),
  )
  const first = met.find(({ isOpen }) => isOpen)
  const findings = met.flatMap((each) => each.findings)
  if (first === undefined) return findings
  const of = `${first.address.host}:${first.address.port}`
  const spoken = ok('kafka', of, `it speaks Kafka${securityProtocol === 'PLAINTEXT' ? '' : ` over ${securityProtocol}`}`)
  const isFromHere = servers.every((server) => isLoopback(server.host))
  const advertised = await advertisedFindings(first.admin, examination, isFromHere)
  // Nobody is left who could be asked more.
  const isReached = advertised.some(({ finding }) => finding.state !== 'wrong')
  const silent = advertised.filter(({ finding }) => finding.state === 'wrong').map(({ broker }) => broker)
  const found = isReached ? await checkCluster(first.admin, { ...examination, silent }) : []
  return [...findings, spoken, ...advertised.map(({ finding }) => finding), ...found]
}

/** Clients go on from the addresses of bootstrap.servers to those that brokers advertise: each must lead to its broker. */
async function advertisedFindings(
  admin: Admin,
  { host, securityProtocol, timeoutMs }: Examination,
  isFromHere: boolean,
): Promise<{ broker: number; finding: Finding }[]> {
  const nodes = [...admin.cluster.view.nodes.values()].sort((a, b) => a.id - b.id)
  const all = nodes.map(async (node) => {
    const find = async (): Promise<Finding> => {
      const address = { host: node.host, port: node.port }
      const open = (): Promise<unknown> => admin.cluster.link(node.id).open()
      const { findings, isOpen } = await checkAddress(host, { address, namedBy: { broker: node.id }, securityProtocol, timeoutMs, open })
      const of = `broker ${node.id}`
      const text = `advertised at ${node.host}:${node.port}`
      const fault = findings.find(({ state }) => state !== 'ok')
      if (fault !== undefined || !isOpen)
        return ill('advertised', of, `${text}: ${fault?.found ?? 'not reached'}`, { cause: fault?.cause ?? '', next: fault?.next ?? '' })
      const stranger = await identityFault(admin, node.id, timeoutMs)
      if (stranger !== undefined)
        return ill('identity', of, `${text}, where another broker answers: ${stranger}`, {
          cause: 'Two brokers advertise one address, or a load balancer stands between.',
          next: `Give each broker an address of its own in advertised.listeners, that of broker ${node.id} first.`,
        })
      if (!isFromHere && isLoopback(node.host))
        return ill(
          'advertised',
          of,
          text,
          {
            cause: 'Only programs of this very machine reach it there.',
            next: `Name the machine in advertised.listeners of broker ${node.id}.`,
          },
          'warning',
        )
      return ok('advertised', of, text)
    }
    return { broker: node.id, finding: await find() }
  })
  return Promise.all(all)
}

/** Brokers tell of their own settings alone: one that is another says so. Undefined: it is the right one, or does not say. */
async function identityFault(admin: Admin, broker: number, timeoutMs: number): Promise<string | undefined> {
  try {
    const [answer] = await admin.describeConfigs([{ type: 'broker', name: String(broker), keys: ['broker.id'] }], { timeoutMs })
    return answer?.error?.code === Errors.INVALID_REQUEST && answer.error.message.includes('Unexpected broker id')
      ? answer.error.message
      : undefined
  } catch (error) {
    if (error instanceof KafkaError) return undefined
    throw error
  }
}
