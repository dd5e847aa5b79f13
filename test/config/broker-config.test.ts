import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BrokerConfig,
  groupValue,
  nodeFaults,
  nodeWarnings,
  parseProperties,
  RACK_AWARE_SELECTOR,
  topicValue,
  topicValues,
} from '../../src/config/index.ts'

const minimal = `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9093
listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
`
const layer = (text: string): Map<string, string> => parseProperties(text)

function node(text = '', dynamic: { dynamicBroker?: Map<string, string>; dynamicDefault?: Map<string, string> } = {}): BrokerConfig {
  const config = BrokerConfig.read(layer(minimal + text), dynamic)
  assert.ok(config instanceof BrokerConfig, JSON.stringify(config))
  return config
}

describe('the settings of a node', () => {
  test('come from this broker, then all brokers, then the file, then the default', () => {
    assert.equal(node().get('num.io.threads'), 8)
    assert.equal(node('num.io.threads=5').get('num.io.threads'), 5)
    const all = node('num.io.threads=5', { dynamicDefault: layer('num.io.threads=6') })
    assert.equal(all.get('num.io.threads'), 6)
    const one = all.withDynamic({ dynamicBroker: layer('num.io.threads=7') })
    assert.equal(one.get('num.io.threads'), 7)
    assert.equal(all.get('num.io.threads'), 6)
  })

  test('have types that the compiler knows', () => {
    const partitions: number = node().get('num.partitions')
    const rack: string | null = node().get('broker.rack')
    const kind: 'CreateTime' | 'LogAppendTime' = node().get('log.message.timestamp.type')
    // @ts-expect-error: no such key
    assert.throws(() => node().get('num.partition'))
    // @ts-expect-error: not a boolean
    const wrong: boolean = node().get('num.partitions')
    assert.deepEqual([partitions, rack, kind, wrong], [1, null, 'CreateTime', 1])
  })

  test('may differ by listener', () => {
    const config = node('ssl.client.auth=required\nlistener.name.internal.ssl.client.auth=none')
    assert.equal(config.get('ssl.client.auth', 'INTERNAL'), 'none')
    assert.equal(config.get('ssl.client.auth', 'EXTERNAL'), 'required')
  })

  test('node.id and broker.id are one number', () => {
    assert.equal(node().get('broker.id'), 1)
    assert.match(nodeFaults(node('broker.id=2'))[0]?.message ?? '', /same number/)
  })

  test('every fault of a file is told; what must be set is missed; an unknown key only warns', () => {
    const faults = BrokerConfig.read(layer('num.partitions=0\nlog.retention.ms=soon\nnode.id=1'))
    assert.ok(!(faults instanceof BrokerConfig))
    assert.deepEqual(
      faults.map(({ key }) => key),
      ['num.partitions', 'log.retention.ms', 'process.roles', 'controller.listener.names'],
    )
    assert.match(nodeWarnings(node('num.partition=3'))[0]?.message ?? '', /^num\.partition is no setting .*Did you mean num\.partitions\?$/)
    const told = (text: string): string => nodeWarnings(node(text))[0]!.message
    assert.match(told('tkafka.status.listner=x'), /Did you mean tkafka\.status\.listener\?/)
    assert.doesNotMatch(told('confluent.balancer.enable=true'), /mean/)
    assert.doesNotMatch(told('log.dirx=/a'), /mean/)
    assert.match(
      told('replica.selector.class=com.example.Nearest'),
      /^replica\.selector\.class=com\.example\.Nearest is not .*: consumers read from leaders$/,
    )
    assert.deepEqual(nodeWarnings(node(`replica.selector.class=${RACK_AWARE_SELECTOR}`)), [])
    assert.deepEqual(nodeWarnings(node('config.providers=env\nconfig.providers.env.class=x')), [])
  })

  test('a dynamic value that cannot be read is left out and told', () => {
    const config = node('num.io.threads=5', { dynamicBroker: layer('num.io.threads=many') })
    assert.equal(config.get('num.io.threads'), 5)
    assert.deepEqual(
      config.faults.map(({ key }) => key),
      ['num.io.threads'],
    )
  })
})

describe('a dynamic setting', () => {
  const retention = (file: string, dynamic: string): number =>
    topicValue(node(file, { dynamicDefault: layer(dynamic) }), layer(''), 'retention.ms')

  test('wins over a synonym of the file', () => {
    assert.equal(retention('log.retention.hours=2', 'log.retention.ms=1000'), 1000)
    const config = node('log.flush.scheduler.interval.ms=5', { dynamicDefault: layer('log.flush.interval.ms=7') })
    assert.equal(topicValue(config, layer(''), 'flush.ms'), 7)
  })

  test('that has no effect is left out and told', () => {
    const told = (dynamic: { dynamicBroker?: Map<string, string>; dynamicDefault?: Map<string, string> }): string[] => {
      const config = node('', dynamic)
      assert.deepEqual([...config.layers.dynamicBroker, ...config.layers.dynamicDefault], [])
      return config.faults.map(({ message }) => message)
    }
    assert.match(told({ dynamicBroker: layer('log.retention.hours=2') })[0]!, /only read when a broker starts/)
    assert.match(told({ dynamicBroker: layer('ssl.keystore.location=/x') })[0]!, /prefix of a listener/)
    assert.match(told({ dynamicDefault: layer('listener.name.a.ssl.keystore.location=/x') })[0]!, /only when set for one/)
    assert.match(told({ dynamicDefault: layer('log.retention.ms=two') })[0]!, /Not a number of type LONG/)
    assert.equal(node('', { dynamicBroker: layer('log.retention.hours=2') }).get('log.retention.hours'), 168)
  })

  test('of one listener leaves the others theirs', () => {
    const config = node('max.connections=5', { dynamicBroker: layer('listener.name.plaintext.max.connections=3') })
    assert.equal(config.get('max.connections', 'PLAINTEXT'), 3)
    assert.equal(config.get('max.connections'), 5)
  })
})

