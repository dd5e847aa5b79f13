import {
  decodeGroupRecord,
  type GroupClient,
  type GroupConfig,
  type GroupCoordinator,
  type JoinAnswer,
  type SyncAnswer,
} from '../../src/coordinator/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { RecordCursor } from '../../src/records/index.ts'
import { type Command, type Play, playScript } from '../base/trace.ts'
import type { MemoryPartition } from '../ledger/memory-partition.ts'
import { GroupWorld } from './group-world.ts'

/**
 * Plays scripts of group requests:
 *
 *     config groupSizeMax=2 …                      settings, before anything else
 *     join a [v=9] [as=b] [instance=i] [protocols=range:x,sticky:y] [type=consumer] [session=…] [rebalance=…]
 *     sync a gen=1 [give=a:p0,b:p1] [protocol=range]
 *     beat a gen=1 · leave a,b · leave instance=i · commit a gen=1 orders-0=5 · commit - orders-0=5
 *     fetch [orders-0] · describe · list · delete · delete-offsets orders-0
 *     wait 3000 · failover · records · hold (commits) · release
 *
 * A member is named by the client that joined first under the name; `as=` joins with another's id, `as=-` without one.
 */
export const playGroups = (stageOf: StageOf = inMemory, group = 'g'): Play => {
  const player = new Player(stageOf, group)
  return (command) => player.play(command)
}

/** Gives the script back with the answers below each line. */
export const playTrace = (script: string, stageOf?: StageOf, group?: string): Promise<string> =>
  playScript(script, playGroups(stageOf, group))

/** Where a script is played: a coordinator, and the time that passes around it. */
export interface Stage {
  readonly coordinator: Pick<
    GroupCoordinator,
    | 'joinGroup'
    | 'syncGroup'
    | 'heartbeat'
    | 'leaveGroup'
    | 'commitOffsets'
    | 'fetchOffsets'
    | 'deleteOffsets'
    | 'describeGroups'
    | 'deleteGroups'
  >
  readonly world: Pick<GroupWorld['world'], 'run' | 'runFor'>
  client(apiVersion: number, clientId?: string): GroupClient
  /** Only in memory. */
  readonly partition?: MemoryPartition
  failOver?(): Promise<void>
}
export type StageOf = (config: Partial<GroupConfig>) => Promise<Stage>
const inMemory: StageOf = (config) => new GroupWorld(config).start()

class Player {
  readonly #stageOf: StageOf
  readonly #group: string
  #config: Partial<GroupConfig> = {}
  #world: Stage | undefined
  #told: string[] = []
  #ids = new Map<string, string>()
  #names = new Map<string, string>()
  #recordsShown = 0

  constructor(stageOf: StageOf, group: string) {
    this.#stageOf = stageOf
    this.#group = group
  }

  async play(command: Command): Promise<string[]> {
    if (command.name === 'config') {
      for (const [key, value] of command.options()) this.#config = { ...this.#config, [key]: Number(value) }
      return []
    }
    this.#world ??= await this.#stageOf(this.#config)
    this.#told = []
    const waitMs = command.name === 'wait' ? command.number() : 0
    if (command.name !== 'wait') await this.#run(this.#world, command)
    await this.#world.world.runFor(waitMs)
    return this.#told
  }

