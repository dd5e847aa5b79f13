import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parentOf } from '../../src/base/index.ts'

test('a path lies in a directory, a name alone in the current one', () => {
  assert.deepEqual(['/a/b', '/a', 'a/b', 'a'].map(parentOf), ['/a', '/', 'a', '.'])
})
