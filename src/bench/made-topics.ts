import { type Admin, ClientError } from '../client/index.ts'
import type { Host } from '../host/index.ts'
import { Errors } from '../protocol/index.ts'

export interface NewBenchTopic {
  readonly partitionCount: number
  /** -1: as the brokers say. */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

const LEAD_MS = 15_000
const LOOK_MS = 50

/** Makes a topic of a name that nobody else has; it is there when each partition has a leader that clients are told of. @throws ClientError */
export async function makeTopic(admin: Admin, host: Host, topic: NewBenchTopic): Promise<string> {
  const name = `tkafka-bench-${Buffer.from(host.random.bytes(6)).toString('hex')}`
  const [created] = await admin.createTopics([{ name, ...topic }])
  if (created!.error !== null) throw new ClientError(created!.error.code, `topic ${name} could not be made: ${created!.error.message}`)
  for (const deadlineMs = host.clock.monotonic() + LEAD_MS; host.clock.monotonic() < deadlineMs; ) {
    const known = (await admin.cluster.refresh([name])).topics.get(name)?.partitions ?? []
    if (known.length === topic.partitionCount && known.every(({ leader }) => leader >= 0)) return name
    await new Promise<void>((resolve) => void host.clock.after(LOOK_MS, resolve))
  }
  throw new ClientError(
    Errors.LEADER_NOT_AVAILABLE,
    `topic ${name} was made, and has partitions without a leader after ${LEAD_MS / 1000} s`,
  )
}

/** Gives in words what went wrong, if anything did. */
export async function deleteTopic(admin: Admin, name: string): Promise<string | undefined> {
  try {
    const [deleted] = await admin.deleteTopics([name])
    return deleted!.error === null
      ? undefined
      : `topic ${name} is left: ${deleted!.error.message} [${deleted!.error.name} ${deleted!.error.code}]`
  } catch (error) {
    return `topic ${name} is left: ${(error as Error).message}`
  }
}
