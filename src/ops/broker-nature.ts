import type { Admin } from '../client/index.ts'
import { KafkaError } from '../protocol/index.ts'

const TIMEOUT_MS = 5000

/** Settings of one broker, whichever it is; none where they are not told. */
async function settingsOfOne(admin: Admin, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const [node] = admin.cluster.nodes.values()
  if (node === undefined) return new Map()
  try {
    const [answer] = await admin.describeConfigs([{ type: 'broker', name: String(node.id), keys }], { timeoutMs: TIMEOUT_MS })
    return new Map(answer?.value?.map(({ name, value }) => [name, value ?? '']))
  } catch (error) {
    if (error instanceof KafkaError) return new Map()
    throw error
  }
}

/** Brokers of Apache Kafka know no settings of tkafka's own. */
export async function isOfTkafka(admin: Admin): Promise<boolean> {
  return (await settingsOfOne(admin, ['tkafka.status.listener'])).size > 0
}

/** Whether any listener asks who somebody is by SASL. Undefined: not known. */
export async function hasSasl(admin: Admin): Promise<boolean | undefined> {
  const settings = await settingsOfOne(admin, ['listeners', 'listener.security.protocol.map'])
  const listeners = settings.get('listeners')
  if (listeners === undefined || listeners === '') return undefined
  const protocols = new Map(
    settings
      .get('listener.security.protocol.map')
      ?.split(',')
      .map((pair) => pair.trim().split(':') as [string, string]),
  )
  const names = listeners.split(',').map((listener) => listener.trim().split(':')[0]!)
  return names.some((name) => (protocols.get(name) ?? name).startsWith('SASL_'))
}
