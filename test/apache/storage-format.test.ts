import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { encodeRecord, type FormatOptions, formatStorage, parseInitialControllers } from '../../src/metadata/index.ts'
import { openRaft, VoterSet } from '../../src/raft/index.ts'
import { ATTRIBUTES_AT, batchBytes } from '../../src/records/index.ts'
import { withoutApache } from './kafka-home.ts'
import { runTool } from './tools.ts'

const host = nodeHost({ journal: silentJournal })
const folder = mkdtempSync(join(tmpdir(), 'tkafka-format-'))
after(() => rmSync(folder, { recursive: true }))

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'
const bootstrapSnapshot = '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint'

interface Case {
  readonly name: string
  readonly flags: readonly string[]
  readonly properties: string
  readonly options: Pick<FormatOptions, 'quorum'> & Partial<FormatOptions>
  readonly files: readonly string[]
}

const controllers = '1@localhost:9093:JEXY6aqzQY-32P5TStzaFg,2@[::1]:9094:8jVjZheo9HYPkUpiX8-B4w'
const dynamic = 'controller.quorum.bootstrap.servers=127.0.0.1:9093\n'
const cases: readonly Case[] = [
  {
    name: 'standalone',
    flags: ['--standalone'],
    properties: dynamic,
    options: { quorum: { kind: 'standalone', host: '127.0.0.1', port: 9093 } },
    files: ['bootstrap.checkpoint', bootstrapSnapshot],
  },
  {
    name: 'static at 3.9',
    flags: ['--release-version', '3.9'],
    properties: 'controller.quorum.voters=1@127.0.0.1:9093\n',
    options: { quorum: { kind: 'static' }, metadataVersion: 21 },
    files: ['bootstrap.checkpoint'],
  },
  {
    name: 'two initial controllers and a feature',
    flags: ['--initial-controllers', controllers, '--feature', 'transaction.version=1'],
    properties: dynamic,
    options: {
      quorum: { kind: 'initial-controllers', controllers: parseInitialControllers(controllers) as [] },
      features: new Map([['transaction.version', 1]]),
    },
    files: ['bootstrap.checkpoint', bootstrapSnapshot],
  },
]

/** The bytes with checksums and timestamps blotted out: batch times, and the time in a snapshot header. */
const withoutTimes = (bytes: Buffer, directoryId: string): string => {
  const copy = Buffer.from(bytes)
  for (let at = 0; at < copy.length; at += batchBytes(copy, at)) {
    copy.fill(0, at + 17, at + ATTRIBUTES_AT)
    copy.fill(0, at + 27, at + 43)
  }
  const id = copy.indexOf(Buffer.from(directoryId, 'base64url'))
  if (id >= 0) copy.fill(0, id, id + 16)
  // Snapshot header: length, attributes, deltas, key of 4 bytes, value of 11: version and time.
  copy.fill(0, 61 + 1 + 3 + 1 + 4 + 1 + 2, 61 + 1 + 3 + 1 + 4 + 1 + 10)
  return copy.toString('hex')
}

const directoryIdOf = (directory: string): string =>
  /directory\.id=(.*)/.exec(readFileSync(join(directory, 'meta.properties'), 'utf8'))![1]!

describe('formatting, beside Apache Kafka', { skip: withoutApache, concurrency: 2 }, () => {
  for (const { name, flags, properties, options, files } of cases) {
    test(`${name}: the same files, but for ids and times`, async () => {
      const theirs = join(folder, `${name} theirs`.replaceAll(' ', '-'))
      const ours = join(folder, `${name} ours`.replaceAll(' ', '-'))
      const config = `${theirs}.properties`
      writeFileSync(
        config,
        `process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n` +
          `listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\nlog.dirs=${theirs}\n${properties}`,
      )
      const { code, stderr } = await runTool('storage', ['format', '-t', clusterId, '-c', config, ...flags])
      assert.equal(code, 0, stderr)
      const base = { clusterId, nodeId: 1, directories: [ours], metadataLogDir: ours, controllerListenerName: 'CONTROLLER' }
      await formatStorage(host, { ...base, ...options })
      for (const file of files) {
        const [their, our] = [theirs, ours].map((directory) => withoutTimes(readFileSync(join(directory, file)), directoryIdOf(directory)))
        assert.equal(our, their, file)
      }
      const metadata = (directory: string): string =>
        readFileSync(join(directory, 'meta.properties'), 'utf8')
          .replace(/#.*\d\d:.*\n/, '')
          .replace(directoryIdOf(directory), '')
      assert.equal(metadata(ours), metadata(theirs))
      const info = await runTool('storage', ['info', '-c', config.replace(theirs, theirs)])
      assert.equal(info.code, 0)
    })
  }

  test('Apache Kafka decodes our log and our snapshots', async () => {
    const directory = join(folder, 'dumped')
    const quorum = { kind: 'standalone', host: '127.0.0.1', port: 9093 } as const
    const base = { clusterId, nodeId: 1, directories: [directory], metadataLogDir: directory, controllerListenerName: 'CONTROLLER', quorum }
    const { formatted, bootstrap } = await formatStorage(host, base)
    const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }]
    const { directoryId } = formatted[0]!
    const raft = await openRaft({ host, logDirectory: directory, nodeId: 1, directoryId, staticVoters: VoterSet.none, endpoints })
    const records = bootstrap.map((record) => ({ value: encodeRecord(record) }))
    const { promise: committed, resolve } = Promise.withResolvers<void>()
    raft.register({
      onLoadSnapshot: () => {},
      onLeaderChange: ({ leaderId, epoch }) => {
        if (leaderId === 1) raft.append(epoch, records)
      },
      onCommit: (batch) => {
        if (batch.records.length > 0) resolve()
      },
    })
    await committed
    const id = { offset: raft.highWatermark!, epoch: 1 }
    await raft.createSnapshot(
      id,
      Date.now(),
      records.map(({ value }) => value),
    )
    await raft.close()
    const log = join(directory, '__cluster_metadata-0', '00000000000000000000.log')
    const snapshot = join(directory, '__cluster_metadata-0', `${String(id.offset).padStart(20, '0')}-0000000001.checkpoint`)
    const dump = await runTool('dump-log', ['--cluster-metadata-decoder', '--files', `${log},${snapshot}`])
    assert.equal(dump.code, 0, dump.stderr)
    for (const text of [
      'LeaderChange',
      'KRaftVersion',
      'KRaftVoters',
      'SnapshotHeader',
      'SnapshotFooter',
      '"name":"metadata.version","featureLevel":30',
    ]) {
      assert.ok(dump.stdout.includes(text), `${text} in\n${dump.stdout}`)
    }
    assert.ok(!/isvalid: false/.test(dump.stdout))
  })
})
