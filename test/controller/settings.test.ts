import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeClientQuotas, describeUserScramCredentials } from '../../src/controller/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { Scene } from './scene.ts'

const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]
const TOPIC = 2
const BROKER = 4

describe('IncrementalAlterConfigs', () => {
  const alter = (
    scene: Scene,
    resourceType: number,
    resourceName: string,
    operations: [string, number, string | null][],
    validateOnly = false,
  ) =>
    scene.outcome(
      scene.request('IncrementalAlterConfigs', {
        resources: [
          { resourceType, resourceName, configs: operations.map(([name, configOperation, value]) => ({ name, configOperation, value })) },
        ],
        validateOnly,
      }).responses[0],
    )
  const policy = (scene: Scene) => scene.state.image.configs.of(TOPIC, 'a').get('cleanup.policy')

  test('sets, deletes, appends and subtracts', () => {
    const scene = new Scene().join(1)
    scene.create('a')
    assert.equal(alter(scene, TOPIC, 'a', [['cleanup.policy', APPEND, 'compact']]), 'NONE')
    assert.equal(policy(scene), 'delete,compact')
    assert.equal(alter(scene, TOPIC, 'a', [['cleanup.policy', SUBTRACT, 'delete']]), 'NONE')
    assert.equal(policy(scene), 'compact')
    assert.equal(alter(scene, TOPIC, 'a', [['cleanup.policy', SET, 'delete']], true), 'NONE')
    assert.equal(policy(scene), 'compact')
    assert.equal(alter(scene, TOPIC, 'a', [['cleanup.policy', DELETE, null]]), 'NONE')
    assert.equal(policy(scene), undefined)
  })

  test('writes nothing for a topic whose values stay, but does for a broker, which may have to reload', () => {
    const scene = new Scene().join(1)
    scene.create('a', {}, { 'retention.ms': '1' })
    const written = (resourceType: number, resourceName: string, name: string) => {
      const before = scene.state.nextOffset
      assert.equal(alter(scene, resourceType, resourceName, [[name, SET, '1']]), 'NONE')
      return scene.state.nextOffset - before
    }
    assert.equal(written(TOPIC, 'a', 'retention.ms'), 0)
    assert.deepEqual([written(BROKER, '1', 'num.io.threads'), written(BROKER, '1', 'num.io.threads')], [1, 1])
  })

  test('all of a resource or nothing', () => {
    const scene = new Scene().join(1)
    scene.create('a')
    assert.match(
      alter(scene, TOPIC, 'a', [
        ['retention.ms', SET, '5'],
        ['zz', SET, '1'],
      ]),
      /^INVALID_CONFIG/,
    )
    assert.equal(scene.state.image.configs.of(TOPIC, 'a').size, 0)
  })

  test('refuses what cannot be', () => {
    const scene = new Scene().join(1)
    scene.create('a')
    const ask = (type: number, name: string, operation = SET, value: string | null = '1', key = 'retention.ms') =>
      alter(scene, type, name, [[key, operation, value]])
    assert.equal(ask(TOPIC, 'zz'), "UNKNOWN_TOPIC_OR_PARTITION: The topic 'zz' does not exist.")
    assert.equal(ask(TOPIC, ''), 'INVALID_REQUEST: Default topic resources are not allowed.')
    assert.match(ask(TOPIC, 'a b'), /^INVALID_TOPIC_EXCEPTION/)
    assert.equal(ask(BROKER, 'x'), 'INVALID_REQUEST: Unable to parse broker name as a base 10 number.')
    assert.equal(ask(BROKER, '-1'), 'INVALID_REQUEST: Invalid negative broker ID.')
    assert.equal(ask(BROKER, '7'), 'BROKER_ID_NOT_REGISTERED: No node with id 7 found.')
    assert.equal(ask(BROKER, '100'), 'NONE', 'a controller')
    assert.equal(ask(BROKER, ''), 'NONE', 'all brokers')
    assert.equal(ask(32, ''), 'INVALID_REQUEST: Default group resources are not allowed.')
    assert.equal(ask(99, 'a'), 'UNSUPPORTED_VERSION: Unknown resource type 99.')
    assert.match(ask(8, '1'), /^INVALID_REQUEST: Unexpected resource type BROKER_LOGGER/)
    assert.equal(ask(TOPIC, 'a', APPEND), "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.")
    assert.match(ask(TOPIC, 'a', 9), /^INVALID_REQUEST/)
    assert.match(ask(TOPIC, 'a', APPEND, null, 'cleanup.policy'), /^INVALID_REQUEST/)
    assert.match(ask(BROKER, '', SET, 'x'.repeat(32768), 'k'), /^INVALID_CONFIG: .*maximum value size of 32767/)
    const twice = { resourceType: TOPIC, resourceName: 'a', configs: [] }
    const { responses } = scene.request('IncrementalAlterConfigs', { resources: [twice, twice], validateOnly: false })
    assert.deepEqual(
      responses.map((one) => scene.outcome(one)),
      ['INVALID_REQUEST: Duplicate resource.'],
    )
  })

  test('the minimum of in-sync replicas belongs to the cluster while replicas are eligible by it', () => {
    const scene = new Scene().join(1)
    const key = 'min.insync.replicas'
    assert.match(
      alter(scene, BROKER, '1', [[key, SET, '2']]),
      /^INVALID_CONFIG: Broker-level min.insync.replicas cannot be altered while ELR is enabled/,
    )
    assert.match(alter(scene, BROKER, '', [[key, DELETE, null]]), /^INVALID_CONFIG: Cluster-level min.insync.replicas cannot be removed/)
    const decision = scene.decide('IncrementalAlterConfigs', {
      resources: [{ resourceType: BROKER, resourceName: '', configs: [{ name: key, configOperation: SET, value: '2' }] }],
      validateOnly: false,
    })
    assert.deepEqual(
      decision.records.map(({ name }) => name),
      ['ConfigRecord', 'ClearElrRecord'],
    )
  })
})

