import { type Admin, ClientError } from '../client/index.ts'
import type { Host } from '../host/index.ts'

/** A name that nobody else has, of a share group that begins where topics begin. @throws ClientError */
export async function makeShareGroup(admin: Admin, host: Host): Promise<string> {
  const name = `tkafka-bench-${Buffer.from(host.random.bytes(6)).toString('hex')}`
  const operations = [{ name: 'share.auto.offset.reset', operation: 'set' as const, value: 'earliest' }]
  const [set] = await admin.incrementalAlterConfigs([{ type: 'group', name, operations }])
  if (set!.error !== null)
    throw new ClientError(set!.error.code, `group ${name} could not be set to begin at the beginning: ${set!.error.message}`)
  return name
}

/** The group and what was set for it. Gives in words what went wrong, if anything did. */
export async function deleteShareGroup(admin: Admin, name: string): Promise<string | undefined> {
  try {
    const operations = [{ name: 'share.auto.offset.reset', operation: 'delete' as const }]
    const [[unset], [deleted]] = await Promise.all([
      admin.incrementalAlterConfigs([{ type: 'group', name, operations }]),
      admin.deleteGroups([name]),
    ])
    const error = deleted!.error?.name === 'GROUP_ID_NOT_FOUND' ? unset!.error : (deleted!.error ?? unset!.error)
    return error === null ? undefined : `group ${name} is left: ${error.message} [${error.name} ${error.code}]`
  } catch (error) {
    return `group ${name} is left: ${(error as Error).message}`
  }
}

/** Records of a topic from its beginning to its end, as offsets count them. */
export async function recordsOf(admin: Admin, topic: string): Promise<number> {
  const partitions = (await admin.cluster.refresh([topic])).topics.get(topic)?.partitions ?? []
  const queries = (at: 'earliest' | 'latest') => partitions.map(({ partition }) => ({ topic, partition, at }))
  const [starts, ends] = await Promise.all([admin.listOffsets(queries('earliest')), admin.listOffsets(queries('latest'))])
  const sum = (found: typeof starts): number => found.reduce((total, { value }) => total + Number(value?.offset ?? 0), 0)
  return sum(ends) - sum(starts)
}