describe('the settings of a topic', () => {
  test('are its own, else the broker’s in whatever unit, the finer unit first', () => {
    const value = (text: string, own = ''): number => topicValue(node(text), layer(own), 'retention.ms')
    assert.equal(value(''), 7 * 86_400_000)
    assert.equal(value('log.retention.hours=1'), 3_600_000)
    assert.equal(value('log.retention.hours=1\nlog.retention.minutes=2'), 120_000)
    assert.equal(value('log.retention.minutes=2\nlog.retention.ms=3'), 3)
    assert.equal(value('log.retention.hours=-1'), -1)
    assert.equal(value('log.retention.ms=3', 'retention.ms=4'), 4)
  })

  test('follow a change of the broker’s while it runs', () => {
    const config = node('log.roll.hours=1').withDynamic({ dynamicDefault: layer('log.roll.ms=5') })
    assert.equal(topicValues(config, new Map()).segmentMs, 5)
  })

  test('fall back when an override cannot be read', () => {
    assert.equal(topicValue(node(), layer('max.message.bytes=x'), 'max.message.bytes'), 1_048_588)
  })

  test('a group’s come from the broker too', () => {
    assert.equal(groupValue(node('group.consumer.session.timeout.ms=50000'), new Map(), 'consumer.session.timeout.ms'), 50_000)
    assert.equal(groupValue(node(), layer('share.auto.offset.reset=earliest'), 'share.auto.offset.reset'), 'earliest')
  })
})

describe('a node does not start when its settings contradict each other', () => {
  const reasons = (text: string): string =>
    nodeFaults(node(text))
      .map(({ message }) => message)
      .join('\n')
  for (const [text, reason] of [
    ['', /^$/],
    ['controller.quorum.voters=', /either controller\.quorum\.bootstrap\.servers/],
    ['controller.quorum.voters=2@localhost:9093', /node id 1 must be included/],
    ['controller.listener.names=OTHER', /No security protocol defined for listener CONTROLLER/],
    ['controller.listener.names=CONTROLLER,OTHER', /only contain values appearing in the 'listeners'/],
    ['process.roles=broker', /just the 'broker' role, the node id 1 must not be included/],
    ['process.roles=controller', /only contain KRaft controller listeners/],
    ['listeners=PLAINTEXT://:9092,CONTROLLER://:9093\nadvertised.listeners=PLAINTEXT://0.0.0.0:9092', /nonroutable/],
    ['listeners=OUTSIDE://:9092,CONTROLLER://:9093', /No security protocol defined for listener OUTSIDE|must be a listener name defined/],
    ['listeners=PLAINTEXT//:9092', /expected NAME:\/\/host:port/],
    ['listeners=PLAINTEXT://:9092,PLAINTEXT://:9093', /different name/],
    ['listeners=PLAINTEXT://:9092,CONTROLLER://:9092', /different port, 9092 is there twice/],
    ['listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://[::1]:9092', /^$/],
    [
      'advertised.listeners=OTHER://h:1\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,OTHER:PLAINTEXT',
      /must be equal to or a subset/,
    ],
    ['replica.fetch.wait.max.ms=40000', /replica\.socket\.timeout\.ms should always be at least/],
    ['log.retention.ms=0', /greater than or equal to 1/],
  ] as const) {
    test(text.replaceAll('\n', ' ') || 'the smallest file is enough', () => assert.match(reasons(text), reason))
  }

  test('a controller listener that is not there is blamed on the one who names it', () => {
    const [fault] = nodeFaults(node('controller.listener.names=CTRL'))
    assert.equal(fault!.key, 'controller.listener.names')
    assert.match(fault!.message, /for listener CONTROLLER, and listeners has no CTRL: is CONTROLLER the one that is meant\?$/)
  })

  test('a file of the time of ZooKeeper is called that, and what to do is said', () => {
    const faults = BrokerConfig.read(layer('broker.id=0\nzookeeper.connect=localhost:2181\nlog.dirs=/tmp/x'))
    assert.ok(Array.isArray(faults))
    assert.deepEqual(
      faults.map(({ key }) => key),
      ['zookeeper.connect'],
    )
    assert.match(faults[0].message, /ZooKeeper.*migrated to KRaft first, with Apache Kafka 3\.9.*set process\.roles/)
  })

  test('a setting of that time that was left in is remarked on', () => {
    const [warning] = nodeWarnings(node('zookeeper.connect=localhost:2181'))
    assert.equal(warning!.message, 'zookeeper.connect is of the time when clusters needed ZooKeeper; it has no effect: remove it')
  })
})
