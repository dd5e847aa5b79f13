import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  directoriesProblem,
  FormatError,
  type FormatOptions,
  formatMetaProperties,
  formatStorage,
  parseInitialControllers,
  parseMetaProperties,
  parseReleaseVersion,
  readBootstrapCheckpoint,
  readDirectories,
  storageInfo,
  unknownReleaseVersion,
} from '../../src/metadata/index.ts'
import { openRaft, VoterSet } from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { kafkaFile } from '../raft/kafka-directories.ts'

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'
const standalone: FormatOptions = {
  clusterId,
  nodeId: 1,
  directories: ['/data'],
  metadataLogDir: '/data',
  quorum: { kind: 'standalone', host: '127.0.0.1', port: 20301 },
  controllerListenerName: 'CONTROLLER',
}
const fixed: FormatOptions = { ...standalone, quorum: { kind: 'static' } }

class Machine {
  readonly world = new World({ seed: 3 })
  host: SimHost = this.world.host('one')

  run<T>(main: (host: SimHost) => Promise<T>): Promise<T> {
    return this.world.run(() => main(this.host))
  }
  async refused(options: FormatOptions): Promise<string> {
    return this.run(async (host) => {
      try {
        await formatStorage(host, options)
      } catch (error) {
        assert.ok(error instanceof FormatError)
        return error.message
      }
      return 'formatted'
    })
  }
  async names(directory: string): Promise<string[]> {
    return this.run(async (host) => (await host.disk.list(directory)).map(({ name }) => name))
  }
}

test('a standalone format writes the files of Apache Kafka, with the same records', async () => {
  const machine = new Machine()
  const result = await machine.run((host) => formatStorage(host, standalone))
  assert.deepEqual(
    result.formatted.map(({ path, kind }) => [path, kind]),
    [['/data', 'dynamic metadata voter']],
  )
  assert.deepEqual(await machine.names('/data'), ['__cluster_metadata-0', 'bootstrap.checkpoint', 'meta.properties'])
  assert.deepEqual(await machine.names('/data/__cluster_metadata-0'), ['00000000000000000000-0000000000.checkpoint'])
  const ours = await machine.run((host) => readBootstrapCheckpoint(host.disk, '/data'))
  await machine.run(async (host) => {
    await host.disk.makeDirectory('/kafka')
    await host.disk.replaceFile('/kafka/bootstrap.checkpoint', kafkaFile('dynamic/bootstrap.checkpoint'))
  })
  const theirs = await machine.run((host) => readBootstrapCheckpoint(host.disk, '/kafka'))
  assert.equal(theirs!.problem, undefined)
  assert.deepEqual(ours, theirs)
  const size = await machine.run((host) => host.disk.stat('/data/bootstrap.checkpoint'))
  assert.equal(size!.bytes, kafkaFile('dynamic/bootstrap.checkpoint').length)
})

test('meta.properties is that of Apache Kafka, byte for byte', () => {
  for (const kind of ['dynamic', 'static']) {
    const text = kafkaFile(`${kind}/meta.properties`).toString()
    const properties = parseMetaProperties(text)
    assert.equal(properties.clusterId, clusterId)
    const written = Date.parse(text.split('\n')[1]!.slice(1))
    assert.equal(formatMetaProperties(properties, written), text)
  }
  const odd = { version: 1, clusterId: ' a:b=c\\#\t!', nodeId: 2, directoryId: undefined } as const
  assert.deepEqual(parseMetaProperties(formatMetaProperties(odd, 0)), odd)
})