  #say(line: string): void {
    this.#told.push(line)
  }
  #idOf(name: string | undefined): string {
    return name === undefined || name === '-' ? '' : (this.#ids.get(name) ?? name)
  }
  #nameOf(id: string | null | undefined): string {
    if (id === null || id === undefined || id === '') return '-'
    // An id that its owner was not told yet: what precedes the uuid.
    return this.#names.get(id) ?? `~${id.slice(0, -37)}`
  }

  async #run(world: Stage, command: Command): Promise<void> {
    const { coordinator } = world
    switch (command.name) {
      case 'join':
        return this.#join(world, command)
      case 'sync':
        return this.#sync(world, command)
      case 'beat': {
        const name = command.word()
        const request = {
          groupId: this.#group,
          generationId: command.numberOption('gen') ?? -1,
          memberId: this.#idOf(name),
          groupInstanceId: command.option('instance') ?? null,
        }
        void coordinator.heartbeat(request).then(({ errorCode }) => this.#say(`${name}: ${errorText(errorCode)}`))
        return
      }
      case 'leave': {
        const byName = (command.maybeWord() ?? '').split(',').filter((name) => name !== '')
        const members = byName.map((name) => ({ memberId: this.#idOf(name), groupInstanceId: null, reason: null }))
        const instance = command.option('instance')
        if (instance !== undefined) members.push({ memberId: '', groupInstanceId: instance as never, reason: null })
        void coordinator.leaveGroup({ groupId: this.#group, memberId: '', members }, world.client(5)).then((answer) => {
          const errors = (answer.members ?? []).map((member) => `${this.#nameOf(member.memberId)} ${errorText(member.errorCode)}`)
          this.#say(`left: ${answer.errorCode ? errorText(answer.errorCode) : errors.join(', ')}`)
        })
        return
      }
      case 'commit':
        return this.#commit(world, command)
      case 'fetch':
        return this.#fetch(world)
      case 'delete-offsets': {
        const topics = command
          .words()
          .map((word) => ({ name: word.split('-')[0], partitions: [{ partitionIndex: Number(word.split('-')[1]) }] }))
        const answer = await world.world.run(() => coordinator.deleteOffsets({ groupId: this.#group, topics }))
        const partitions = (answer.topics ?? []).flatMap((topic) =>
          topic.partitions!.map((partition) => `${topic.name}-${partition.partitionIndex} ${errorText(partition.errorCode)}`),
        )
        return this.#say(answer.errorCode ? errorText(answer.errorCode) : partitions.join(', '))
      }
      case 'describe':
        return this.#describe(world)
      case 'delete': {
        const [{ errorCode }] = await world.world.run(() => coordinator.deleteGroups([this.#group]))
        return this.#say(errorText(errorCode))
      }
      case 'failover':
        await world.failOver!()
        this.#recordsShown = 0
        return
      case 'records':
        return this.#records(world)
      case 'hold':
        world.partition!.afterAppend = undefined
        return
      case 'release':
        world.partition!.afterAppend = (partition) => partition.commit()
        world.partition!.commit()
        return
      default:
        command.unknown()
    }
  }

  #join(world: Stage, command: Command): void {
    const name = command.word()
    const as = command.option('as')
    const protocols = (command.option('protocols') ?? 'range:all').split(',').map((text) => {
      const [protocol, metadata = ''] = text.split(':')
      return { name: protocol, metadata: Buffer.from(metadata) }
    })
    const request = {
      groupId: this.#group,
      sessionTimeoutMs: command.numberOption('session') ?? 45_000,
      rebalanceTimeoutMs: command.numberOption('rebalance') ?? 60_000,
      memberId: as !== undefined ? this.#idOf(as) : (this.#ids.get(name) ?? ''),
      groupInstanceId: command.option('instance') ?? null,
      protocolType: command.option('type') ?? 'opaque',
      protocols,
      reason: null,
    }
    void world.coordinator
      .joinGroup(request, world.client(command.numberOption('v') ?? 9, name))
      .then((answer) => this.#joined(name, answer))
  }

  #joined(name: string, answer: JoinAnswer): void {
    const { memberId = '', errorCode = 0 } = answer
    if (memberId !== '' && (errorCode === 0 || errorName(errorCode) === 'MEMBER_ID_REQUIRED') && !this.#names.has(memberId)) {
      const unique = [...this.#names.values()].includes(name) ? `${name}'` : name
      this.#names.set(memberId, unique)
      this.#ids.set(unique, memberId)
      this.#ids.set(name, memberId)
    }
    if (errorCode !== 0) return this.#say(`${name}: ${errorText(errorCode)} id=${this.#nameOf(memberId)}`)
    const members = (answer.members ?? []).map((member) => `${this.#nameOf(member.memberId)}:${Buffer.from(member.metadata!)}`)
    const skip = answer.skipAssignment ? ' skip assignment' : ''
    const list = members.length === 0 ? '' : ` members=${members.join(',')}`
    this.#say(
      `${name}: joined gen=${answer.generationId} protocol=${answer.protocolName} leader=${this.#nameOf(answer.leader)}${list}${skip}`,
    )
  }

  #sync(world: Stage, command: Command): void {
    const name = command.word()
    const assignments = (command.listOption('give') ?? []).map((text) => {
      const [member, assignment] = text.split(':')
      return { memberId: this.#idOf(member), assignment: Buffer.from(assignment) }
    })
    // From version 5 on a member says which protocol it joined with (KIP-559).
    const protocolName = command.option('protocol') ?? null
    const request = {
      groupId: this.#group,
      generationId: command.numberOption('gen') ?? -1,
      memberId: this.#idOf(name),
      groupInstanceId: command.option('instance') ?? null,
      protocolType: protocolName === null ? null : (command.option('type') ?? 'opaque'),
      protocolName,
      assignments,
    }
    void world.coordinator
      .syncGroup(request, world.client(protocolName === null ? 4 : 5))
      .then(({ errorCode = 0, assignment }: SyncAnswer) =>
        this.#say(`${name}: ${errorCode === 0 ? `assigned '${Buffer.from(assignment!)}'` : errorText(errorCode)}`),
      )
  }

  #commit(world: Stage, command: Command): void {
    const name = command.word()
    const generationIdOrMemberEpoch = command.numberOption('gen') ?? -1
    const groupInstanceId = command.option('instance') ?? null
    const retentionTimeMs = command.numberOption('retention') ?? -1
    const version = command.numberOption('v') ?? 8
    const topics = command.options().map(([key, value]) => ({
      name: key.split('-')[0],
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
      partitions: [
        {
          partitionIndex: Number(key.split('-')[1]),
          committedOffset: Number(value.split(':')[0]),
          committedLeaderEpoch: -1,
          committedMetadata: value.split(':')[1] ?? null,
        },
      ],
    }))
    const request = {
      groupId: this.#group,
      generationIdOrMemberEpoch,
      memberId: this.#idOf(name),
      groupInstanceId,
      retentionTimeMs,
      topics,
    }
    void world.coordinator
      .commitOffsets(request, world.client(version))
      .then((answer) =>
        this.#say(
          answer
            .topics!.flatMap((topic) =>
              topic.partitions!.map((partition) => `${topic.name}-${partition.partitionIndex} ${errorText(partition.errorCode)}`),
            )
            .join(', '),
        ),
      )
  }

  async #fetch(world: Stage): Promise<void> {
    const request = { groupId: this.#group, memberId: null, memberEpoch: -1, topics: null }
    const answer = await world.world.run(() => world.coordinator.fetchOffsets(request, false, 8))
    const offsets = answer.topics!.flatMap((topic) =>
      topic.partitions!.map((partition) => `${topic.name}-${partition.partitionIndex}=${partition.committedOffset}`),
    )
    this.#say(offsets.length === 0 ? 'no offsets' : offsets.join(', '))
  }

  async #describe(world: Stage): Promise<void> {
    const [group] = await world.world.run(() => world.coordinator.describeGroups([this.#group], world.client(6)))
    const members = (group.members ?? []).map(
      (member) =>
        `${this.#nameOf(member.memberId)}${member.groupInstanceId === null ? '' : `(${member.groupInstanceId})`}:${Buffer.from(member.memberAssignment!)}`,
    )
    this.#say(`${group.groupState} ${group.protocolData || '-'} ${members.join(' ')}`.trimEnd())
  }

  #records(world: Stage): void {
    const cursor = new RecordCursor()
    const lines: string[] = []
    for (const batch of world.partition!.batches) {
      cursor.open(batch, 0)
      while (cursor.next()) lines.push(recordText(cursor, (id) => this.#nameOf(id)))
    }
    for (const line of lines.slice(this.#recordsShown)) this.#say(line)
    this.#recordsShown = lines.length
  }
}

const errorText = (code: number | undefined): string => (code === undefined || code === 0 ? 'ok' : errorName(code))

const recordText = (cursor: RecordCursor, nameOf: (id: string | null) => string): string => {
  const record = decodeGroupRecord(cursor.key()!, cursor.value())
  if (record?.kind === 'offset') return `${record.topic}-${record.partition} ${record.commit === null ? 'tombstone' : record.commit.offset}`
  if (record?.kind !== 'classic') return 'another record'
  if (record.metadata === null) return 'group tombstone'
  const { generation, protocol, leader, members } = record.metadata
  const assigned = members.map((member) => `${nameOf(member.memberId)}:${Buffer.from(member.assignment)}`)
  return `group gen=${generation} protocol=${protocol ?? '-'} leader=${nameOf(leader)} ${assigned.join(' ')}`.trimEnd()
}
