import assert from 'node:assert/strict'
import { it } from 'node:test'
import { networkLoad } from '../../src/bench/network-load.ts'
import type { Admin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Errors, KafkaError } from '../../src/protocol/index.ts'

it('the way to each broker is told, whichever of them cannot be reached', async () => {
  const nodes = new Map([3, 1, 2].map((id) => [id, { id, host: `broker-${id}`, port: 9092 }]))
  const send = async (broker: number): Promise<unknown> => {
    if (broker === 1) throw new KafkaError(Errors.NETWORK_EXCEPTION, 'cannot connect')
    return {}
  }
  const admin = { cluster: { view: { nodes }, send } } as unknown as Admin
  const host = nodeHost({ journal: silentJournal })
  const found = await networkLoad({ host, admin, trips: 3, bytes: 0, pieceBytes: 1024, stop: new AbortController().signal })
  assert.deepEqual(
    found.map(({ item, error, value }) => [item, error?.name ?? null, value?.roundTrip.count ?? null]),
    [
      [1, 'NETWORK_EXCEPTION', null],
      [2, null, 3],
      [3, null, 3],
    ],
  )
})