test('a meta.properties that lacks or garbles something is refused by name', () => {
  const problems: [string, RegExp][] = [
    ['version=2', /version 2 is not supported/],
    ['version=1\nnode.id=1', /cluster.id was not found/],
    ['version=1\ncluster.id=x', /node.id was not found/],
    ['version=1\ncluster.id=x\nnode.id=one', /node.id one is not a base-10 number/],
    ['version=1\ncluster.id=x\nnode.id=1\ndirectory.id=short', /directory.id short is not a uuid/],
  ]
  for (const [text, message] of problems) assert.throws(() => parseMetaProperties(text), message)
  assert.deepEqual(parseMetaProperties('broker.id=3'), { version: 0, clusterId: undefined, nodeId: 3, directoryId: undefined })
})

test('a formatted directory starts as a quorum of one, also after power was lost right behind the format', async () => {
  const machine = new Machine()
  const result = await machine.run((host) => formatStorage(host, standalone))
  machine.world.crash('one')
  machine.host = machine.world.host('one')
  const [state] = await machine.run((host) => readDirectories(host.disk, ['/data']))
  assert.equal(state!.kind, 'formatted')
  const { directoryId } = result.formatted[0]!
  const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 20301 }]
  const raft = await machine.run((host) =>
    openRaft({ host, logDirectory: '/data', nodeId: 1, directoryId, staticVoters: VoterSet.none, endpoints }),
  )
  await machine.world.runUntil(() => raft.highWatermark === 3)
  assert.equal(raft.kraftVersion, 1)
})

