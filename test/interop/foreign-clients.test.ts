import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { startJava } from '../apache/java-program.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { goClients, type Installed, npmClients, pythonClients, skipWithout } from './client-cache.ts'
import { ForeignClient } from './foreign-client.ts'
import { type Abilities, foreignSuite, type Stage } from './foreign-suite.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const everything: Abilities = { codecs, staticMembers: 'stay', nullHeaders: true, lacks: [] }

interface Foreign {
  readonly name: string
  readonly abilities: Abilities
  readonly installed: () => Promise<Installed>
  readonly start: (folder: string, bootstrap: string) => ChildProcess
}

const program = (name: string): string => join(import.meta.dirname, 'clients', name)
const inFolder = (command: string, ...args: string[]): ((folder: string, bootstrap: string) => ChildProcess) => {
  return (folder, bootstrap) =>
    spawn(command.replace('~', folder), [...args, bootstrap], { env: { ...process.env, CLIENTS_FOLDER: folder }, stdio: 'pipe' })
}

const clients: readonly Foreign[] = [
  {
    name: 'Java 4.3.1',
    abilities: everything,
    installed: async () => ({ folder: '' }),
    start: (_, bootstrap) => startJava('Client', [bootstrap]),
  },
  {
    name: 'confluent-kafka 2.16.1',
    abilities: everything,
    installed: pythonClients,
    start: inFolder('~/venv/bin/python3', program('confluent_client.py')),
  },
  {
    name: 'kafka-python 3.0.12',
    abilities: { ...everything, nullHeaders: false },
    installed: pythonClients,
    start: inFolder('~/venv/bin/python3', program('kafka_python_client.py')),
  },
  {
    name: 'franz-go 1.22.2',
    abilities: everything,
    installed: goClients,
    start: inFolder('~/client'),
  },
  {
    name: 'kafkajs 2.2.4',
    // Snappy, LZ4 and Zstandard are plug-ins of kafkajs: these are small ones of the test's own.
    abilities: { ...everything, staticMembers: 'none', nullHeaders: false },
    installed: npmClients,
    start: inFolder(process.execPath, program('kafkajs-client.mjs')),
  },
  {
    name: '@platformatic/kafka 2.12.1',
    abilities: { ...everything, staticMembers: 'leave', nullHeaders: false },
    installed: npmClients,
    start: inFolder(process.execPath, program('platformatic-client.mjs')),
  },
]

const stages = await Promise.all(clients.map(async (client) => ({ client, installed: await client.installed() })))

describe('clients of other projects', { skip: withoutApache }, () => {
  let broker: RunningBroker
  let reference: ForeignClient
  const journal = new RecordingJournal()
  before(async () => {
    broker = await runBroker({}, { journal })
    reference = new ForeignClient('Java 4.3.1', startJava('Client', [broker.bootstrap]))
  })
  after(async () => {
    await reference?.[Symbol.asyncDispose]()
    await broker?.[Symbol.asyncDispose]()
  })

  after(() => assert.deepEqual(journal.failures, []))

  for (const { client, installed } of stages) {
    describe(client.name, { skip: skipWithout(installed) }, () => {
      const stage = {} as Stage
      before(() => {
        const { folder } = installed as { folder: string }
        stage.reference = reference
        stage.dataFolder = join(broker.directory, 'data')
        stage.client = new ForeignClient(client.name, client.start(folder, broker.bootstrap))
      })
      after(() => stage.client?.[Symbol.asyncDispose]())
      foreignSuite(client.name, client.abilities, stage)
    })
  }
})
