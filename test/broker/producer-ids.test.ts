import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProducerIds } from '../../src/broker/producer-ids.ts'
import { Errors } from '../../src/protocol/index.ts'

const world = (blockSize: number) => {
  let nextFirst = 0
  let blocks = 0
  let now = 0
  let isDown = false
  const ids = new ProducerIds(
    async () => {
      blocks++
      await undefined
      if (isDown) throw new Error('no controller')
      const first = nextFirst
      nextFirst += blockSize
      return { first, count: blockSize }
    },
    () => now,
  )
  return { ids, blocks: () => blocks, down: (is: boolean) => (isDown = is), pass: (ms: number) => (now += ms) }
}

test('every id is given once, to however many ask at the same time', async () => {
  const { ids, blocks } = world(10)
  const given = await Promise.all(Array.from({ length: 95 }, () => ids.next()))
  assert.deepEqual(
    given.toSorted((a, b) => a - b),
    Array.from({ length: 95 }, (_, n) => n),
  )
  assert.ok(blocks() <= 11)
})

test('the next block is asked for before the current one is used up, so that its last ids wait for nobody', async () => {
  const { ids, blocks } = world(10)
  for (let n = 0; n < 8; n++) await ids.next()
  assert.equal(blocks(), 1)
  await ids.next()
  assert.equal(blocks(), 2)
})

test('without a controller the client is told to come again, and the controller is not asked by every one of them', async () => {
  const { ids, blocks, down, pass } = world(10)
  down(true)
  for (let n = 0; n < 20; n++) await assert.rejects(ids.next(), { code: Errors.COORDINATOR_LOAD_IN_PROGRESS })
  assert.equal(blocks(), 1)
  down(false)
  pass(50)
  assert.equal(await ids.next(), 0)
})
