import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sweepExpiredTokens } from '../../src/controller/index.ts'
import { metadataRecord } from '../../src/metadata/index.ts'
import { Scene } from './scene.ts'

const withTokens = (tokens: Iterable<readonly [string, { expirationTimestamp: number; maxTimestamp: number }]>): Scene => {
  const scene = new Scene()
  for (const [tokenId, times] of tokens)
    scene.state.replay(metadataRecord('DelegationTokenRecord', 0, { tokenId, owner: 'User:a', ...times }), scene.state.nextOffset)
  return scene
}

test('delegation tokens go once their time, or the longest that they may be renewed for, is over', () => {
  const scene = withTokens([
    ['expired', { expirationTimestamp: 999, maxTimestamp: 5000 }],
    ['too old', { expirationTimestamp: 5000, maxTimestamp: 999 }],
    ['just', { expirationTimestamp: 1000, maxTimestamp: 5000 }],
  ])
  assert.equal(scene.commit(sweepExpiredTokens(scene.state, 1000)).again, false)
  assert.deepEqual([...scene.state.image.delegationTokens.keys()], ['just'])
  scene.commit(sweepExpiredTokens(scene.state, 1001))
  assert.equal(scene.state.image.delegationTokens.size, 0)
})

test('a round takes a thousand of them', () => {
  const expired = { expirationTimestamp: 0, maxTimestamp: 0 }
  const scene = withTokens(Array.from({ length: 1500 }, (_, n) => [String(n), expired] as const))
  assert.equal(scene.commit(sweepExpiredTokens(scene.state, 1)).again, true)
  assert.equal(scene.state.image.delegationTokens.size, 500)
  assert.equal(scene.commit(sweepExpiredTokens(scene.state, 1)).again, false)
  assert.equal(scene.state.image.delegationTokens.size, 0)
})
