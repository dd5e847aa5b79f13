import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBroker } from '../broker/broker-fixture.ts'
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
  const broker = given === undefined ? await runBroker() : undefined
  const server = given ?? broker!.bootstrap
  const tkafka = (argv: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    run(argv, { ...options, env: { TKAFKA_BOOTSTRAP_SERVER: server, ...options.env } })
  return {
    server,
    folder,
    dataDirectory: broker === undefined ? undefined : join(broker.directory, 'data'),
    tkafka,
    items: async (argv) => {
      const envelope = JSON.parse((await tkafka([...argv, '--json'])).stdout)
      assert.equal(envelope.apiVersion, 'tkafka/v1')
      return envelope.items
    },
    close: async () => {
      await broker?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A name that no other run has. */
export const uniqueName = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}`
