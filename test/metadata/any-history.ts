import assert from 'node:assert/strict'
import {
  bootstrapRecords,
  MetadataImage,
  type MetadataRecord,
  type MetadataRecordName,
  metadataRecord,
  newClusterFeatureLevels,
} from '../../src/metadata/index.ts'

const uuid = (number: number): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(number + 1000, 12)
  return bytes.toString('base64url')
}

/** Small choices, so that names, values and registrations come back. */
class Dice {
  #state: number
  constructor(seed: number) {
    this.#state = seed
  }
  below(sides: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * sides)
  }
  yes(): boolean {
    return this.below(2) === 0
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
  /** Nothing when there is nothing to choose. */
  ofAny<T>(choices: Iterable<T>): T | undefined {
    const list = [...choices]
    return list.length === 0 ? undefined : this.of(list)
  }
  some<T>(choices: readonly T[]): T[] {
    return choices.filter(() => this.yes())
  }
}

type Maker = (history: History, dice: Dice) => MetadataRecord | undefined
const BROKERS = [1, 2, 3]
const ENDPOINT = { name: 'PLAINTEXT', host: 'a', port: 9092, securityProtocol: 0 }
const RANGE = { name: 'group.version', minSupportedVersion: 0 }

/** A record that fits what the history made so far, as a controller writes it; nothing when there is none. */
const makers: Record<MetadataRecordName, Maker> = {
  TopicRecord: ({ image, offset }, dice) => {
    const name = `t${dice.below(2)}`
    return image.topic(name) === undefined ? metadataRecord('TopicRecord', 0, { name, topicId: uuid(offset) }) : undefined
  },
  RemoveTopicRecord: ({ image }, dice) => {
    const topic = dice.ofAny(image.topicsById.values())
    return topic && metadataRecord('RemoveTopicRecord', 0, { topicId: topic.id })
  },
  PartitionRecord: ({ image }, dice) => {
    const topic = dice.ofAny(image.topicsById.values())
    const isr = dice.some(BROKERS)
    return (
      topic &&
      metadataRecord('PartitionRecord', 2, {
        topicId: topic.id,
        partitionId: topic.partitions.size,
        replicas: BROKERS,
        directories: BROKERS.map((id) => uuid(id)),
        isr,
        leader: isr[0] ?? -1,
        leaderEpoch: 0,
        partitionEpoch: 0,
      })
    )
  },
  PartitionChangeRecord: ({ image }, dice) => {
    const topic = dice.ofAny(image.topicsById.values())
    const partitionId = dice.ofAny(topic?.partitions.keys() ?? [])
    if (topic === undefined || partitionId === undefined) return undefined
    const moves = dice.yes()
    const known = topic.partitions.get(partitionId)!.directories
    const eligible = image.isElrEnabled && dice.yes()
    return metadataRecord('PartitionChangeRecord', 2, {
      topicId: topic.id,
      partitionId,
      isr: dice.of([null, [1], [1, 2], []]),
      leader: dice.of([-2, -1, 1, 2]),
      leaderRecoveryState: dice.of([-1, 0, 1]),
      replicas: moves ? [1, 2] : null,
      directories: moves ? [uuid(1), uuid(2)] : dice.of([null, known.map((_, at) => (at === 0 ? uuid(7) : known[at]!))]),
      removingReplicas: dice.of([null, [], [3]]),
      addingReplicas: dice.of([null, [], [2]]),
      eligibleLeaderReplicas: eligible ? dice.of([[], [2], [3]]) : null,
      lastKnownElr: eligible ? dice.of([[], [1]]) : null,
    })
  },
  ClearElrRecord: ({ image }, dice) => {
    const topicName = dice.of(['', ...image.topicsByName.keys()])
    return metadataRecord('ClearElrRecord', 0, { topicName })
  },
  ConfigRecord: ({ image }, dice) => {
    const resourceType = dice.of([2, 2, 2, 2, 2, 4, 16, 32])
    const resourceName = resourceType === 2 ? dice.ofAny(image.topicsByName.keys()) : dice.of(['', '1'])
    const [name, value] = [`k${dice.below(2)}`, dice.of([null, 'v0', 'v0', 'v1'])]
    return resourceName === undefined ? undefined : metadataRecord('ConfigRecord', 0, { resourceType, resourceName, name, value })
  },
  RegisterBrokerRecord: ({ offset }, dice) =>
    metadataRecord('RegisterBrokerRecord', 4, {
      brokerId: dice.of(BROKERS),
      brokerEpoch: offset,
      incarnationId: uuid(dice.below(3)),
      endPoints: dice.some([ENDPOINT]),
      features: [{ ...RANGE, maxSupportedVersion: dice.below(2) }],
      rack: dice.of([null, 'a']),
      fenced: dice.yes(),
      inControlledShutdown: dice.yes(),
      logDirs: dice.some([uuid(1), uuid(2)]),
      cordonedLogDirs: dice.of([null, [], [uuid(1)]]),
    }),
  UnregisterBrokerRecord: ({ image }, dice) => {
    const broker = dice.ofAny(image.brokers.values())
    return broker && metadataRecord('UnregisterBrokerRecord', 0, { brokerId: broker.id, brokerEpoch: broker.epoch })
  },
  FenceBrokerRecord: ({ image }, dice) => {
    const broker = dice.ofAny(image.brokers.values())
    return broker && metadataRecord('FenceBrokerRecord', 0, { id: broker.id, epoch: broker.epoch })
  },
  UnfenceBrokerRecord: ({ image }, dice) => {
    const broker = dice.ofAny(image.brokers.values())
    return broker && metadataRecord('UnfenceBrokerRecord', 0, { id: broker.id, epoch: broker.epoch })
  },
  BrokerRegistrationChangeRecord: ({ image }, dice) => {
    const broker = dice.ofAny(image.brokers.values())
    return (
      broker &&
      metadataRecord('BrokerRegistrationChangeRecord', 3, {
        brokerId: broker.id,
        brokerEpoch: broker.epoch,
        fenced: dice.of([-1, 0, 1]),
        inControlledShutdown: dice.below(2),
        logDirs: dice.some([uuid(1), uuid(2)]),
        cordonedLogDirs: dice.of([null, [], [uuid(2)]]),
      })
    )
  },
  RegisterControllerRecord: (_, dice) =>
    metadataRecord('RegisterControllerRecord', 0, {
      controllerId: dice.of(BROKERS),
      incarnationId: uuid(dice.below(3)),
      endPoints: dice.some([ENDPOINT]),
      features: [{ ...RANGE, maxSupportedVersion: dice.below(2) }],
    }),
  FeatureLevelRecord: ({ image }, dice) => {
    const holdsElr = [...image.topicsById.values()].some(({ partitions }) =>
      [...partitions.values()].some(({ elr, lastKnownElr }) => elr.length + lastKnownElr.length > 0),
    )
    const [name, featureLevel] = dice.of<readonly [string, number]>([
      ['metadata.version', 30 + dice.below(2)],
      ['group.version', dice.below(2)],
      ['share.version', dice.below(2)],
      // A snapshot has no place for eligible leaders below level 1, in Kafka either.
      ['eligible.leader.replicas.version', holdsElr ? 1 : dice.below(2)],
    ])
    return metadataRecord('FeatureLevelRecord', 0, { name, featureLevel })
  },
  ClientQuotaRecord: (_, dice) =>
    metadataRecord('ClientQuotaRecord', 0, {
      entity: [
        { entityType: 'user', entityName: dice.of([null, 'u']) },
        ...(dice.yes() ? [{ entityType: 'client-id', entityName: dice.of([null, 'c']) }] : []),
      ],
      key: dice.of(['producer_byte_rate', 'request_percentage']),
      value: dice.below(3),
      remove: dice.below(3) === 0,
    }),
  ProducerIdsRecord: ({ image }, dice) =>
    metadataRecord('ProducerIdsRecord', 0, { brokerId: dice.of(BROKERS), nextProducerId: Math.max(0, image.nextProducerId) + 1000 }),
  AccessControlEntryRecord: (_, dice) =>
    metadataRecord('AccessControlEntryRecord', 0, {
      id: uuid(dice.below(4)),
      resourceType: 2,
      resourceName: dice.of(['x', 'y']),
      patternType: 3,
      principal: 'User:a',
      host: '*',
      operation: dice.of([3, 4]),
      permissionType: 3,
    }),
  RemoveAccessControlEntryRecord: ({ image }, dice) => {
    const id = dice.ofAny(image.acls.keys())
    return id === undefined ? undefined : metadataRecord('RemoveAccessControlEntryRecord', 0, { id })
  },
  UserScramCredentialRecord: (_, dice) =>
    metadataRecord('UserScramCredentialRecord', 0, {
      name: dice.of(['u', 'v']),
      mechanism: dice.of([1, 2]),
      salt: Buffer.from([dice.below(2)]),
      storedKey: Buffer.from([dice.below(2)]),
      serverKey: Buffer.from([dice.below(2)]),
      iterations: 4096 + dice.below(2),
    }),
  RemoveUserScramCredentialRecord: ({ image }, dice) => {
    const known = dice.ofAny(
      [...image.scram.byMechanism].flatMap(([mechanism, users]) => [...users.keys()].map((name) => ({ mechanism, name }))),
    )
    return known && metadataRecord('RemoveUserScramCredentialRecord', 0, known)
  },
  DelegationTokenRecord: (_, dice) =>
    metadataRecord('DelegationTokenRecord', 0, {
      tokenId: dice.of(['a', 'b']),
      owner: dice.of(['User:a', 'User:b']),
      requester: 'User:a',
      renewers: dice.some(['User:c']),
      issueTimestamp: 1,
      maxTimestamp: 9,
      expirationTimestamp: dice.below(3),
    }),
  RemoveDelegationTokenRecord: ({ image }, dice) => {
    const tokenId = dice.ofAny(image.delegationTokens.keys())
    return tokenId === undefined ? undefined : metadataRecord('RemoveDelegationTokenRecord', 0, { tokenId })
  },
  NoOpRecord: () => metadataRecord('NoOpRecord', 0, {}),
  ZkMigrationStateRecord: () => metadataRecord('ZkMigrationStateRecord', 0, {}),
  BeginTransactionRecord: ({ saved }) => (saved === undefined ? metadataRecord('BeginTransactionRecord', 0, { name: 'x' }) : undefined),
  EndTransactionRecord: ({ saved }) => (saved === undefined ? undefined : metadataRecord('EndTransactionRecord', 0, {})),
  AbortTransactionRecord: ({ saved }) => (saved === undefined ? undefined : metadataRecord('AbortTransactionRecord', 0, {})),
}
export const recordNames = Object.keys(makers) as MetadataRecordName[]