test('several directories get ids of their own, and only the metadata directory the voters', async () => {
  const machine = new Machine()
  const options = { ...standalone, directories: ['/b', '/a'], metadataLogDir: '/b' }
  const { formatted } = await machine.run((host) => formatStorage(host, options))
  assert.deepEqual(
    formatted.map(({ path, kind }) => [path, kind]),
    [
      ['/a', 'data'],
      ['/b', 'dynamic metadata voter'],
    ],
  )
  assert.notEqual(formatted[0]!.directoryId, formatted[1]!.directoryId)
  assert.deepEqual(await machine.names('/a'), ['bootstrap.checkpoint', 'meta.properties'])
  const states = await machine.run((host) => readDirectories(host.disk, ['/a', '/b']))
  assert.equal(directoriesProblem(states, { clusterId, nodeId: 1, someFormatted: true }), undefined)
  assert.match(directoriesProblem(states, { clusterId: 'other' })!, /Invalid cluster.id in: \/a\/meta.properties. Expected other/)
  assert.match(directoriesProblem(states, { nodeId: 7 })!, /Stored node id 1 doesn't match previous node id 7/)
})

test('formatted directories are left alone: an error, or silence with ignoreFormatted', async () => {
  const machine = new Machine()
  await machine.run((host) => formatStorage(host, standalone))
  assert.equal(
    await machine.refused(standalone),
    'Log directory /data is already formatted. Use --ignore-formatted to ignore this directory and format the others.',
  )
  const ignoring = { ...standalone, directories: ['/data', '/more'], ignoreFormatted: true }
  const { formatted } = await machine.run((host) => formatStorage(host, ignoring))
  assert.deepEqual(
    formatted.map(({ path }) => path),
    ['/more'],
  )
  assert.match(
    await machine.refused({ ...ignoring, clusterId: 'AAAAAAAAAAAAAAAAAAAAAg' }),
    /^Invalid cluster.id in: \/data\/meta.properties. Expected AAAAAAAAAAAAAAAAAAAAAg, but read MkU3OEVBNTcwNTJENDM2Qg$/,
  )
})

test('features that do not fit together are refused as Apache Kafka refuses them', async () => {
  const machine = new Machine()
  const feature = (name: string, level: number): FormatOptions => ({ ...standalone, features: new Map([[name, level]]) })
  assert.equal(await machine.refused(feature('transaction.version', 99)), 'No feature:transaction.version with feature level 99')
  assert.match(await machine.refused(feature('no.version', 1)), /^Unsupported feature: no.version. Supported features are: eligible.leader/)
  assert.match(await machine.refused(feature('kraft.version', 0)), /^Cannot set kraft.version to 0 if controller.quorum.voters is empty/)
  const fixedKraft = { ...fixed, features: new Map([['kraft.version', 1]]) }
  assert.match(await machine.refused(fixedKraft), /^Cannot set kraft.version to 1 unless controller.quorum.voters is empty/)
  assert.match(await machine.refused({ ...standalone, metadataVersion: 31 }), /4.4-IV0 is not yet stable/)
  assert.equal(await machine.run((host) => host.disk.stat('/data')), undefined)
})

test('with unstable features a new cluster starts at the newest of them', async () => {
  const machine = new Machine()
  assert.equal((await machine.run((host) => formatStorage(host, { ...standalone, unstableFeatures: true }))).metadataVersion, 31)
})

test('a release stands for its last metadata.version', async () => {
  assert.equal(parseReleaseVersion('4.3'), 30)
  assert.equal(parseReleaseVersion('4.3.1'), 30)
  assert.equal(parseReleaseVersion('3.9'), 21)
  assert.equal(parseReleaseVersion('3.7-IV2'), 17)
  assert.equal(parseReleaseVersion('3.0'), undefined)
  assert.equal(parseReleaseVersion('4.4-IV0'), undefined)
  assert.equal(parseReleaseVersion('4.4-IV0', true), 31)
  assert.match(unknownReleaseVersion('3.0'), /^Unknown metadata.version '3.0'. Supported metadata.version are: 3.3-IV3, .*, 4.3-IV0$/)
  const machine = new Machine()
  const { bootstrap } = await machine.run((host) => formatStorage(host, { ...fixed, metadataVersion: 21 }))
  assert.deepEqual(
    bootstrap.map(({ message }) => 'featureLevel' in message && message.featureLevel),
    [21],
  )
})

test('initial controllers are read, IPv6 too, and refused with a reason', () => {
  assert.deepEqual(parseInitialControllers('2@[::1]:9094:8jVjZheo9HYPkUpiX8-B4w,1@localhost:9093:JEXY6aqzQY-32P5TStzaFg'), [
    { nodeId: 1, host: 'localhost', port: 9093, directoryId: 'JEXY6aqzQY-32P5TStzaFg' },
    { nodeId: 2, host: '::1', port: 9094, directoryId: '8jVjZheo9HYPkUpiX8-B4w' },
  ])
  for (const text of ['', '1@localhost:9093', '1@localhost:99999:JEXY6aqzQY-32P5TStzaFg', '1@h:1:short', 'x@h:1:JEXY6aqzQY-32P5TStzaFg'])
    assert.equal(typeof parseInitialControllers(text), 'string', text)
})

test('storage info tells what is there and what is wrong', async () => {
  const machine = new Machine()
  await machine.run(async (host) => {
    await formatStorage(host, standalone)
    await host.disk.makeDirectory('/bare')
    await host.disk.makeDirectory('/other')
    await host.disk.replaceFile('/other/meta.properties', Buffer.from('version=1\nnode.id=2\ncluster.id=other\n'))
    await host.disk.makeDirectory('/garbled')
    await host.disk.replaceFile('/garbled/meta.properties', Buffer.from('version=9\n'))
  })
  const paths = ['/data', '/bare', '/none', '/other', '/garbled']
  const info = await machine.run((host) => storageInfo(host.disk, paths))
  assert.deepEqual(
    info.directories.map(({ path, state }) => [path, state]),
    [
      ['/bare', 'not formatted'],
      ['/data', 'formatted'],
      ['/garbled', 'failed'],
      ['/none', 'missing'],
      ['/other', 'formatted'],
    ],
  )
  assert.equal(info.metadata!.clusterId, clusterId)
  assert.deepEqual(info.problems, [
    '/bare is not formatted.',
    'Error loading /garbled/meta.properties: version 9 is not supported: 0 and 1 are',
    '/none does not exist',
    'Mismatched cluster IDs between storage directories.',
  ])
})
