import { type Admin, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { Json } from '../../src/protocol/index.ts'

/** What an application of Kafka Streams does, as far as its group needs to know. */
export interface Topology {
  readonly sources: readonly string[]
  readonly repartitions?: readonly string[]
  /** Of what reads the repartitioned topics. */
  readonly changelogs?: readonly string[]
}

interface Beat {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly memberEpoch: number
  readonly activeTasks: readonly { readonly subtopologyId: string; readonly partitions: readonly number[] }[] | null
}

/** A member of a streams group (KIP-1071) that does nothing but say that it is there. */
export class StreamsMember {
  readonly #admin: Admin
  readonly #groupId: string
  readonly #topology: Topology
  #epoch = 0

  private constructor(admin: Admin, groupId: string, topology: Topology) {
    this.#admin = admin
    this.#groupId = groupId
    this.#topology = topology
  }

  /** Resolves when it has been given tasks and said that it has them. */
  static async join(server: string, groupId: string, topology: Topology): Promise<StreamsMember> {
    const admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': server, 'client.id': 'streams-client' })
    const member = new StreamsMember(admin, groupId, topology)
    const deadline = Date.now() + 20_000
    let tasks: Beat['activeTasks'] = []
    while (tasks === null || tasks.length === 0) {
      const beat = await member.#beat(tasks)
      if (beat.errorCode === 0) tasks = beat.activeTasks ?? tasks
      if (Date.now() > deadline) throw new Error(`${groupId} gives no tasks: ${beat.errorMessage}`)
    }
    await member.#beat(tasks)
    return member
  }

  /** Leaves; the group stays, empty. */
  async leave(): Promise<void> {
    this.#epoch = -1
    await this.#beat(null)
    this.#admin.close()
  }

  async #beat(activeTasks: Beat['activeTasks']): Promise<Beat> {
    const { cluster } = this.#admin
    const coordinator = (await cluster.coordinators(0, [this.#groupId])).get(this.#groupId)!
    if (!('id' in coordinator)) return { errorCode: -1, errorMessage: 'no coordinator', memberEpoch: 0, activeTasks: null }
    const isFirst = this.#epoch === 0
    const own: Json = activeTasks === null ? null : []
    const body: Json = {
      ...{ groupId: this.#groupId, memberId: `${this.#groupId}-member`, memberEpoch: this.#epoch, endpointInformationEpoch: 0 },
      ...{ instanceId: null, rackId: null, rebalanceTimeoutMs: 10_000, processId: 'process-1', userEndpoint: null, clientTags: [] },
      ...{ taskOffsets: null, taskEndOffsets: null, shutdownApplication: false },
      ...{ topology: isFirst ? this.#topologyBody() : null, activeTasks: activeTasks as Json, standbyTasks: own, warmupTasks: own },
    }
    const { answer } = await this.#admin.requestJson('StreamsGroupHeartbeat', body, { broker: coordinator.id })
    const beat = answer as unknown as Beat
    if (beat.errorCode === 0 && this.#epoch >= 0) this.#epoch = beat.memberEpoch
    return beat
  }

  #topologyBody(): Json {
    const { sources, changelogs = [], repartitions = [] } = this.#topology
    const made = (names: readonly string[]): Json[] =>
      names.map((name) => ({ name, partitions: 0, replicationFactor: 1, topicConfigs: [] }))
    const part = (subtopologyId: string, fields: Record<string, Json>): Json => ({
      ...{ subtopologyId, sourceTopics: [], sourceTopicRegex: [], copartitionGroups: [] },
      ...{ repartitionSinkTopics: [], repartitionSourceTopics: [], stateChangelogTopics: [] },
      ...fields,
    })
    // What is repartitioned is counted in a part of its own.
    const read = part('0', { sourceTopics: [...sources], repartitionSinkTopics: [...repartitions] })
    const counted = part('1', { repartitionSourceTopics: made(repartitions), stateChangelogTopics: made(changelogs) })
    return { epoch: 0, subtopologies: repartitions.length === 0 ? [read] : [read, counted] }
  }
}
