import assert from 'node:assert/strict'
import { silentJournal } from '../../src/host/index.ts'
import { defaultLogConfig, OpenFiles, openLog } from '../../src/log/index.ts'
import type { PartitionRegistration } from '../../src/metadata/index.ts'
import { type ErrorCode, Errors, errorName } from '../../src/protocol/index.ts'
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../src/protocol/messages/alter-partition.ts'
import { BatchBuilder } from '../../src/records/index.ts'
import { IsrChanges } from '../../src/replica/index.ts'
import { Partition } from '../../src/replica/partition.ts'
import { type Faults, World } from '../../src/sim/index.ts'
import type { Command, Play } from '../base/trace.ts'

/**
 * Plays scripts to a partition that this broker, node 1, leads or follows. Its log is on a simulated disk:
 *
 *     partition replicas=1,2,3 isr=1,2,3 [leader=1] [epoch=1] [log=8] [min=2]   log: records that it holds when it begins
 *     broker 2 epoch=7 · broker 2 gone                   what the metadata says: an epoch, or that it may not be in sync
 *     append 3 [acks=1]                                  records; with acks=all it is told when they are replicated
 *     disk slow · disk fine                              while it is slow, what is written is not acknowledged
 *     fetch 2 10 [epoch=7]                               follower 2 holds all before offset 10
 *     wait 1000 · check                                  time; the look for followers that lag, after 1000 ms
 *     answer ok | ERROR | lost                           of the controller, to the request under way
 *     metadata isr=1,2 [leader=…] [epoch=…] [replicas=…]  the next partition epoch
 *     state
 */
export const playIsr = (): Play => {
  const player = new Player()
  return (command) => player.play(command)
}

const lagMaxMs = 1000
const self = 1
const ownEpoch = 9