test('AlterConfigs replaces: what is not named goes', () => {
  const scene = new Scene().join(1)
  scene.create('a', {}, { 'retention.ms': '1', 'cleanup.policy': 'compact' })
  const request = {
    resources: [{ resourceType: TOPIC, resourceName: 'a', configs: [{ name: 'retention.ms', value: '2' }] }],
    validateOnly: false,
  }
  assert.equal(scene.outcome(scene.request('AlterConfigs', request).responses[0]), 'NONE')
  assert.deepEqual([...scene.state.image.configs.of(TOPIC, 'a')], [['retention.ms', '2']])
})

describe('UpdateFeatures', () => {
  const update = (scene: Scene, feature: string, maxVersionLevel: number, upgradeType = 1, validateOnly = false) => {
    const featureUpdates = [{ feature, maxVersionLevel, allowDowngrade: false, upgradeType }]
    return scene.outcome(scene.request('UpdateFeatures', { timeoutMs: 0, featureUpdates, validateOnly }))
  }
  const prefix = /^INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an error: /

  test('goes up and down within what nodes support', () => {
    const scene = new Scene().join(1)
    assert.equal(update(scene, 'group.version', 0, 2), 'NONE')
    assert.equal(scene.state.image.features.has('group.version'), false)
    assert.equal(update(scene, 'group.version', 1, 1, true), 'NONE')
    assert.equal(scene.state.image.features.has('group.version'), false)
    assert.equal(update(scene, 'group.version', 1), 'NONE')
    assert.equal(scene.state.image.features.get('group.version'), 1)
  })

  test('refuses what is not safe, not supported or unknown', () => {
    const scene = new Scene().join(1)
    const refuse = (outcome: string, why: RegExp) => {
      assert.match(outcome, prefix)
      assert.match(outcome, why)
    }
    refuse(update(scene, 'group.version', 0), /Can't downgrade the version of this feature without/)
    refuse(update(scene, 'group.version', 9), /Local controller 100 only supports versions 0-1/)
    refuse(update(scene, 'what.version', 1), /Local controller 100 does not support this feature/)
    refuse(update(scene, 'group.version', -1), /cannot be less than 0/)
    refuse(update(scene, 'group.version', 1, 0), /does not support the given upgrade type/)
    refuse(update(scene, 'metadata.version', 29, 2), /Refusing to perform the requested downgrade/)
    refuse(update(scene, 'metadata.version', 29, 3), /Unsafe metadata downgrade is not supported/)
    refuse(
      update(scene, 'transaction.version', 2, 2).replace(
        'NONE',
        'INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an error: same',
      ),
      /same/,
    )
  })

  test('raises kraft.version only when nothing refuses the others', () => {
    const raised: number[] = []
    const upgrade = (level: number, validateOnly: boolean) => {
      if (!validateOnly) raised.push(level)
      return undefined
    }
    const scene = new Scene({ settings: { kraftVersion: { level: 0, upgrade } } }).join(1)
    const both = (level: number) => {
      const featureUpdates = [
        { feature: 'kraft.version', maxVersionLevel: 1, allowDowngrade: false, upgradeType: 1 },
        { feature: 'group.version', maxVersionLevel: level, allowDowngrade: false, upgradeType: 1 },
      ]
      return scene.outcome(scene.request('UpdateFeatures', { timeoutMs: 0, featureUpdates, validateOnly: false }))
    }
    assert.match(both(99), /group.version/)
    assert.deepEqual(raised, [])
    assert.equal(both(1), 'NONE')
    assert.deepEqual(raised, [1])
  })

  test('a level that did not change metadata may be left again', () => {
    const scene = new Scene({ metadataVersion: 27 }).join(1)
    assert.equal(update(scene, 'metadata.version', 29), 'NONE')
    assert.equal(update(scene, 'metadata.version', 27, 2), 'NONE')
    assert.equal(scene.state.image.metadataVersion, 27)
    assert.match(update(scene, 'metadata.version', 22, 2), /downgrade from 27 to 22/)
  })

  test('enabling eligible replicas pins one minimum for the cluster', () => {
    const scene = new Scene({ metadataVersion: 25 }).join(1)
    const set = (resourceName: string, value: string) =>
      scene.request('IncrementalAlterConfigs', {
        resources: [{ resourceType: BROKER, resourceName, configs: [{ name: 'min.insync.replicas', configOperation: SET, value }] }],
        validateOnly: false,
      })
    set('1', '2')
    assert.equal(update(scene, 'eligible.leader.replicas.version', 1), 'NONE')
    assert.equal(scene.state.image.isElrEnabled, true)
    assert.equal(scene.state.image.configs.of(BROKER, '').get('min.insync.replicas'), '1')
    assert.equal(scene.state.image.configs.of(BROKER, '1').size, 0)
  })
})

describe('client quotas', () => {
  type Part = [string, string | null]
  const alter = (scene: Scene, entity: Part[], ops: [string, number | null][]) =>
    scene.outcome(
      scene.request('AlterClientQuotas', {
        entries: [
          {
            entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
            ops: ops.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
          },
        ],
        validateOnly: false,
      }).entries[0],
    )
  const describeAll = (scene: Scene, components: [string, number, string | null][], strict = false) => {
    const answer = describeClientQuotas(scene.state.image, {
      components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
      strict,
    })
    if (answer.errorCode !== 0) return scene.outcome(answer)
    return answer.entries!.map(
      ({ entity, values }) =>
        `${entity.map(({ entityType, entityName }) => `${entityType}:${entityName}`)} ${values.map(({ key, value }) => `${key}=${value}`)}`,
    )
  }

  test('are set, changed, described and removed', () => {
    const scene = new Scene()
    assert.equal(alter(scene, [['user', 'u']], [['producer_byte_rate', 1000]]), 'NONE')
    assert.equal(
      alter(
        scene,
        [
          ['user', 'u'],
          ['client-id', null],
        ],
        [['request_percentage', 12.5]],
      ),
      'NONE',
    )
    assert.equal(alter(scene, [['ip', '10.0.0.1']], [['connection_creation_rate', 3]]), 'NONE')
    assert.deepEqual(describeAll(scene, [['user', 0, 'u']]), [
      'user:u producer_byte_rate=1000',
      'user:u,client-id:null request_percentage=12.5',
    ])
    assert.deepEqual(describeAll(scene, [['user', 0, 'u']], true), ['user:u producer_byte_rate=1000'])
    assert.deepEqual(describeAll(scene, [['client-id', 1, null]]), ['user:u,client-id:null request_percentage=12.5'])
    assert.deepEqual(describeAll(scene, [['ip', 2, null]]), ['ip:10.0.0.1 connection_creation_rate=3'])
    assert.equal(
      alter(
        scene,
        [
          ['client-id', null],
          ['user', 'u'],
        ],
        [['request_percentage', null]],
      ),
      'NONE',
    )
    assert.equal(scene.state.image.clientQuotas.byKey.size, 2)
  })

  test('refuse what makes no sense', () => {
    const scene = new Scene()
    assert.match(alter(scene, [], [['producer_byte_rate', 1]]), /^INVALID_REQUEST: Invalid empty client quota entity/)
    assert.match(alter(scene, [['moon', 'x']], []), /^INVALID_REQUEST: Unhandled client quota entity type: moon/)
    assert.match(alter(scene, [['user', '']], []), /^INVALID_REQUEST: Empty user not supported/)
    assert.match(
      alter(
        scene,
        [
          ['ip', '1.2.3.4'],
          ['user', 'u'],
        ],
        [],
      ),
      /^INVALID_REQUEST: Invalid quota entity combination/,
    )
    assert.match(alter(scene, [['ip', '1.2.3.999']], []), /^INVALID_REQUEST: 1.2.3.999 is not a valid IP/)
    assert.match(alter(scene, [['user', 'u']], [['nonsense', 1]]), /^INVALID_REQUEST: Invalid configuration key nonsense/)
    assert.match(alter(scene, [['user', 'u']], [['producer_byte_rate', 0]]), /must be greater than 0/)
    assert.match(alter(scene, [['user', 'u']], [['producer_byte_rate', 1.5]]), /cannot be a fractional value/)
    assert.match(alter(scene, [['ip', null]], [['connection_creation_rate', 2 ** 31]]), /too large for an INT/)
    assert.match(String(describeAll(scene, [['moon', 0, 'x']])), /^UNSUPPORTED_VERSION/)
    assert.match(String(describeAll(scene, [['user', 0, null]])), /^INVALID_REQUEST/)
    assert.match(String(describeAll(scene, [['user', 9, null]])), /^INVALID_REQUEST: Unknown match type 9/)
    assert.match(
      String(
        describeAll(scene, [
          ['user', 2, null],
          ['ip', 2, null],
        ]),
      ),
      /^INVALID_REQUEST: Invalid entity filter/,
    )
  })
})

describe('SCRAM credentials', () => {
  const upsert = (name: string, over: { mechanism?: number; iterations?: number } = {}) => ({
    name,
    mechanism: 1,
    iterations: 4096,
    salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
    saltedPassword: Buffer.from('xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=', 'base64'),
    ...over,
  })
  const ask = (scene: Scene, upsertions: ReturnType<typeof upsert>[], deletions: { name: string; mechanism: number }[] = []) =>
    scene.request('AlterUserScramCredentials', { upsertions, deletions }).results.map((one) => `${one.user} ${scene.outcome(one)}`)

  test('keep derived keys only (the salted password of RFC 7677)', () => {
    const scene = new Scene()
    assert.deepEqual(ask(scene, [upsert('user')]), ['user NONE'])
    const { storedKey, serverKey, iterations } = scene.state.image.scram.get(1, 'user')!
    assert.equal(storedKey.toString('base64'), 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=')
    assert.equal(serverKey.toString('base64'), 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=')
    assert.equal(iterations, 4096)
    const described = describeUserScramCredentials(scene.state.image, { users: [{ name: 'user' }, { name: 'nobody' }] })
    assert.deepEqual(
      described.results.map(({ user, errorCode, credentialInfos }) => [user, errorCode, credentialInfos]),
      [
        ['user', 0, [{ mechanism: 1, iterations: 4096 }]],
        ['nobody', Errors.RESOURCE_NOT_FOUND, []],
      ],
    )
    assert.deepEqual(ask(scene, [], [{ name: 'user', mechanism: 1 }]), ['user NONE'])
    assert.deepEqual(describeUserScramCredentials(scene.state.image, { users: null }).results, [])
  })

  test('refuse bad ones, and a user named twice', () => {
    const scene = new Scene()
    assert.deepEqual(ask(scene, [upsert('')]), [' UNACCEPTABLE_CREDENTIAL: Username must not be empty'])
    assert.deepEqual(ask(scene, [upsert('u', { mechanism: 3 })]), ['u UNSUPPORTED_SASL_MECHANISM: Unknown SCRAM mechanism'])
    assert.deepEqual(ask(scene, [upsert('u', { iterations: 4095 })]), ['u UNACCEPTABLE_CREDENTIAL: Too few iterations'])
    assert.deepEqual(ask(scene, [upsert('u', { iterations: 16385 })]), ['u UNACCEPTABLE_CREDENTIAL: Too many iterations'])
    assert.match(ask(scene, [], [{ name: 'u', mechanism: 1 }])[0], /RESOURCE_NOT_FOUND/)
    assert.match(ask(scene, [upsert('u'), upsert('u', { mechanism: 2 })])[0], /DUPLICATE_RESOURCE/)
    assert.equal(scene.state.image.scram.byMechanism.size, 0)
    assert.match(ask(new Scene({ metadataVersion: 10 }), [upsert('u')])[0], /UNSUPPORTED_VERSION/)
  })
})