/** Topics that come and go with their settings have the most ways to go wrong; transactions are short. */
const weightOf = (name: MetadataRecordName): number =>
  name === 'ConfigRecord' ? 16 : /Topic/.test(name) ? 6 : /^(End|Abort)/.test(name) ? 3 : 1
const drawn = recordNames.flatMap((name) => new Array<MetadataRecordName>(weightOf(name)).fill(name))

/** A log as a controller could have written it. */
export class History {
  readonly records: MetadataRecord[] = []
  /** As its writer sees it: with what the transaction under way did. */
  image = new MetadataImage()
  /** As it was before the transaction under way. */
  saved: MetadataImage | undefined

  constructor(choices: readonly number[]) {
    const levels = newClusterFeatureLevels()
    assert.ok(typeof levels !== 'string')
    for (const record of bootstrapRecords(levels)) this.#write(record)
    for (const choice of choices) {
      const dice = new Dice(choice)
      const record = makers[dice.of(drawn)](this, dice)
      if (record !== undefined) this.#write(record)
    }
  }
  get offset(): number {
    return this.records.length
  }
  #write(record: MetadataRecord): void {
    if (record.name === 'BeginTransactionRecord') this.saved = this.image.copy()
    else if (record.name === 'AbortTransactionRecord') this.image = this.saved!
    else if (record.name !== 'EndTransactionRecord') this.image.replay(record, this.offset)
    if (record.name === 'AbortTransactionRecord' || record.name === 'EndTransactionRecord') this.saved = undefined
    this.records.push(record)
  }
}
