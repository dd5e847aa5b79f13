import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lostMajority } from '../../src/broker/lost-majority.ts'
import { type Connection, type Network, NetworkError, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { Voter } from '../../src/raft/index.ts'
import { until } from './until.ts'

type Answer = 'accepts' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'ENOTFOUND'

/** Whether node 1 of three finds itself alone while the two others answer so, again and again, look by look. */
const isAlone = async (...answers: readonly (readonly [Answer, Answer])[]): Promise<boolean> => {
  let looks = 0
  const connection = { onData: () => {}, onClose: () => {}, destroy: () => {} } as unknown as Connection
  const network: Pick<Network, 'connect'> = {
    connect: async ({ port }) => {
      const answer = answers[Math.floor(looks++ / 2) % answers.length]![port - 2]!
      if (answer === 'accepts') return connection
      throw new NetworkError(answer, answer)
    },
  }
  const voters = [1, 2, 3].map(
    (id) => ({ id, directoryId: undefined, endpoints: [{ name: 'CONTROLLER', host: 'h', port: id }] }) as unknown as Voter,
  )
  const host = { ...nodeHost({ journal: silentJournal }), network: network as Network }
  const stop = new AbortController()
  let alone = false
  const watched = lostMajority(host, { voters }, { nodeId: 1, controllerListener: 'CONTROLLER' }, stop.signal).then(() => {
    alone = !stop.signal.aborted
  })
  await until(() => alone || looks >= 12, 'it has looked several times')
  stop.abort()
  await watched
  return alone
}

test('a node is alone when all others refuse connections', async () => {
  assert.equal(await isAlone(['ECONNREFUSED', 'ECONNREFUSED']), true)
})

test('a majority with one that accepts is none that is lost', async () => {
  assert.equal(await isAlone(['ECONNREFUSED', 'accepts']), false)
})

test('who does not answer, or is not found, may be there', async () => {
  assert.equal(await isAlone(['ETIMEDOUT', 'ETIMEDOUT']), false)
  assert.equal(await isAlone(['ENOTFOUND', 'ECONNREFUSED']), false)
})

test('who refuses only now and then is there', async () => {
  assert.equal(await isAlone(['ECONNREFUSED', 'ECONNREFUSED'], ['ECONNREFUSED', 'accepts']), false)
})
