import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedProperties, startNode } from '../../src/broker/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { freePorts } from '../apache/free-port.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

/** Commands with a cluster to talk to: that of TKAFKA_TEST_BROKER, or a broker of this process. */
export interface TestCluster {
  readonly server: string
  /** Goes with the cluster. */
  readonly folder: string
  /** The data directory, when the broker is of this process. */
  readonly dataDirectory: string | undefined
  tkafka(argv: readonly string[], options?: RunOptions): Promise<Ran>
  /** The items of `--json`. */
  items(argv: readonly string[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

export async function openCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-cli-'))
  const given = process.env.TKAFKA_TEST_BROKER
  const [port] = given === undefined ? await freePorts(2) : [0]
  const dataDirectory = given === undefined ? join(folder, 'data') : undefined
  const node =
    dataDirectory === undefined
      ? undefined
      : await startNode({
          ...{ host: nodeHost({ journal: silentJournal }), properties: embeddedProperties(dataDirectory, port!) },
          ...{ hostName: '127.0.0.1', formatWhenNew: true },
        })
  const server = given ?? `127.0.0.1:${port}`
  const tkafka = (argv: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    run(argv, { ...options, env: { TKAFKA_BOOTSTRAP_SERVER: server, ...options.env } })
  return {
    server,
    folder,
    dataDirectory,
    tkafka,
    items: async (argv) => {
      const envelope = JSON.parse((await tkafka([...argv, '--json'])).stdout)
      assert.equal(envelope.apiVersion, 'tkafka/v1')
      return envelope.items
    },
    close: async () => {
      await node?.broker.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A name that no other run has. */
export const uniqueName = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}`