class Player {
  readonly #faults: Faults = {}
  readonly #world = new World({ seed: 1, faults: this.#faults })
  readonly #host = this.#world.host('leader')
  readonly #brokers = new Map<number, number>()
  #partition: Partition | undefined
  #told: string[] = []
  #highWatermark = 0
  #appends = 0
  /** What the controller was asked and has not answered. */
  #asked: { request: AlterPartitionRequest; answer: PromiseWithResolvers<AlterPartitionResponse> } | undefined
  readonly #changes = new IsrChanges({
    ...{ clock: this.#host.clock, journal: silentJournal, nodeId: self, brokerEpoch: () => ownEpoch },
    send: (request) => this.#send(request),
  })

  async play(command: Command): Promise<string[]> {
    this.#told = []
    const waitMs = command.name === 'wait' ? command.number() : 1
    if (command.name !== 'wait') await this.#run(command)
    await this.#world.runFor(waitMs)
    this.#tellHighWatermark()
    return this.#told
  }

  #say(line: string): void {
    this.#told.push(line)
  }

  get #led(): Partition {
    assert.ok(this.#partition !== undefined, 'a script begins with a partition')
    return this.#partition
  }

  async #run(command: Command): Promise<void> {
    switch (command.name) {
      case 'partition':
        return this.#open(command)
      case 'broker': {
        const id = command.number()
        if (command.flag('gone')) this.#brokers.delete(id)
        else this.#brokers.set(id, command.numberOption('epoch') ?? id)
        return
      }
      case 'append':
        return this.#append(command.number(), command.option('acks') !== '1')
      case 'disk': {
        if (command.word() === 'slow') this.#faults.disk = ({ operation }) => (operation === 'write' ? { delayMs: 10_000 } : undefined)
        else delete this.#faults.disk
        return
      }
      case 'fetch': {
        const replicaId = command.number()
        const offset = command.number()
        const brokerEpoch = command.numberOption('epoch') ?? this.#brokers.get(replicaId) ?? -1
        return this.#answer(this.#led.followerFetched({ replicaId, brokerEpoch, offset, logStartOffset: 0 }))
      }
      case 'check':
        return this.#led.dropLaggingFollowers()
      case 'answer':
        return this.#answerAsked(command.word())
      case 'metadata':
        return this.#update(command)
      case 'state':
        return this.#state()
      default:
        command.unknown()
    }
  }

  async #open(command: Command): Promise<void> {
    const { clock, random, disk } = this.#host
    const registration: PartitionRegistration = {
      ...{ directories: [], removingReplicas: [], addingReplicas: [], elr: [], lastKnownElr: [], leaderRecoveryState: 0 },
      replicas: command.numbersOption('replicas') ?? [self],
      isr: command.numbersOption('isr') ?? [self],
      leader: command.numberOption('leader') ?? self,
      leaderEpoch: command.numberOption('epoch') ?? 1,
      partitionEpoch: 0,
    }
    for (const id of registration.replicas) if (id !== self) this.#brokers.set(id, id)
    const records = command.numberOption('log') ?? 0
    const config = { ...defaultLogConfig, minInsyncReplicas: command.numberOption('min') ?? 1 }
    const log = await this.#world.run(async () => {
      await disk.makeDirectory('/t-0')
      const files = new OpenFiles(disk, 10)
      const rules = { transactionVerification: false, producerIdExpirationMs: Number.MAX_SAFE_INTEGER }
      const context = { clock, random, disk, files, rules, journal: silentJournal, failed: () => {} }
      const load = { clean: true, recoveryPoint: 0, logStartOffset: 0 }
      return openLog({ topic: 't', partition: 0 }, { path: '/t-0' }, config, context, load)
    })
    const ground = {
      ...{ lagMaxMs, ownEpoch },
      monotonic: () => clock.monotonic(),
      eligibleEpoch: (id: number) => this.#brokers.get(id),
      proposeIsr: (partition: Partition, change: Parameters<IsrChanges['add']>[1]) => this.#changes.add(partition, change),
    }
    const identity = { topic: 't', topicId: 'B4mSPPvSQsuUvMGxX-rwYQ', index: 0 }
    const follower = { ...registration, leader: -1, leaderEpoch: registration.leaderEpoch - 1, partitionEpoch: -1 }
    this.#partition = new Partition(identity, log, follower, self, silentJournal, ground)
    if (records > 0) this.#partition.appendFromLeader(this.#batch(records, 0), 0, 0)
    await this.#world.runFor(10)
    this.#partition.update(registration)
  }

  #batch(count: number, base: number): Buffer {
    const builder = new BatchBuilder({ baseOffset: base, leaderEpoch: this.#led.leaderEpoch })
    for (let record = 0; record < count; record++) builder.append(this.#host.clock.now(), null, Buffer.from('value'))
    return builder.close()
  }

  #append(count: number, acksAll: boolean): void {
    const request = { origin: 'client', acksAll, zstdAllowed: true } as const
    const appended = this.#led.append(this.#batch(count, 0), request, this.#host.clock.now())
    if (appended.errorCode !== Errors.NONE) return this.#say(errorName(appended.errorCode))
    const number = ++this.#appends
    this.#say(`append ${number} at ${appended.baseOffset}`)
    if (acksAll)
      this.#led.whenReplicated(appended.endOffset, (code) => this.#say(`append ${number} ${code === 0 ? 'acknowledged' : errorName(code)}`))
  }

  #answer(code: ErrorCode): void {
    if (code !== Errors.NONE) this.#say(errorName(code))
  }

  #send(request: AlterPartitionRequest): Promise<AlterPartitionResponse> {
    const answer = Promise.withResolvers<AlterPartitionResponse>()
    this.#asked = { request, answer }
    for (const { partitions } of request.topics)
      for (const { newIsrWithEpochs, leaderEpoch, partitionEpoch } of partitions) {
        const members = newIsrWithEpochs.map(({ brokerId, brokerEpoch }) => `${brokerId}/${brokerEpoch}`)
        this.#say(`asks the controller for isr ${members} at leader epoch ${leaderEpoch}, partition epoch ${partitionEpoch}`)
      }
    return answer.promise
  }

  #answerAsked(word: string): void {
    const asked = this.#asked
    assert.ok(asked !== undefined, 'the controller was not asked')
    this.#asked = undefined
    if (word === 'lost') return asked.answer.reject(new Error('lost'))
    const errorCode = word === 'ok' ? Errors.NONE : (Errors as Record<string, ErrorCode>)[word]
    assert.ok(errorCode !== undefined, `no such error: ${word}`)
    const topics = asked.request.topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({
        ...{ partitionIndex, errorCode, leaderId: 0, leaderEpoch: 0, isr: [], leaderRecoveryState: 0, partitionEpoch: 0 },
      })),
    }))
    asked.answer.resolve({ throttleTimeMs: 0, errorCode: Errors.NONE, topics })
  }

  #update(command: Command): void {
    const { registration } = this.#led
    this.#led.update({
      ...registration,
      partitionEpoch: registration.partitionEpoch + 1,
      isr: command.numbersOption('isr') ?? registration.isr,
      replicas: command.numbersOption('replicas') ?? registration.replicas,
      leader: command.numberOption('leader') ?? registration.leader,
      leaderEpoch: command.numberOption('epoch') ?? registration.leaderEpoch,
    })
  }

  #tellHighWatermark(): void {
    const { highWatermark } = this.#led.log
    if (highWatermark !== this.#highWatermark) this.#say(`high watermark ${highWatermark}`)
    this.#highWatermark = highWatermark
  }

  #state(): void {
    const { log, registration, isLeader, isUnderMinIsr } = this.#led
    const words = [`${isLeader ? 'leads' : 'follows'} in epoch ${registration.leaderEpoch}`, `isr ${registration.isr}`]
    words.push(`log to ${log.logEndOffset}`, `high watermark ${log.highWatermark}`)
    if (isUnderMinIsr) words.push('under the minimum')
    this.#say(words.join(', '))
  }
}
